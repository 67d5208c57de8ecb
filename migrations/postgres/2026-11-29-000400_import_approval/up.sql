-- Imports that would change what was ever confirmed wait for a reviewer. `version` rises with each preview and each decision;
-- `digest` is that of the differences last previewed; `concealed` counts, by code, the wrong cells that only the register's contracts
-- tell of. Imports of before have neither differences nor decisions.
ALTER TABLE import_jobs ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE import_jobs ADD COLUMN reason TEXT;
ALTER TABLE import_jobs ADD COLUMN to_approve BIGINT NOT NULL DEFAULT 0;
ALTER TABLE import_jobs ADD COLUMN concealed TEXT NOT NULL DEFAULT '{}';
ALTER TABLE import_jobs ADD COLUMN digest TEXT;
ALTER TABLE import_jobs ADD COLUMN decided_by TEXT;
ALTER TABLE import_jobs ADD COLUMN decided_at BIGINT;
ALTER TABLE import_jobs ADD COLUMN decision_reason TEXT;
-- What such an import would change, contract by contract, as it was previewed last.
CREATE TABLE import_differences (
    import_id BIGINT NOT NULL REFERENCES import_jobs (id),
    position BIGINT NOT NULL,
    contract_id BIGINT NOT NULL,
    difference TEXT NOT NULL,
    PRIMARY KEY (import_id, position)
);
