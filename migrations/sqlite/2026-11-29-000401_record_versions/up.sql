-- What statisticians keep has versions: of two who change one the second is told. A version is the sequence of the ledger's entry that
-- wrote it, so that what was removed and recorded anew is not taken for what it was; what was there before has 1.
ALTER TABLE follow_ups ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE activities ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE reference_figures ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE report_paragraphs ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
