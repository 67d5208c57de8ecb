-- Rounds of voting on a contract of a panel: one is opened with the contract, the chair closes it, and where it gives no majority
-- opens another. Votes of a round that is closed do not change any more.
CREATE TABLE expert_review_rounds (
    expert_review_id BIGINT NOT NULL REFERENCES expert_reviews (id),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- From 1 on; the last one is the one that counts.
    round BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by TEXT NOT NULL,
    -- While voting is open, none of these.
    closed_at BIGINT,
    closed_by TEXT,
    entitled BIGINT,
    votes BIGINT,
    PRIMARY KEY (expert_review_id, contract_id, round)
);
-- What was concluded before was closed by its conclusion; what was not goes on in its first round.
INSERT INTO expert_review_rounds
    (expert_review_id, contract_id, round, opened_at, opened_by, closed_at, closed_by, entitled, votes)
SELECT c.expert_review_id, c.contract_id, 1, c.added_at, r.convened_by,
    CASE WHEN c.state = 'concluded' THEN c.ended_at END, CASE WHEN c.state = 'concluded' THEN c.ended_by END,
    c.entitled, c.votes
FROM expert_review_contracts c JOIN expert_reviews r ON r.id = c.expert_review_id;
-- One opinion a round; SQLite changes a constraint by another table.
CREATE TABLE expert_opinions_by_round (
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
    round BIGINT NOT NULL DEFAULT 1,
    UNIQUE (expert_review_id, contract_id, username, round)
);
INSERT INTO expert_opinions_by_round (id, expert_review_id, contract_id, username, vote, contract_type, subtype, technology_amount_fen, text, given_at, salt, digest)
SELECT id, expert_review_id, contract_id, username, vote, contract_type, subtype, technology_amount_fen, text, given_at, salt, digest FROM expert_opinions;
DROP TABLE expert_opinions;
ALTER TABLE expert_opinions_by_round RENAME TO expert_opinions;
