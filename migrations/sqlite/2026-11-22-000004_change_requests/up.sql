-- What an agency asks to be changed in a confirmed contract, and what became of it. Moments are microseconds since 1970 in UTC.
CREATE TABLE change_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    -- amend or cancel.
    kind TEXT NOT NULL,
    -- open, approved, refused, withdrawn; closed where the contract left `confirmed` otherwise.
    state TEXT NOT NULL,
    -- For amend: the merge patch as it came, and the content that it makes of base_revision, both canonical JSON.
    changes TEXT,
    content TEXT,
    -- For cancel: code list cancellation_ground.
    ground TEXT,
    reason TEXT NOT NULL,
    -- Keys of attachments of the contract, JSON.
    attachments TEXT NOT NULL,
    -- Version and revision of the contract that the request was made on.
    base_version BIGINT NOT NULL,
    base_revision BIGINT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    decision_reason TEXT,
    document_number TEXT
);
CREATE INDEX change_requests_by_contract ON change_requests (contract_id, id);
CREATE INDEX change_requests_by_state ON change_requests (state, id);
-- One open request at a time.
CREATE UNIQUE INDEX change_requests_one_open ON change_requests (contract_id) WHERE state = 'open';

-- Registrations restored after a revocation or a cancellation: from ended_at up to reinstated_at the contract was not in force.
CREATE TABLE reinstatements (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    reinstated_at BIGINT NOT NULL,
    -- revoked or cancelled.
    from_state TEXT NOT NULL,
    ended_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    document_number TEXT NOT NULL
);
CREATE INDEX reinstatements_by_time ON reinstatements (reinstated_at);
CREATE INDEX reinstatements_by_contract ON reinstatements (contract_id, id);

-- Numbers that the national system gave, as they were reported; a correction is another row, and the last one holds.
CREATE TABLE national_reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    national_number TEXT NOT NULL,
    reported_on DATE NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX national_reports_by_contract ON national_reports (contract_id, id);
