DROP INDEX contracts_by_contested_number;
ALTER TABLE contracts DROP COLUMN contested_national_number;
