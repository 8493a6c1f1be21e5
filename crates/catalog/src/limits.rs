//! Every limit of the catalog, with its unit in its name. Limits on events are the model's.

/// Shortest password, characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password, characters: hashing a longer one would cost an attacker less than us.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Password hashes computed at the same moment; each takes 19 MiB.
pub const PASSWORD_HASHES_AT_ONCE: usize = 2;
/// Callers that may wait for a password hash; further ones are told to come back later.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 64;
/// Longest name of a user, a project or a key, characters.
pub const NAME_CHARS_MAX: usize = 100;
/// Longest e-mail address, bytes (RFC 5321).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Longest host name, bytes (RFC 1035).
pub const HOST_BYTES_MAX: usize = 253;
/// Most hosts of one project.
pub const PROJECT_HOSTS_MAX: usize = 100;
/// Most drop rules of one project.
pub const DROP_RULES_MAX: usize = 500;
/// Most parameters of addresses that a project keeps.
pub const QUERY_PARAMETERS_MAX: usize = 50;
/// Longest name of one, bytes.
pub const QUERY_PARAMETER_BYTES_MAX: usize = 100;
/// Most hidden dimensions, and most origins that may ask, of one project.
pub const VISIBILITY_LIST_MAX: usize = 50;
/// Longest value of a drop rule, bytes.
pub const DROP_RULE_BYTES_MAX: usize = 500;
/// Most keys of one project that are not revoked.
pub const PROJECT_KEYS_MAX: usize = 100;
/// Shortest and longest gap inside a visit that a project may choose, seconds.
pub const VISIT_GAP_RANGE_S: std::ops::RangeInclusive<i64> = 60..=86_400;
/// A session ends after this long without a request: 14 days, seconds.
pub const SESSION_IDLE_MAX_S: i64 = 14 * 86_400;
/// A session ends after this long in any case: 90 days, seconds.
pub const SESSION_AGE_MAX_S: i64 = 90 * 86_400;
/// A session's or key's last use is written down at most this often, seconds.
pub const LAST_USE_STEP_S: i64 = 60;
/// Most sessions of one user; signing in once more ends the one unused for longest.
pub const USER_SESSIONS_MAX: i64 = 50;
/// A salt is destroyed this long after it was made: 48 hours, seconds.
pub const SALT_AGE_MAX_S: i64 = 48 * 3600;
/// How long events are kept unless a project chooses: two years, days.
pub const RETENTION_DAYS_DEFAULT: u32 = 730;
/// The days for which a project may keep events, beside keeping them for ever.
pub const RETENTION_DAYS_RANGE: std::ops::RangeInclusive<u32> = 1..=36_500;
/// Shortest instance secret, characters.
pub const SECRET_CHARS_MIN: usize = 32;
/// Connections that read the catalog at the same time.
pub const READERS_MAX: u32 = 4;
/// How long a connection waits for another writer, milliseconds.
pub const BUSY_TIMEOUT_MS: u32 = 5_000;
/// How long a request waits for a connection to the database.
pub const ACQUIRE_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(5);
/// Most rows of counts taken in one call.
pub const EVENT_COUNTS_BATCH_MAX: usize = 10_000;
/// Most anomalies kept of one project.
pub const PROJECT_ANOMALIES_MAX: i64 = 1_000;
/// Most trainings kept of one forecast series.
pub const SERIES_TRAININGS_MAX: i64 = 100;
/// Most decisions of visitors kept of one project.
pub const CONSENTS_MAX: i64 = 1_000_000;
/// Most goals, segments or funnels of one project, each.
pub const SAVED_MAX: usize = 200;
/// Longest definition of one of them, bytes.
pub const DEFINITION_BYTES_MAX: usize = 16_384;
/// Users of one instance.
pub const USERS_MAX: i64 = 10_000;
/// An invitation can be accepted for this long: 7 days, seconds.
pub const INVITATION_AGE_MAX_S: i64 = 7 * 86_400;
/// Invitations that wait at the same time.
pub const INVITATIONS_MAX: i64 = 500;
/// A link that sets a new password works for this long: one hour, seconds.
pub const RESET_AGE_MAX_S: i64 = 3_600;
/// Seconds for which one code of a second factor is shown (RFC 6238).
pub const CODE_STEP_S: i64 = 30;
/// Steps before and after the present whose codes are accepted, for clocks that differ.
pub const CODE_STEPS_ASIDE: i64 = 1;
/// Recovery codes that are made at once.
pub const RECOVERY_CODES: usize = 10;
/// Longest life of a key that has an end: ten years, seconds.
pub const KEY_AGE_MAX_S: i64 = 10 * 366 * 86_400;
/// Keys of the whole instance that are not revoked.
pub const INSTANCE_KEYS_MAX: usize = 100;
/// Longest name of a device that a session is known by, characters.
pub const DEVICE_CHARS_MAX: usize = 80;
/// Entries of the audit log read at once.
pub const AUDIT_PAGE_MAX: i64 = 1_000;
/// Longest that an access token may be good: a day, seconds.
pub const ACCESS_TOKEN_AGE_MAX_S: i64 = 86_400;
/// Spent refresh tokens that are remembered of one session. At one every quarter of an hour they
/// reach back for longer than a session can live.
pub const SPENT_TOKENS_MAX: i64 = 10_000;
