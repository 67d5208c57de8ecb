DROP TABLE edition_contracts;
DROP TABLE editions;
DROP FUNCTION edition_is_closed();
