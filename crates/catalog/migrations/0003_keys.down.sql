DROP TABLE keys;
DELETE FROM sequences WHERE noun = 'key';
