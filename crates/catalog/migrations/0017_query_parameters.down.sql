ALTER TABLE projects DROP COLUMN query_parameters;
