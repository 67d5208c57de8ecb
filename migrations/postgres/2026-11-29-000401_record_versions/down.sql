ALTER TABLE report_paragraphs DROP COLUMN version;
ALTER TABLE reference_figures DROP COLUMN version;
ALTER TABLE activities DROP COLUMN version;
ALTER TABLE follow_ups DROP COLUMN version;
