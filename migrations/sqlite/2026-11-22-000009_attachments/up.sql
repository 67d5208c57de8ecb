-- What contracts stand on. The content is a file in the folder of the files, under its hash.
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    added_by TEXT NOT NULL,
    added_at BIGINT NOT NULL
);
CREATE INDEX attachments_by_contract ON attachments (contract_id, id);
CREATE INDEX attachments_by_content ON attachments (sha256);
