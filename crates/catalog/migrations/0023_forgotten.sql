-- Whoever was forgotten is forgotten by the log of decisions too: the entry stays, and says of nobody.
DELETE FROM consents WHERE state <> 'forgotten' AND EXISTS (
    SELECT 1 FROM consents AS later WHERE later.project_id = consents.project_id
    AND later.visitor = consents.visitor AND later.state = 'forgotten' AND later.id > consents.id
);
UPDATE consents SET visitor = 0 WHERE state = 'forgotten';
