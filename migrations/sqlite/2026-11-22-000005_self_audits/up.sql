-- Self-audits: a sample of a year's registrations, handed out, judged, and what came of it.

CREATE TABLE self_audits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    year INTEGER NOT NULL,
    -- drawn, completed or abandoned.
    state TEXT NOT NULL,
    -- JSON (domain: Filter, Design with its seed, Stratum one by one).
    filter TEXT NOT NULL,
    design TEXT NOT NULL,
    strata TEXT NOT NULL,
    -- SHA-256 of what was drawn from, and of what was drawn: see docs/SELF-AUDIT.md.
    population_digest TEXT NOT NULL,
    sample_digest TEXT NOT NULL,
    -- Usernames to whom the contracts were handed out: JSON.
    auditors TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- As of when the population was taken.
    drawn_at BIGINT NOT NULL,
    -- Who completed or abandoned it, when, and what they said: JSON.
    ended_by TEXT,
    ended_at BIGINT,
    ending TEXT
);
CREATE INDEX self_audits_by_year ON self_audits (year, id);

CREATE TABLE self_audit_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    self_audit_id BIGINT NOT NULL REFERENCES self_audits (id),
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- Revision in force and its amount when the contract was drawn.
    revision BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL,
    -- Index in the audit's strata.
    stratum BIGINT NOT NULL,
    assigned_to TEXT,
    -- open, right or wrong.
    state TEXT NOT NULL,
    -- What completion did with a wrong one: revoked, or already_ended.
    outcome TEXT,
    UNIQUE (self_audit_id, contract_id)
);
CREATE INDEX self_audit_items_by_auditor ON self_audit_items (self_audit_id, assigned_to, id);
CREATE INDEX self_audit_items_by_state ON self_audit_items (self_audit_id, state, id);
CREATE INDEX self_audit_items_by_contract ON self_audit_items (contract_id);

-- The verdict on an item; an earlier one that its finder replaced is in the ledger.
CREATE TABLE self_audit_findings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    self_audit_id BIGINT NOT NULL REFERENCES self_audits (id),
    item_id BIGINT NOT NULL UNIQUE REFERENCES self_audit_items (id),
    verdict TEXT NOT NULL,
    ground TEXT,
    note TEXT,
    document_number TEXT,
    served_on DATE,
    found_by TEXT NOT NULL,
    found_at BIGINT NOT NULL
);
CREATE INDEX self_audit_findings_by_audit ON self_audit_findings (self_audit_id, id);
