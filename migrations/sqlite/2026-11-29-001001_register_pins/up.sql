-- How the rows of the register looked before entries of the ledger bound them: a thousand subjects a row, pinned by one entry that the
-- program writes once all migrations have run. A row of kind 'due' says that it has not yet.
CREATE TABLE register_pins (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    first_number BIGINT,
    last_number BIGINT,
    digests TEXT NOT NULL
);
CREATE INDEX register_pins_by_number ON register_pins (kind, first_number);

INSERT INTO register_pins (id, kind, digests)
SELECT -1, 'due', ''
WHERE EXISTS (SELECT 1 FROM ledger) OR EXISTS (SELECT 1 FROM contracts) OR EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM agencies) OR EXISTS (SELECT 1 FROM registrars) OR EXISTS (SELECT 1 FROM reference_figures) OR EXISTS (SELECT 1 FROM activities);
