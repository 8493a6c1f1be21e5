-- The weights of a training whose recipe is the network; other recipes have none.
CREATE TABLE networks (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    series TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- Base64 of what the network writes of itself, which carries its own version.
    weights TEXT NOT NULL,
    PRIMARY KEY (project_id, series, version)
);

-- The country whose public holidays the forecasts of a project know.
CREATE TABLE holiday_calendars (
    project_id BIGINT NOT NULL PRIMARY KEY REFERENCES projects (id) ON DELETE CASCADE,
    -- ISO 3166, two capital letters.
    country TEXT NOT NULL
);

-- What the watch has noticed in the hours of a project.
CREATE TABLE anomalies (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- Which metric was watched.
    metric TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    noticed_at BIGINT NOT NULL,
    -- Everything else, as JSON.
    details TEXT NOT NULL,
    PRIMARY KEY (project_id, metric, started_at)
);
