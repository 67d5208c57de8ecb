-- Who an account is beside its name: for mail, and for an expert's conflicts of interest.
ALTER TABLE users ADD COLUMN full_name TEXT;
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN employer TEXT;
ALTER TABLE users ADD COLUMN employer_uscc TEXT;
-- Set while the account may not log in.
ALTER TABLE users ADD COLUMN locked_at BIGINT;

-- Since when the reviewer has had it in hand.
ALTER TABLE contracts ADD COLUMN claimed_at BIGINT;
-- What experts concluded on the current submission: JSON.
ALTER TABLE contracts ADD COLUMN expert_conclusion TEXT;
-- Key of the one change request that is not decided.
ALTER TABLE contracts ADD COLUMN open_change_request BIGINT;
