DROP TABLE signing_keys;
DROP TABLE spent_tokens;
-- Programs that act for a person are no browsers: they are signed out.
DELETE FROM sessions WHERE kind <> 'browser';
DROP INDEX sessions_of_parent;
ALTER TABLE sessions DROP COLUMN parent_id;
ALTER TABLE sessions DROP COLUMN name;
ALTER TABLE sessions DROP COLUMN kind;
