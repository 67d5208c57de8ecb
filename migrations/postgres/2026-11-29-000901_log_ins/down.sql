ALTER TABLE users DROP COLUMN first_password_since;
DROP TABLE login_networks;
ALTER TABLE login_failures DROP COLUMN last_at;
ALTER TABLE sessions DROP COLUMN client;
ALTER TABLE sessions DROP COLUMN address;
