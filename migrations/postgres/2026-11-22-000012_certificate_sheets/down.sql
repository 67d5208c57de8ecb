ALTER TABLE registration_certificates DROP COLUMN sheet;
