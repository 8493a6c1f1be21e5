//! Every limit on the shape of an event, with its unit in its name. Limits of queues, connections
//! and questions stand beside the code that keeps them.

/// Longest name of an event, characters.
pub const NAME_CHARS_MAX: usize = 120;
/// Longest page address accepted, bytes.
pub const URL_BYTES_MAX: usize = 2_000;
/// Referrers are cut to this, bytes.
pub const REFERRER_BYTES_MAX: usize = 2_000;
/// Any other text column is cut to this, bytes.
pub const TEXT_BYTES_MAX: usize = 1_000;
/// Most properties of one event.
pub const PROPERTIES_MAX: usize = 30;
/// Longest property name, bytes.
pub const PROPERTY_NAME_BYTES_MAX: usize = 300;
/// Longest property value, bytes; longer ones are cut.
pub const PROPERTY_VALUE_BYTES_MAX: usize = 2_000;
/// Longest engaged time that one event may report: 30 days, milliseconds.
pub const ENGAGED_MS_MAX: i64 = 30 * 24 * 3600 * 1000;
/// How far in the past a client's own time is accepted, seconds.
pub const EVENT_AGE_MAX_S: i64 = 72 * 3600;
/// The longest gap inside a visit unless the project says otherwise, seconds.
pub const VISIT_GAP_DEFAULT_S: i64 = 1_800;
