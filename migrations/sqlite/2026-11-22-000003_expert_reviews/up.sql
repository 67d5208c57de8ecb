-- Expert panels 专家论证: who sits, on which contracts, who stays out of which, what each said, what was concluded.
CREATE TABLE expert_reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    held_on DATE NOT NULL,
    chair TEXT NOT NULL,
    convened_by TEXT NOT NULL,
    -- open, closed
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);

CREATE TABLE expert_review_members (
    expert_review_id BIGINT NOT NULL REFERENCES expert_reviews (id),
    username TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    -- Set where the expert stays out of the whole panel: contracts that join it later, too.
    recusal_reason TEXT,
    PRIMARY KEY (expert_review_id, username)
);
CREATE INDEX expert_review_members_by_name ON expert_review_members (username, expert_review_id);

CREATE TABLE expert_review_contracts (
    expert_review_id BIGINT NOT NULL REFERENCES expert_reviews (id),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- open, concluded, recalled
    state TEXT NOT NULL,
    -- The contract's rule set: quorum and majority.
    rule_set TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    -- Of a concluded one: how many were entitled to vote and how many did, and the conclusion as JSON.
    entitled BIGINT,
    votes BIGINT,
    conclusion TEXT,
    -- Of a concluded or recalled one.
    reason TEXT,
    ended_at BIGINT,
    ended_by TEXT,
    PRIMARY KEY (expert_review_id, contract_id)
);
CREATE INDEX expert_review_contracts_by_contract ON expert_review_contracts (contract_id, expert_review_id);
-- A contract is before one panel at a time.
CREATE UNIQUE INDEX expert_review_contracts_open ON expert_review_contracts (contract_id) WHERE state = 'open';
CREATE INDEX expert_review_contracts_by_conclusion ON expert_review_contracts (ended_at) WHERE state = 'concluded';

CREATE TABLE expert_recusals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    expert_review_id BIGINT NOT NULL REFERENCES expert_reviews (id),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    username TEXT NOT NULL,
    -- declared, computed
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    UNIQUE (expert_review_id, contract_id, username)
);

CREATE TABLE expert_opinions (
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
