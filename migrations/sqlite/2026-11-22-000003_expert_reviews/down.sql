DROP TABLE expert_opinions;
DROP TABLE expert_recusals;
DROP TABLE expert_review_contracts;
DROP TABLE expert_review_members;
DROP TABLE expert_reviews;
