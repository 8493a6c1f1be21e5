-- How long a project's events are kept. A project without a row has the default.
CREATE TABLE retention (
    project_id BIGINT NOT NULL PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    -- Whole local days beside today; 0 keeps events for ever.
    days BIGINT NOT NULL
);
