-- Trainings of forecasts: what was tried, on what, how well it did, and which version serves.
CREATE TABLE trainings (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- What is forecast: metric and filters, in the one spelling of the API.
    series TEXT NOT NULL,
    -- Counts upwards from 1 within a series.
    version BIGINT NOT NULL,
    -- done, failed or cancelled
    outcome TEXT NOT NULL,
    -- 1 for the version that forecasts are made with, else 0.
    serves BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    -- Which model, or the ensemble.
    recipe TEXT NOT NULL,
    -- Parameters, data range, figures of the backtest and the decision, as JSON.
    report TEXT NOT NULL,
    PRIMARY KEY (project_id, series, version)
);

-- What was forecast on which day, kept to be compared with what came.
CREATE TABLE forecasts (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    series TEXT NOT NULL,
    -- The local day on which it was made.
    made_on TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- The days with their intervals, as JSON.
    steps TEXT NOT NULL,
    PRIMARY KEY (project_id, series, made_on)
);
