-- The register: agencies and registrars, accounts, contracts and their revisions, what statistics count, the ledger.
-- Moments (_at) are microseconds since 1970-01-01T00:00:00Z; amounts (_fen) are fen (0.01 yuan); dates are Beijing time's.

CREATE TABLE agencies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code TEXT UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE registrars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    certificate_number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    agency_id BIGINT NOT NULL REFERENCES agencies (id),
    issued_on DATE NOT NULL,
    valid_until DATE,
    last_training_on DATE
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    agency_id BIGINT REFERENCES agencies (id),
    -- A certificate belongs to one account.
    registrar_id BIGINT UNIQUE REFERENCES registrars (id),
    created_at BIGINT NOT NULL,
    password_changed_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Refresh tokens are kept as SHA-256 only; a used one stays, so that its reuse is noticed.
CREATE TABLE refresh_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    issued_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Failed log-ins per account and per address, counted within a window.
CREATE TABLE login_failures (
    subject TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    window_started_at BIGINT NOT NULL
);

CREATE TABLE contracts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL,
    registration_number TEXT UNIQUE,
    national_number TEXT UNIQUE,
    agency_id BIGINT REFERENCES agencies (id),
    registrar_certificate TEXT,
    rule_set TEXT,
    entered_by TEXT,
    submitted_by TEXT,
    claimed_by TEXT,
    confirmed_by TEXT,
    created_at BIGINT NOT NULL,
    submitted_at BIGINT,
    due_on DATE,
    confirmed_at BIGINT,
    confirmed_year INTEGER,
    expert_concluded_at BIGINT,
    -- JSON, set while the contract is returned, refused, or revoked or cancelled.
    returned TEXT,
    refusal TEXT,
    ended TEXT,
    -- Copies of the current revision's content, for filters and search.
    type TEXT,
    unit TEXT,
    field TEXT,
    amount_fen BIGINT,
    search_text TEXT NOT NULL,
    -- SHA-256 of the contract as a row of the register: tells an import whether the row is there already.
    row_digest TEXT NOT NULL
);
CREATE INDEX contracts_by_row_digest ON contracts (row_digest) WHERE registration_number IS NULL;
CREATE INDEX contracts_by_state ON contracts (state, id);
CREATE INDEX contracts_by_agency ON contracts (agency_id, id);
CREATE INDEX contracts_by_year ON contracts (confirmed_year, id);
CREATE INDEX contracts_by_unit ON contracts (unit, id);
CREATE INDEX contracts_by_claimer ON contracts (claimed_by, id);
CREATE INDEX contracts_by_due ON contracts (due_on, id);
CREATE INDEX contracts_by_submission ON contracts (submitted_at, id);
CREATE INDEX contracts_by_confirmation ON contracts (confirmed_at, id);
CREATE INDEX contracts_by_amount ON contracts (amount_fen, id);
CREATE INDEX contracts_by_expert_conclusion ON contracts (expert_concluded_at) WHERE expert_concluded_at IS NOT NULL;

-- Content of a contract, whole per revision, as canonical JSON.
CREATE TABLE contract_revisions (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    revision BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (contract_id, revision)
) WITHOUT ROWID;

-- What statistics count: the stretches of business time in which a revision of a confirmed contract is in force.
-- A stretch contains its start, not its end.
CREATE TABLE standings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    revision BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    first_confirmed_at BIGINT NOT NULL,
    year INTEGER NOT NULL,
    amount_fen BIGINT NOT NULL,
    technology_amount_fen BIGINT,
    unit TEXT,
    type TEXT,
    plan_source TEXT,
    seller_kind TEXT,
    field TEXT,
    flow TEXT NOT NULL,
    cross_border TEXT
);
CREATE INDEX standings_by_contract ON standings (contract_id);
CREATE INDEX standings_by_year ON standings (year);

-- Revocations and cancellations as they were made, whatever became of them later.
CREATE TABLE endings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    ended_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    ground TEXT,
    amount_fen BIGINT NOT NULL
);
CREATE INDEX endings_by_time ON endings (ended_at);
CREATE INDEX endings_by_contract ON endings (contract_id);

-- Last number given per agency and year; live numbers begin at 500001.
CREATE TABLE number_sequences (
    agency_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency_code, year)
);

CREATE TABLE follow_ups (
    registration_number TEXT NOT NULL,
    survey_year INTEGER NOT NULL,
    -- The row as JSON (domain: FollowUpRow).
    content TEXT NOT NULL,
    PRIMARY KEY (registration_number, survey_year)
);
CREATE INDEX follow_ups_by_year ON follow_ups (survey_year);

-- `occurrence` counts activities that agree in kind, date, name and unit.
CREATE TABLE activities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    held_on DATE NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    occurrence BIGINT NOT NULL,
    -- The row as JSON (domain: ActivityRow).
    content TEXT NOT NULL,
    UNIQUE (kind, held_on, name, unit, occurrence)
);
CREATE INDEX activities_by_date ON activities (held_on);

CREATE TABLE reference_figures (
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    fen BIGINT NOT NULL,
    note TEXT,
    PRIMARY KEY (kind, year)
);

-- Answers already given to requests with an Idempotency-Key, written in the transaction of the work itself.
CREATE TABLE idempotency_keys (
    username TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    etag TEXT,
    location TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (username, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Append-only: see the triggers below.
CREATE TABLE ledger (
    sequence INTEGER NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- Which entries are about which contract.
CREATE TABLE ledger_subjects (
    sequence INTEGER NOT NULL PRIMARY KEY,
    contract_id BIGINT NOT NULL
);
CREATE INDEX ledger_subjects_by_contract ON ledger_subjects (contract_id, sequence);

CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE refused');
END;
CREATE TRIGGER ledger_refuses_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: DELETE refused');
END;
-- REPLACE deletes without firing the delete trigger, so it is stopped before.
CREATE TRIGGER ledger_refuses_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: REPLACE refused');
END;
CREATE TRIGGER ledger_subjects_refuses_update BEFORE UPDATE ON ledger_subjects
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE refused');
END;
CREATE TRIGGER ledger_subjects_refuses_delete BEFORE DELETE ON ledger_subjects
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: DELETE refused');
END;
CREATE TRIGGER ledger_subjects_refuses_replace BEFORE INSERT ON ledger_subjects
WHEN EXISTS (SELECT 1 FROM ledger_subjects WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: REPLACE refused');
END;
