-- Hosts that were shown to be their project's own. A host that leaves a project takes nothing with
-- it: a row counts while the host is among the project's.
CREATE TABLE site_verifications (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    -- file, meta or snippet
    proof TEXT NOT NULL,
    verified_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, host)
);
