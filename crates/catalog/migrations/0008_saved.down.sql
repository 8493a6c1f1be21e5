DROP TABLE saved;
DELETE FROM sequences WHERE noun = 'saved';
