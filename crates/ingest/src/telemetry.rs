//! How much a tool tells about its calls: the levels of telemetry, the fields that each may carry,
//! and the words that those fields may hold. Reading them from the wire is the front door's
//! business.

/// How much an event may say. A higher level includes the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Which tool, in which version, and whether it worked.
    #[default]
    Minimal,
    /// Also how long it took, for which service, from a cache, where, and what kind of error.
    Standard,
    /// Also a summary of the parameters and the session.
    Detailed,
}

impl Level {
    /// Every level, the lowest first.
    pub const ALL: [Self; 3] = [Self::Minimal, Self::Standard, Self::Detailed];

    /// The word for the level on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Standard => "standard",
            Self::Detailed => "detailed",
        }
    }

    /// The level that a word means, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = |level: &Self| level.name().eq_ignore_ascii_case(name.trim());
        Self::ALL.into_iter().find(wanted)
    }
}

/// How a call may end.
pub const STATUSES: &[&str] = &["success", "error", "timeout", "cancelled"];

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A short name of letters, digits and `. _ - : / @ +`: never a sentence, so never a message.
    Name {
        /// Its longest form, characters.
        chars_max: usize,
    },
    /// One of these words, in any case.
    OneOf(&'static [&'static str]),
    /// A number from zero to this.
    Number {
        /// The largest.
        max: f64,
    },
    /// True or false.
    Truth,
    /// Two letters of ISO 3166-1.
    Country,
    /// A UUID.
    Uuid,
    /// Milliseconds since 1970, or an RFC 3339 time.
    Time,
    /// An object of texts, numbers and truth values, nested at most [`SUMMARY_DEPTH_MAX`] deep.
    Summary,
}

/// Deepest nesting of a summary of parameters, objects inside objects.
pub const SUMMARY_DEPTH_MAX: usize = 4;
/// Longest text in a summary of parameters, characters.
pub const SUMMARY_TEXT_CHARS_MAX: usize = 200;
/// Longest call, milliseconds: a day.
const DURATION_MS_MAX: f64 = 86_400_000.0;

/// One field of an event of telemetry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// The lowest level that may carry it.
    pub level: Level,
    /// Whether every event has it.
    pub is_required: bool,
    /// What it holds.
    pub shape: Shape,
}

const fn field(name: &'static str, level: Level, shape: Shape) -> Field {
    let is_required = false;
    Field {
        name,
        level,
        is_required,
        shape,
    }
}

const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        level: Level::Minimal,
        is_required: true,
        shape,
    }
}

/// Every field that an event may carry. What is not here is refused.
pub const FIELDS: &[Field] = &[
    field("event_id", Level::Minimal, Shape::Uuid),
    field("project", Level::Minimal, Shape::Name { chars_max: 253 }),
    field(
        "level",
        Level::Minimal,
        Shape::OneOf(&["minimal", "standard", "detailed"]),
    ),
    field("timestamp", Level::Minimal, Shape::Time),
    field("installation_id", Level::Minimal, Shape::Uuid),
    required("tool", Shape::Name { chars_max: 100 }),
    required("status", Shape::OneOf(STATUSES)),
    required("version", Shape::Name { chars_max: 50 }),
    field(
        "duration_ms",
        Level::Standard,
        Shape::Number {
            max: DURATION_MS_MAX,
        },
    ),
    field("service", Level::Standard, Shape::Name { chars_max: 100 }),
    field("cache_hit", Level::Standard, Shape::Truth),
    field(
        "error_type",
        Level::Standard,
        Shape::Name { chars_max: 100 },
    ),
    field("country", Level::Standard, Shape::Country),
    field("parameters", Level::Detailed, Shape::Summary),
    field("session_id", Level::Detailed, Shape::Name { chars_max: 64 }),
];

/// The field of that name.
pub fn field_named(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}
