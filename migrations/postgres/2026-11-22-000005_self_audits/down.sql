DROP TABLE self_audit_findings;
DROP TABLE self_audit_items;
DROP TABLE self_audits;
