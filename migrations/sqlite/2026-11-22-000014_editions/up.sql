-- Closed editions of a year's statistics (年报版次): frozen, never changed.
CREATE TABLE editions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL,
    -- 1, 2, 3 … within the year.
    edition BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    closed_by TEXT NOT NULL,
    note TEXT,
    -- JSON: which items of the checklist were overridden, and why.
    overrides TEXT NOT NULL,
    -- JSON: the checklist as it was.
    checklist TEXT NOT NULL,
    -- The end of the ledger when the figures were computed, before the entry of the closing itself.
    ledger_sequence BIGINT NOT NULL,
    ledger_hash TEXT NOT NULL,
    -- Canonical JSON of the exact figures, and its SHA-256.
    figures TEXT NOT NULL,
    figures_hash TEXT NOT NULL,
    -- JSON: the report as it was, its sentences, labels and added paragraphs.
    report TEXT NOT NULL,
    -- How many contracts of the year were counted, and SHA-256 of the lines "key revision" of them.
    contracts BIGINT NOT NULL,
    contracts_hash TEXT NOT NULL,
    -- JSON: conclusions of experts, revocations and reinstatements of the year.
    events TEXT NOT NULL,
    UNIQUE (year, edition)
);

-- Which revision of which contract an edition counted, by year of first confirmation (of all years that its figures are made of).
-- Many contracts a row, since there may be millions: JSON [key, revision, step, revision, step, revision, …], a step being the
-- difference from the key before.
CREATE TABLE edition_contracts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    edition_id BIGINT NOT NULL REFERENCES editions (id),
    year INTEGER NOT NULL,
    first_contract_id BIGINT NOT NULL,
    contracts TEXT NOT NULL,
    UNIQUE (edition_id, year, first_contract_id)
);

CREATE TRIGGER editions_refuses_update BEFORE UPDATE ON editions
BEGIN
    SELECT RAISE(ABORT, 'an edition is closed: UPDATE refused');
END;
CREATE TRIGGER editions_refuses_delete BEFORE DELETE ON editions
BEGIN
    SELECT RAISE(ABORT, 'an edition is closed: DELETE refused');
END;
CREATE TRIGGER edition_contracts_refuses_update BEFORE UPDATE ON edition_contracts
BEGIN
    SELECT RAISE(ABORT, 'an edition is closed: UPDATE refused');
END;
CREATE TRIGGER edition_contracts_refuses_delete BEFORE DELETE ON edition_contracts
BEGIN
    SELECT RAISE(ABORT, 'an edition is closed: DELETE refused');
END;
