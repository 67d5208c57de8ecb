-- The suspension that is not over, as registrar_suspensions tells of it: read with every account, so it stands beside the certificate.
ALTER TABLE registrars ADD COLUMN suspended_from DATE;
ALTER TABLE registrars ADD COLUMN suspended_until DATE;
CREATE INDEX registrars_by_expiry ON registrars (valid_until);
CREATE INDEX registrars_by_agency ON registrars (agency_id, id);

-- Stretches of validity, first and last day included: one of the issue, one of each renewal. After a lapse there is a gap between two.
CREATE TABLE registrar_periods (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    registrar_id BIGINT NOT NULL REFERENCES registrars (id),
    from_on DATE NOT NULL,
    until_on DATE
);
CREATE INDEX registrar_periods_by_registrar ON registrar_periods (registrar_id, id);
INSERT INTO registrar_periods (registrar_id, from_on, until_on)
    SELECT id, issued_on, valid_until FROM registrars ORDER BY id;

-- Stretches in which a certificate gives no right. Nothing is deleted: a lifted one says when and why.
CREATE TABLE registrar_suspensions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    registrar_id BIGINT NOT NULL REFERENCES registrars (id),
    from_on DATE NOT NULL,
    until_on DATE,
    reason TEXT NOT NULL,
    suspended_at BIGINT NOT NULL,
    suspended_by TEXT NOT NULL,
    lifted_at BIGINT,
    lifted_by TEXT,
    lift_reason TEXT
);
CREATE INDEX registrar_suspensions_by_registrar ON registrar_suspensions (registrar_id, id);

-- Reminders of an expiry that were given: how many days before which last day.
CREATE TABLE registrar_reminders (
    registrar_id BIGINT NOT NULL REFERENCES registrars (id),
    valid_until DATE NOT NULL,
    days BIGINT NOT NULL,
    reminded_on DATE NOT NULL,
    PRIMARY KEY (registrar_id, valid_until, days)
);

CREATE TABLE trainings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    held_on DATE NOT NULL,
    minutes BIGINT NOT NULL,
    place TEXT,
    organiser TEXT,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX trainings_by_day ON trainings (held_on);

-- Who took part: a registrar, or someone of an agency who holds no certificate yet.
CREATE TABLE training_participants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    training_id BIGINT NOT NULL REFERENCES trainings (id),
    registrar_id BIGINT REFERENCES registrars (id),
    name TEXT NOT NULL,
    agency_id BIGINT NOT NULL REFERENCES agencies (id),
    minutes BIGINT NOT NULL,
    score BIGINT,
    passed BIGINT
);
CREATE UNIQUE INDEX training_participants_by_registrar ON training_participants (training_id, registrar_id);
CREATE UNIQUE INDEX training_participants_by_name ON training_participants (training_id, name, agency_id) WHERE registrar_id IS NULL;
CREATE INDEX training_participants_of_registrar ON training_participants (registrar_id, training_id);

-- Notices of a deadline that were given: how many days before (past, where negative) which last day; to nobody in particular where
-- nobody had claimed the contract.
CREATE TABLE deadline_notices (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    due_on DATE NOT NULL,
    days BIGINT NOT NULL,
    noticed_on DATE NOT NULL,
    claimer TEXT,
    PRIMARY KEY (contract_id, due_on, days)
);
CREATE INDEX deadline_notices_by_day ON deadline_notices (noticed_on, claimer);

-- Work queues. Decided contracts, nearly all of a register, are in none of these; a query must name the states in the same words.
CREATE INDEX contracts_in_hand ON contracts (agency_id, state, id)
    WHERE state IN ('draft', 'returned', 'submitted', 'under_review', 'expert_review');
CREATE INDEX contracts_undecided ON contracts (state, due_on, id)
    WHERE state IN ('submitted', 'under_review', 'expert_review');
CREATE INDEX contracts_with_request ON contracts (agency_id, id) WHERE open_change_request IS NOT NULL;
