-- When a checkpoint of the ledgers was made last by a sweep: one row at most.
CREATE TABLE checkpoint_rounds (
    made_at BIGINT NOT NULL PRIMARY KEY
);
