//! Conditions on events, as a tree. A condition on a visit's dimension is a condition on every
//! event of that visit. Negated operators of the wire are `Not` around the positive ones here.

use crate::Dimension;

/// Which events a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every part holds; with no parts, everything matches.
    And(Vec<Filter>),
    /// Some part holds; with no parts, nothing matches.
    Or(Vec<Filter>),
    /// The part does not hold.
    Not(Box<Filter>),
    /// A dimension has one of some values.
    Match(Match),
}

impl Filter {
    /// The filter that lets everything pass.
    pub fn everything() -> Self {
        Self::And(Vec::new())
    }
}

/// One comparison of a dimension with a list of values, any of which may fit. The blank value of a
/// dimension is the empty text here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Match {
    /// What is compared. Never a time bucket.
    pub dimension: Dimension,
    /// How it is compared.
    pub op: MatchOp,
    /// What it is compared with; one fit is enough.
    pub values: Vec<String>,
    /// Whether letters of different case differ. Ignored by `Matches`, whose patterns say it
    /// themselves.
    pub case_sensitive: bool,
}

/// How a dimension is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MatchOp {
    /// Equal.
    Is,
    /// Contains as a part.
    Contains,
    /// Matches a regular expression of the RE2 family somewhere.
    Matches,
}
