-- Parameters of a page's address that are kept as a part of its name, one a line.
ALTER TABLE projects ADD COLUMN query_parameters TEXT NOT NULL DEFAULT '';
