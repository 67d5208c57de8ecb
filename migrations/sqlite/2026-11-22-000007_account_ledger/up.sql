-- Rises with every change of the account that is shown: the base of If-Match.
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- 1 while the password is one that somebody else gave: nothing but changing it is allowed until then.
ALTER TABLE users ADD COLUMN must_change_password BIGINT NOT NULL DEFAULT 0;

-- Hashes of earlier passwords, as many as the policy asks for, so that none of them is taken again.
CREATE TABLE password_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id BIGINT NOT NULL REFERENCES users (id),
    password_hash TEXT NOT NULL
);
CREATE INDEX password_history_by_user ON password_history (user_id, id);

-- What happened to accounts and agencies: a chain of its own, by the same rules as `ledger`. Append-only: see the triggers below.
CREATE TABLE account_ledger (
    sequence INTEGER NOT NULL PRIMARY KEY,
    entry TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TRIGGER account_ledger_refuses_update BEFORE UPDATE ON account_ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE refused');
END;
CREATE TRIGGER account_ledger_refuses_delete BEFORE DELETE ON account_ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: DELETE refused');
END;
-- REPLACE deletes without firing the delete trigger, so it is stopped before.
CREATE TRIGGER account_ledger_refuses_replace BEFORE INSERT ON account_ledger
WHEN EXISTS (SELECT 1 FROM account_ledger WHERE sequence = NEW.sequence)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only: REPLACE refused');
END;
