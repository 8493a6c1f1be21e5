//! What is said of a program that was taken for one: by what it was told, and how it is called. How
//! it is told is the business of the steps and of the lists of user agents.

/// By what a bot was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BotSort {
    /// It says so: a crawler, a monitor, a reader of feeds.
    Crawler,
    /// A browser that nobody looks at, or the program that drives one.
    Headless,
    /// In an access log, an HTTP library or a client without a name.
    Library,
    /// Its address is in one of the ranges that the operator supplied.
    DataCentre,
    /// It viewed pages faster than a person can.
    Timing,
}

impl BotSort {
    /// Every sort.
    pub const ALL: [Self; 5] = [
        Self::Crawler,
        Self::Headless,
        Self::Library,
        Self::DataCentre,
        Self::Timing,
    ];

    /// The sort's one spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crawler => "crawler",
            Self::Headless => "headless",
            Self::Library => "library",
            Self::DataCentre => "data_centre",
            Self::Timing => "timing",
        }
    }
}

/// A bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bot {
    /// By what it was told.
    pub sort: BotSort,
    /// How it calls itself, or the browser that it claims to be; may be empty.
    pub name: String,
}

impl Bot {
    /// A bot of that sort and name.
    pub fn new(sort: BotSort, name: &str) -> Self {
        Self {
            sort,
            name: name.to_owned(),
        }
    }
}
