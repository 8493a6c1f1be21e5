-- People who sign in, their sessions, and the one token that makes the first of them.
-- Instants are microseconds since 1970 in UTC. Hashes are lower-case hexadecimal text, because
-- SQLite and PostgreSQL spell binary columns differently and this text runs on both.

-- Ids are handed out from here, never by the database: a deleted row's id is never given again.
CREATE TABLE sequences (
    noun TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO sequences (noun, next) VALUES ('user', 1);
INSERT INTO sequences (noun, next) VALUES ('session', 1);

-- One row. Its number grows with every change that a running server must notice.
CREATE TABLE changes (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO changes (id, version) VALUES (1, 0);

CREATE TABLE users (
    id BIGINT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    -- The address in lower case: what is unique and looked up.
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id BIGINT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);

-- At most one row. `closed_at` is set for ever by the first owner.
CREATE TABLE setup (
    id BIGINT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT
);
