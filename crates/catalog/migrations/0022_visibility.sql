-- What of a project is shown to whom. A project without a row hides nothing and lets no page ask.
CREATE TABLE visibility (
    project_id BIGINT NOT NULL PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    -- Names of dimensions, one a line.
    masked TEXT NOT NULL,
    -- The least role that sees them.
    unmasked_from TEXT NOT NULL,
    -- Origins of pages that may ask with a stats key, one a line.
    stats_origins TEXT NOT NULL
);
