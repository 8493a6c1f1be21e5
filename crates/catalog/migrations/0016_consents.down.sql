DROP TABLE consents;
DELETE FROM sequences WHERE noun = 'consent';
