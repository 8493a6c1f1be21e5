-- Keys of scopes and kinds that were not known are gone, and those that had an end end now.
CREATE TABLE keys_before (
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
INSERT INTO keys_before
    SELECT id, project_id, CASE scope WHEN 'stats:read' THEN 'stats' ELSE scope END, prefix,
        secret_hash, name, created_at, last_used_at, revoked_at
    FROM keys
    WHERE project_id IS NOT NULL AND scope IN ('ingest', 'stats:read') AND expires_at IS NULL;
DROP TABLE keys;
ALTER TABLE keys_before RENAME TO keys;
CREATE INDEX keys_of_project ON keys (project_id);
