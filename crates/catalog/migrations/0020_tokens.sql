-- Sessions of programs that act for a person. Such a session's token is a refresh token, which is
-- another one after every use; the ones before are kept to be recognised when they come again.
ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'browser';
ALTER TABLE sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
-- The session of a browser that it was made with and ends with; null when a password made it.
ALTER TABLE sessions ADD COLUMN parent_id BIGINT REFERENCES sessions (id) ON DELETE CASCADE;
CREATE INDEX sessions_of_parent ON sessions (parent_id);

CREATE TABLE spent_tokens (
    token_hash TEXT NOT NULL PRIMARY KEY,
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    spent_at BIGINT NOT NULL
);
CREATE INDEX spent_tokens_of_session ON spent_tokens (session_id, spent_at);

-- Keys that sign access tokens. The private half is sealed under the instance's secret.
CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Since when it signs no more; null for the one that signs.
    retired_at BIGINT
);
