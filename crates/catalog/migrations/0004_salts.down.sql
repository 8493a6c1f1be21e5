DROP TABLE salts;
