-- Projects, the hosts whose events they take, and the events they drop.
INSERT INTO sequences (noun, next) VALUES ('project', 1);
INSERT INTO sequences (noun, next) VALUES ('drop_rule', 1);

CREATE TABLE projects (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    identity TEXT NOT NULL,
    visit_gap_s BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A host belongs to one project. The one in position 0 is the project's domain.
CREATE TABLE project_hosts (
    host TEXT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    position BIGINT NOT NULL
);
CREATE INDEX project_hosts_of_project ON project_hosts (project_id);

CREATE TABLE drop_rules (
    id BIGINT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, kind, value)
);
