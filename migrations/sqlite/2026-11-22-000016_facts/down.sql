DROP INDEX contracts_refused;
DROP TABLE returns;
