-- Keys with four scopes and an end, and keys of the whole instance, which belong to no project.
CREATE TABLE keys_of_scopes (
    id BIGINT NOT NULL PRIMARY KEY,
    -- Null for a key of the whole instance.
    project_id BIGINT REFERENCES projects (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    secret_hash TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
INSERT INTO keys_of_scopes
    SELECT id, project_id, CASE scope WHEN 'stats' THEN 'stats:read' ELSE scope END, prefix,
        secret_hash, name, created_at, NULL, last_used_at, revoked_at
    FROM keys;
DROP TABLE keys;
ALTER TABLE keys_of_scopes RENAME TO keys;
CREATE INDEX keys_of_project ON keys (project_id);
