DROP TABLE drop_rules;
DROP TABLE project_hosts;
DROP TABLE projects;
DELETE FROM sequences WHERE noun IN ('project', 'drop_rule');
