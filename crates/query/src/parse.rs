//! From JSON to a parsed question: names are known, values have the right type and size, and keys
//! nobody knows are refused. What depends on the project or the present is left to `build`.

pub(crate) mod dates;
pub(crate) mod filters;
mod options;
pub(crate) mod value;

use almanac_model::{MatchOp, Metric};
use jiff::civil::{Date, DateTime};
use serde_json::Value;

use crate::formula::{Expression, Formula};
use crate::limits;
use crate::names::{self, DimensionName};
use crate::refusal::{Pointer, Refusal, quoted};
use value::{array, object, text};

/// A question as it was asked, checked by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The project, as the caller names it.
    pub site_id: String,
    /// What is computed; at least one, none twice.
    pub metrics: Vec<Asked>,
    /// When.
    pub date_range: DateRange,
    /// What the answer is split by; none twice, at most one of time.
    pub dimensions: Vec<Named>,
    /// Which events: all of these hold.
    pub filters: Vec<Clause>,
    /// The order asked for; empty for the usual one.
    pub order_by: Vec<OrderPart>,
    /// What the answer carries beside its rows.
    pub include: Include,
    /// Most rows of the page.
    pub limit: usize,
    /// Rows before the page.
    pub offset: usize,
    /// Whether to tell how the answer was found.
    pub explain: bool,
}

/// A metric that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// One of the domain.
    Known(Metric),
    /// One of the caller's own.
    Formula(Formula),
}

impl Asked {
    /// Its name in questions and answers.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(metric) => metric.name(),
            Self::Formula(formula) => &formula.name,
        }
    }
}

/// A dimension with the name that the caller used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, for the answer.
    pub text: String,
    /// What it means.
    pub name: DimensionName,
}

/// A span of time as a caller gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateRange {
    /// `day`: today so far.
    Today,
    /// `24h`: the last 24 hours.
    Last24Hours,
    /// `7d`, `30d`, …: so many full days.
    Days(i64),
    /// `month`: this month so far.
    ThisMonth,
    /// `6mo`, `12mo`, …: so many full months.
    Months(i64),
    /// `year`: this year so far.
    ThisYear,
    /// `all`: from the first event.
    All,
    /// From one local day to another, both included.
    Dates(Date, Date),
    /// From one moment to another, which is excluded.
    Moments(Moment, Moment),
}

/// A moment as a caller gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With an offset from UTC.
    Fixed(jiff::Timestamp),
    /// Without one: in the project's zone.
    Local(DateTime),
}

/// One filter of the caller, with the place it stands at.
#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    /// Every part holds.
    And(Vec<Clause>),
    /// Some part holds.
    Or(Vec<Clause>),
    /// The part does not hold.
    Not(Box<Clause>),
    /// A dimension has one of some values.
    Compare(Comparison),
    /// The visitor did something for which the part holds.
    Done(Box<Clause>),
    /// The event reaches one of some goals, or belongs to one of some segments.
    Saved(Reference),
}

/// Goals or segments that a filter names.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Goals or segments.
    pub of: SavedKind,
    /// Whether parts of names are given, not whole ones.
    pub contains: bool,
    /// The names; of segments also ids.
    pub names: Vec<String>,
    /// Where they stand, for a message.
    pub(crate) at: Pointer,
}

/// What can be saved for questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedKind {
    /// Goals.
    Goal,
    /// Segments.
    Segment,
}

/// A dimension compared with some values.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What is compared; never time.
    pub dimension: Named,
    /// How.
    pub op: MatchOp,
    /// Whether the operator was a `…_not`.
    pub negated: bool,
    /// What it is compared with; at least one.
    pub values: Vec<String>,
    /// Whether letters of different case differ.
    pub case_sensitive: bool,
}

/// One part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderPart {
    /// What rows are ordered by: a position in the question's own lists.
    pub by: OrderKey,
    /// Largest first.
    pub descending: bool,
}

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKey {
    /// The metric at that position.
    Metric(usize),
    /// The dimension at that position.
    Dimension(usize),
}

/// What the answer carries beside its rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Include {
    /// The labels of all buckets of time.
    pub time_labels: bool,
    /// How many rows there are without pages.
    pub total_rows: bool,
    /// Imported data; there is none, and the answer says so.
    pub imports: bool,
    /// The same question about another time.
    pub comparisons: Option<Comparing>,
}

/// What a question is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparing {
    /// Which other time.
    pub mode: CompareMode,
    /// Whether to shift it to the same weekdays.
    pub match_day_of_week: bool,
}

/// Which other time a question is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareMode {
    /// The same length just before.
    PreviousPeriod,
    /// The same dates a year before.
    YearOverYear,
    /// A range of its own: dates or moments.
    Custom(DateRange),
}

/// How many decimals a formula shows unless it says so.
const FORMULA_DECIMALS_DEFAULT: usize = 2;

/// The keys of a question.
const KEYS: &[&str] = &[
    "site_id",
    "metrics",
    "date_range",
    "dimensions",
    "filters",
    "order_by",
    "include",
    "pagination",
    "explain",
];

