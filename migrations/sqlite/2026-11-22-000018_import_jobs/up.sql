-- Files that people hand in to be imported. The content is a file in the folder of the files, under its hash, as long as
-- `file_kept` is 1; `errors` holds the first wrong cells as JSON. Yes and no are 1 and 0.
CREATE TABLE import_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file_kept BIGINT NOT NULL,
    username TEXT NOT NULL,
    role TEXT NOT NULL,
    dry_run BIGINT NOT NULL,
    corrects BIGINT NOT NULL,
    state TEXT NOT NULL,
    rows_total BIGINT,
    rows_done BIGINT NOT NULL,
    added BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    flagged BIGINT NOT NULL,
    errors TEXT NOT NULL,
    errors_total BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX import_jobs_by_state ON import_jobs (state, id);
CREATE INDEX import_jobs_by_content ON import_jobs (sha256);
