DELETE FROM expert_opinions WHERE round > 1;
CREATE TABLE expert_opinions_of_one_round (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    expert_review_id BIGINT NOT NULL REFERENCES expert_reviews (id),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    username TEXT NOT NULL,
    -- recognise, recognise_with_changes, not_recognise
    vote TEXT NOT NULL,
    contract_type TEXT,
    subtype TEXT,
    technology_amount_fen BIGINT,
    text TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    -- The ledger has the digest alone while opinions are blind; the salt keeps it from being guessed.
    salt TEXT NOT NULL,
    digest TEXT NOT NULL,
    UNIQUE (expert_review_id, contract_id, username)
);
INSERT INTO expert_opinions_of_one_round (id, expert_review_id, contract_id, username, vote, contract_type, subtype, technology_amount_fen, text, given_at, salt, digest)
SELECT id, expert_review_id, contract_id, username, vote, contract_type, subtype, technology_amount_fen, text, given_at, salt, digest FROM expert_opinions;
DROP TABLE expert_opinions;
ALTER TABLE expert_opinions_of_one_round RENAME TO expert_opinions;
DROP TABLE expert_review_rounds;
