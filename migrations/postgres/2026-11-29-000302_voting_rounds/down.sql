DELETE FROM expert_opinions WHERE round > 1;
ALTER TABLE expert_opinions DROP CONSTRAINT expert_opinions_by_round;
ALTER TABLE expert_opinions DROP COLUMN round;
ALTER TABLE expert_opinions ADD CONSTRAINT expert_opinions_expert_review_id_contract_id_username_key
    UNIQUE (expert_review_id, contract_id, username);
DROP TABLE expert_review_rounds;
