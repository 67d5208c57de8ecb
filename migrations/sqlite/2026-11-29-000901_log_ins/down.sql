DROP TABLE login_networks;
ALTER TABLE login_failures DROP COLUMN last_at;
ALTER TABLE sessions DROP COLUMN client;
ALTER TABLE sessions DROP COLUMN address;
