DROP TABLE import_differences;
ALTER TABLE import_jobs DROP COLUMN decision_reason;
ALTER TABLE import_jobs DROP COLUMN decided_at;
ALTER TABLE import_jobs DROP COLUMN decided_by;
ALTER TABLE import_jobs DROP COLUMN digest;
ALTER TABLE import_jobs DROP COLUMN concealed;
ALTER TABLE import_jobs DROP COLUMN to_approve;
ALTER TABLE import_jobs DROP COLUMN reason;
ALTER TABLE import_jobs DROP COLUMN version;
