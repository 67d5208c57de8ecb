DROP TABLE edition_contracts;
DROP TABLE editions;
