-- Second factors, devices of sessions, what members reach, invitations, resets, and the audit log.
INSERT INTO sequences (noun, next) VALUES ('invitation', 1);
INSERT INTO sequences (noun, next) VALUES ('audit', 1);

-- all: every project with the user's role; granted: only the projects in `grants`.
ALTER TABLE users ADD COLUMN reach TEXT NOT NULL DEFAULT 'all';
ALTER TABLE users ADD COLUMN disabled_at BIGINT;

-- What a person recognises a session by. The place is a country's two letters; never an address.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN place TEXT NOT NULL DEFAULT '';

CREATE TABLE second_factors (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- The secret of the codes, sealed under the instance's secret.
    sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Null until the first code was right: only then is it asked for.
    confirmed_at BIGINT,
    -- The newest step of time whose code was used: no code works twice.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    code_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_of_user ON recovery_codes (user_id);

CREATE TABLE grants (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, project_id)
);

CREATE TABLE invitations (
    id BIGINT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    reach TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE invitation_grants (
    invitation_id BIGINT NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    PRIMARY KEY (invitation_id, project_id)
);

-- At most one for each user; a new one takes the place of the old.
CREATE TABLE password_resets (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Only ever added to. Each row's hash covers the row and the hash before it, keyed with the
-- instance's secret: whoever changes the file without the secret is found out.
CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    place TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- JSON, or empty.
    before_text TEXT NOT NULL,
    after_text TEXT NOT NULL,
    hash TEXT NOT NULL
);
