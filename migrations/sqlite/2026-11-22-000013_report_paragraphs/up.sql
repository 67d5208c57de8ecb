-- Paragraphs that staff add to a year's report.
CREATE TABLE report_paragraphs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL,
    -- Id of the chapter at whose end it stands, and its place among those there.
    chapter TEXT NOT NULL,
    position BIGINT NOT NULL,
    -- Its words, figures in double braces.
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
);
CREATE INDEX report_paragraphs_by_year ON report_paragraphs (year, id);
