-- Texts are searched as a reader sees them (domain: text::key). The program fills these columns, contracts.search_text and
-- contract_likeness anew for what is there, in the transaction of this migration.
ALTER TABLE agencies ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
CREATE INDEX agencies_by_name_key ON agencies (name_key);
ALTER TABLE registrars ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
