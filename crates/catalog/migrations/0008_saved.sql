-- What a project has saved for its questions: goals, segments and funnels, by name.
INSERT INTO sequences (noun, next) VALUES ('saved', 1);

CREATE TABLE saved (
    id BIGINT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    -- goal, segment or funnel
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON, whose meaning is the business of questions.
    definition TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (project_id, kind, name)
);
