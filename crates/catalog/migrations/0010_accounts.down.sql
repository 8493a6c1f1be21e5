-- The audit log goes with it: write it out first (`almanac audit list`).
DROP TABLE audit;
DROP TABLE password_resets;
DROP TABLE invitation_grants;
DROP TABLE invitations;
DROP TABLE grants;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE sessions DROP COLUMN place;
ALTER TABLE sessions DROP COLUMN device;
-- Who reached granted projects only, or was switched off, must not reach all of them now.
DELETE FROM users WHERE reach <> 'all' OR disabled_at IS NOT NULL;
ALTER TABLE users DROP COLUMN disabled_at;
ALTER TABLE users DROP COLUMN reach;
DELETE FROM sequences WHERE noun IN ('invitation', 'audit');
