-- Daily salts of cookieless projects, sealed under the instance's secret, as hexadecimal text.
CREATE TABLE salts (
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, day)
);
