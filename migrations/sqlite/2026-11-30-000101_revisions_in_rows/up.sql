-- Contents are longer than what a page of an index keeps of a row, so that in a table without row ids nearly every one had a page of its
-- own, three quarters of it empty.
CREATE TABLE revisions_in_rows (
    contract_id BIGINT NOT NULL REFERENCES contracts (id),
    revision BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (contract_id, revision)
);
INSERT INTO revisions_in_rows (contract_id, revision, recorded_at, recorded_by, content)
SELECT contract_id, revision, recorded_at, recorded_by, content FROM contract_revisions ORDER BY contract_id, revision;
DROP TABLE contract_revisions;
ALTER TABLE revisions_in_rows RENAME TO contract_revisions;
