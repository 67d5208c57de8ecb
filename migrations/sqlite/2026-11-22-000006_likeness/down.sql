DROP TABLE contract_likeness;
