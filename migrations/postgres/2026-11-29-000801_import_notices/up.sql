-- What a person should know of a file that was taken all the same: hidden rows, rows that are no records, doubtful cells.
ALTER TABLE import_jobs ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
