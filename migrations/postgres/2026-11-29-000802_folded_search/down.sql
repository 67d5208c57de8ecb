ALTER TABLE registrars DROP COLUMN search_text;
DROP INDEX agencies_by_name_key;
ALTER TABLE agencies DROP COLUMN name_key;
