-- What serving processes last saw of the time, a row for each start of a machine: so that a clock set forward while nobody served is
-- told from a register that was quiet. `uptime` is how long the machine had been running then, microseconds.
CREATE TABLE clock_marks (
    boot TEXT NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    uptime BIGINT NOT NULL
);
