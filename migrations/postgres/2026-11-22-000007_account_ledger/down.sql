DROP TABLE account_ledger;
DROP TABLE password_history;
ALTER TABLE users DROP COLUMN must_change_password;
ALTER TABLE users DROP COLUMN version;
