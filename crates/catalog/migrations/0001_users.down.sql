DROP TABLE setup;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE changes;
DROP TABLE sequences;
