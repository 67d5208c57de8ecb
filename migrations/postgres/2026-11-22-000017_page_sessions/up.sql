-- Sessions of people at the pages, by the SHA-256 of what their cookie holds; `seen_at` tells how long one has been idle.
CREATE TABLE page_sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    seen_at BIGINT NOT NULL
);
CREATE INDEX page_sessions_by_session ON page_sessions (session_id);
