-- What stands on a certificate, as JSON, kept when it is made out: later changes of names and settings leave the paper as it is.
-- Certificates from before have none until they are printed again.
ALTER TABLE registration_certificates ADD COLUMN sheet TEXT;
