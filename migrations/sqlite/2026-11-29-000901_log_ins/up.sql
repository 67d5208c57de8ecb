-- Where a session was opened, for whom it belongs to.
ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN client TEXT;

-- Waits grow with every failure, and run from the last one. What was counted before is as old as its window.
ALTER TABLE login_failures ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
UPDATE login_failures SET last_at = window_started_at;

-- Networks from which an account has logged in: there, guesses at its name are counted apart from those of strangers.
CREATE TABLE login_networks (
    user_id BIGINT NOT NULL REFERENCES users (id),
    network TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, network)
);

-- First passwords run out from now on. Who was given one before has the whole time from today, whenever it was given: nobody who could
-- log in yesterday is kept out today.
ALTER TABLE users ADD COLUMN first_password_since BIGINT;
UPDATE users SET first_password_since = unixepoch() * 1000000 WHERE must_change_password <> 0;
