-- Keys of programs. The secret itself is shown once and kept nowhere.
INSERT INTO sequences (noun, next) VALUES ('key', 1);

CREATE TABLE keys (
    id BIGINT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX keys_of_project ON keys (project_id);
