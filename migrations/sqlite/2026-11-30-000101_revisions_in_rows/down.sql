CREATE TABLE revisions_by_key (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    revision BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (contract_id, revision)
) WITHOUT ROWID;
INSERT INTO revisions_by_key (contract_id, revision, recorded_at, recorded_by, content)
SELECT contract_id, revision, recorded_at, recorded_by, content FROM contract_revisions ORDER BY contract_id, revision;
DROP TABLE contract_revisions;
ALTER TABLE revisions_by_key RENAME TO contract_revisions;
