ALTER TABLE contracts DROP COLUMN open_change_request;
ALTER TABLE contracts DROP COLUMN expert_conclusion;
ALTER TABLE contracts DROP COLUMN claimed_at;
ALTER TABLE users DROP COLUMN locked_at;
ALTER TABLE users DROP COLUMN employer_uscc;
ALTER TABLE users DROP COLUMN employer;
ALTER TABLE users DROP COLUMN email;
ALTER TABLE users DROP COLUMN full_name;
