-- What became of every event that was received. Project 0 stands for events whose project is
-- unknown, which is why there is no reference to `projects`.
CREATE TABLE event_counts (
    project_id BIGINT NOT NULL,
    -- Start of the hour, seconds since 1970 in UTC.
    hour BIGINT NOT NULL,
    -- received, accepted, duplicate or refused
    outcome TEXT NOT NULL,
    -- Why it was refused; empty for every other outcome.
    reason TEXT NOT NULL,
    events BIGINT NOT NULL,
    PRIMARY KEY (project_id, hour, outcome, reason)
);