/// Reads a question.
///
/// # Errors
/// At the first mistake, with its place.
pub fn parse(body: &Value) -> Result<Question, Refusal> {
    let root = Pointer::root();
    let fields = object(body, &root, KEYS)?;
    let at = |key: &str| root.key(key);
    let (limit, offset) = options::pagination(fields.get("pagination"), &at("pagination"))?;
    let metrics = metrics(value::required(fields, &root, "metrics")?, &at("metrics"))?;
    let dimensions = dimensions(fields.get("dimensions"), &at("dimensions"))?;
    let order_at = at("order_by");
    let order_by = options::order(fields.get("order_by"), &order_at, &metrics, &dimensions)?;
    Ok(Question {
        site_id: site_id(body)?.to_owned(),
        metrics,
        date_range: dates::range(
            value::required(fields, &root, "date_range")?,
            &at("date_range"),
        )?,
        dimensions,
        filters: filters::filters(fields.get("filters"), &at("filters"))?,
        order_by,
        include: options::include(fields.get("include"), &at("include"))?,
        limit,
        offset,
        explain: value::flag(fields.get("explain"), &at("explain"))?.unwrap_or(false),
    })
}

/// The project that a question is about, so that it can be found before the question is read.
///
/// # Errors
/// When there is none.
pub fn site_id(body: &Value) -> Result<&str, Refusal> {
    let root = Pointer::root();
    let Some(fields) = body.as_object() else {
        return Err(value::wrong_type(body, &root, "an object"));
    };
    let at = root.key("site_id");
    let site_id = text(value::required(fields, &root, "site_id")?, &at)?;
    if site_id.is_empty() {
        return Err(Refusal::new(
            &at,
            "is empty; name a project by its id, domain or host",
        ));
    }
    Ok(site_id)
}

fn metrics(value: &Value, at: &Pointer) -> Result<Vec<Asked>, Refusal> {
    let mut metrics: Vec<Asked> = Vec::new();
    for (position, item) in array(value, at)?.iter().enumerate() {
        let at = at.at(position);
        if position == limits::METRICS_MAX {
            let most = limits::METRICS_MAX;
            return Err(Refusal::new(
                &at,
                format!("more than {most} metrics; leave some out"),
            ));
        }
        let metric = metric(item, &at)?;
        if metrics.iter().any(|other| other.name() == metric.name()) {
            let reason = format!("{} is asked for twice; leave one out", metric.name());
            return Err(Refusal::new(&at, reason));
        }
        metrics.push(metric);
    }
    if metrics.is_empty() {
        return Err(Refusal::new(at, "is empty; ask for at least one metric"));
    }
    Ok(metrics)
}

fn metric(value: &Value, at: &Pointer) -> Result<Asked, Refusal> {
    if value.is_object() {
        return formula(value, at).map(Asked::Formula);
    }
    let name = text(value, at)?;
    Metric::from_name(name).map(Asked::Known).ok_or_else(|| {
        let known: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        let known = known.join(", ");
        Refusal::new(
            at,
            format!("unknown metric {}; one of {known}", quoted(name)),
        )
    })
}

/// `{"name": …, "formula": …, "decimals": …}`
fn formula(value: &Value, at: &Pointer) -> Result<Formula, Refusal> {
    let fields = object(value, at, &["name", "formula", "decimals"])?;
    let name_at = at.key("name");
    let name = text(value::required(fields, at, "name")?, &name_at)?;
    let length = name.chars().count();
    if !(1..=limits::FORMULA_NAME_CHARS_MAX).contains(&length) || Metric::from_name(name).is_some()
    {
        let most = limits::FORMULA_NAME_CHARS_MAX;
        let reason = format!("needs 1 to {most} characters and must not be a metric's name");
        return Err(Refusal::new(&name_at, reason));
    }
    let formula_at = at.key("formula");
    let written = text(value::required(fields, at, "formula")?, &formula_at)?;
    let decimals = match fields.get("decimals") {
        Some(given) => {
            let at = at.key("decimals");
            value::whole_number(given, &at, 0, limits::FORMULA_DECIMALS_MAX)?
        }
        None => FORMULA_DECIMALS_DEFAULT,
    };
    Ok(Formula {
        name: name.to_owned(),
        text: written.to_owned(),
        expression: Expression::read(written, &formula_at)?,
        decimals: i32::try_from(decimals).unwrap_or_default(),
    })
}

fn dimensions(value: Option<&Value>, at: &Pointer) -> Result<Vec<Named>, Refusal> {
    let mut dimensions: Vec<Named> = Vec::new();
    let Some(value) = value else {
        return Ok(dimensions);
    };
    for (position, item) in array(value, at)?.iter().enumerate() {
        let at = at.at(position);
        if position == limits::DIMENSIONS_MAX {
            let reason = format!(
                "more than {} dimensions; leave some out",
                limits::DIMENSIONS_MAX
            );
            return Err(Refusal::new(&at, reason));
        }
        let named = dimension(item, &at)?;
        if dimensions.iter().any(|other| other.name == named.name) {
            let reason = format!("{} is asked for twice; leave one out", named.text);
            return Err(Refusal::new(&at, reason));
        }
        if named.name.is_time() && dimensions.iter().any(|other| other.name.is_time()) {
            return Err(Refusal::new(
                &at,
                "only one time dimension is possible; leave one out",
            ));
        }
        dimensions.push(named);
    }
    Ok(dimensions)
}

/// Reads the name of a dimension.
pub(crate) fn dimension(value: &Value, at: &Pointer) -> Result<Named, Refusal> {
    let name = text(value, at)?;
    match DimensionName::from_text(name) {
        Some(known) => Ok(Named {
            text: name.to_owned(),
            name: known,
        }),
        None => {
            let reason = format!(
                "unknown dimension {}; one of {}",
                quoted(name),
                names::all()
            );
            Err(Refusal::new(at, reason))
        }
    }
}
