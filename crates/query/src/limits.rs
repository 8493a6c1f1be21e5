//! Every limit on a question, with its unit. A question beyond one is refused with the limit in the
//! message; nothing is cut silently. Memory and time are the engine's and the server's business.

/// Most dimensions of one question.
pub const DIMENSIONS_MAX: usize = 6;
/// How deep `and`, `or` and `not` may be nested.
pub const FILTER_DEPTH_MAX: usize = 8;
/// Most comparisons in one question's filters.
pub const FILTER_CLAUSES_MAX: usize = 100;
/// Most values in one comparison.
pub const FILTER_VALUES_MAX: usize = 1_000;
/// Longest value of a comparison, bytes.
pub const FILTER_VALUE_BYTES_MAX: usize = 2_000;
/// Longest regular expression, bytes.
pub const PATTERN_BYTES_MAX: usize = 500;
/// Most memory that a compiled regular expression may take, bytes.
pub const PATTERN_COMPILED_BYTES_MAX: usize = 1 << 20;
/// Most parts of an order.
pub const ORDER_MAX: usize = 8;
/// Longest range, years of 366 days.
pub const RANGE_YEARS_MAX: i64 = 30;
/// Longest preset of days (`…d`), the same span in days.
pub const PRESET_DAYS_MAX: i64 = RANGE_YEARS_MAX * 366;
/// Longest preset of months (`…mo`).
pub const PRESET_MONTHS_MAX: i64 = RANGE_YEARS_MAX * 12;
/// Most buckets that a time dimension may make.
pub const TIME_BUCKETS_MAX: i64 = 12_000;
/// Most rows of one page, and how many there are unless the question says otherwise.
pub const PAGE_ROWS_MAX: usize = 10_000;
/// Most rows that may be left out before a page.
pub const OFFSET_MAX: usize = 1_000_000_000;
/// Most characters of the caller's own text repeated in a message.
pub const ECHO_CHARS_MAX: usize = 80;
/// Longest formula of a metric, bytes.
pub const FORMULA_BYTES_MAX: usize = 500;
/// How deep a formula may be nested.
pub const FORMULA_DEPTH_MAX: usize = 32;
/// Longest name of a formula, characters.
pub const FORMULA_NAME_CHARS_MAX: usize = 60;
/// Most decimals that a formula may show.
pub const FORMULA_DECIMALS_MAX: usize = 6;
/// Most metrics of one question.
pub const METRICS_MAX: usize = 50;
/// Most currencies of one answer; those with the fewest events are left out beyond it.
pub const CURRENCIES_MAX: usize = 16;
/// Most entries of each list of what a project has.
pub const INVENTORY_ROWS_MAX: usize = 1_000;
/// Fewest steps of a funnel.
pub const FUNNEL_STEPS_MIN: usize = 2;
/// Most steps of a funnel.
pub const FUNNEL_STEPS_MAX: usize = 16;
/// Groups of a funnel's breakdown unless the question says otherwise.
pub const FUNNEL_GROUPS_DEFAULT: usize = 10;
/// Longest window of a funnel, lookback or half-life, days.
pub const WINDOW_DAYS_MAX: i64 = 365;
/// Most periods of a question for retention.
pub const RETENTION_PERIODS_MAX: usize = 400;
/// Steps of a journey beside the first unless the question says otherwise.
pub const JOURNEY_DEPTH_DEFAULT: usize = 4;
/// Most steps of a journey beside the first.
pub const JOURNEY_DEPTH_MAX: usize = 10;
/// Names of each step of a journey unless the question says otherwise.
pub const JOURNEY_NAMES_DEFAULT: usize = 10;
/// Most names of each step of a journey.
pub const JOURNEY_NAMES_MAX: usize = 50;
/// Most patterns that group the steps of a journey.
pub const JOURNEY_GROUPS_MAX: usize = 50;
