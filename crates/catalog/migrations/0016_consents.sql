-- What visitors decided about a persistent id, and when. A visitor is the hash that events carry;
-- who somebody is stands nowhere.
INSERT INTO sequences (noun, next) VALUES ('consent', 1);

CREATE TABLE consents (
    id BIGINT NOT NULL PRIMARY KEY,
    project_id BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    visitor BIGINT NOT NULL,
    -- granted, denied or forgotten
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX consents_of_project ON consents (project_id, id);
CREATE INDEX consents_of_visitor ON consents (project_id, visitor, id);
