//! Funnels (rule 41): how many visitors take some steps one after another, where they stop, and how
//! long it takes them.

use almanac_model::{Dimension, Filter, ProjectSettings, TimeRange};
use serde_json::{Value, json};

use super::{Base, Split, duration_us};
use crate::ask::{AskError, Setting};
use crate::build::filter;
use crate::parse::filters::filters;
use crate::parse::value::{array, object, required, text, whole_number};
use crate::refusal::{Pointer, Refusal};
use crate::shape::{decimals, whole};
use crate::{Cancel, Engine, limits};

/// A funnel ready to run.
#[derive(Debug, Clone)]
pub struct FunnelPlan {
    /// Whose events.
    pub project: ProjectSettings,
    /// When every step happens.
    pub range: TimeRange,
    /// Which events are looked at at all.
    pub filter: Filter,
    /// What each step is; at least one.
    pub steps: Vec<Filter>,
    /// Whether no other event may lie between two steps.
    pub is_strict: bool,
    /// The longest time from the first step to the last, microseconds.
    pub window_us: Option<i64>,
    /// What the answer is split by: its value at the first step.
    pub breakdown: Option<Dimension>,
}

/// The answer to a funnel.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelAnswer {
    /// A group for each value at the first step, by value; one without a breakdown.
    pub groups: Vec<FunnelGroup>,
}

/// The visitors whose first step has one value.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelGroup {
    /// The value; blank without a breakdown.
    pub value: String,
    /// What came of each step.
    pub steps: Vec<FunnelStep>,
    /// How long the visitors who took all steps needed from the first to the last.
    pub whole: Times,
}

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FunnelStep {
    /// Visitors who got here.
    pub visitors: u64,
    /// How long they needed from the step before; nothing for the first.
    pub from_previous: Times,
}

/// Some spans of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// How many.
    pub count: u64,
    /// The shortest that half of them do not exceed, microseconds; 0 without any.
    pub median_us: i64,
    /// All together, microseconds.
    pub sum_us: i128,
}

impl Times {
    /// What is told of these spans, in microseconds.
    pub fn of(mut spans_us: Vec<i64>) -> Self {
        spans_us.sort_unstable();
        let middle = spans_us.len().div_ceil(2).saturating_sub(1);
        Self {
            count: spans_us.len() as u64,
            median_us: spans_us.get(middle).copied().unwrap_or_default(),
            sum_us: spans_us.iter().map(|span| i128::from(*span)).sum(),
        }
    }
}

/// Answers a funnel: `{"site_id", "date_range", "filters"?, "steps", "order"?, "window"?,
/// "breakdown"?, "limit"?}`.
///
/// # Errors
/// As [`ask`](crate::ask()).
pub fn ask_funnel(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let asked = Asked::read(body, setting)?;
    let answer = engine.funnel(&asked.plan, cancel)?;
    Ok(asked.shape(answer))
}

/// Whether a saved funnel — the same without site, range and filters — can be asked.
///
/// # Errors
/// At the first mistake, with its place.
pub fn check_funnel(definition: &Value, setting: Setting) -> Result<(), Refusal> {
    let mut body = definition.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.insert("site_id".to_owned(), json!("saved"));
        fields.insert("date_range".to_owned(), json!("day"));
    }
    Asked::read(&body, setting).map(|_| ())
}

/// A funnel with the names of what it shows.
struct Asked<'a> {
    base: Base<'a>,
    plan: FunnelPlan,
    names: Vec<String>,
    breakdown: Option<Split>,
    limit: usize,
}

impl<'a> Asked<'a> {
    fn read(body: &'a Value, setting: Setting<'a>) -> Result<Self, Refusal> {
        let own = ["steps", "order", "window", "breakdown", "limit"];
        let base = Base::read(body, setting, &own)?;
        let root = Pointer::root();
        let at = root.key("steps");
        let given = array(required(base.fields, &root, "steps")?, &at)?;
        let (least, most) = (limits::FUNNEL_STEPS_MIN, limits::FUNNEL_STEPS_MAX);
        if !(least..=most).contains(&given.len()) {
            let reason = format!("{} steps; a funnel has {least} to {most}", given.len());
            return Err(Refusal::new(&at, reason));
        }
        let (mut names, mut steps) = (Vec::new(), Vec::new());
        for (position, step) in given.iter().enumerate() {
            let (name, filter) = read_step(step, &at.at(position), position, setting)?;
            names.push(name);
            steps.push(filter);
        }
        let is_strict = match base
            .fields
            .get("order")
            .map(|order| text(order, &root.key("order")))
        {
            None => false,
            Some(order) => match order? {
                "loose" => false,
                "strict" => true,
                other => {
                    let reason = format!("unknown order {other:?}; loose or strict");
                    return Err(Refusal::new(&root.key("order"), reason));
                }
            },
        };
        let window = base.fields.get("window").filter(|window| !window.is_null());
        let window_us = window.map(|window| duration_us(window, &root.key("window")));
        let breakdown = base.dimension("breakdown")?;
        let limit = match base.fields.get("limit") {
            Some(limit) => whole_number(limit, &root.key("limit"), 1, limits::PAGE_ROWS_MAX)?,
            None => limits::FUNNEL_GROUPS_DEFAULT,
        };
        let plan = FunnelPlan {
            project: setting.project.clone(),
            range: base.span.range,
            filter: base.filter.clone(),
            steps,
            is_strict,
            window_us: window_us.transpose()?,
            breakdown: breakdown.as_ref().map(|split| split.dimension.clone()),
        };
        Ok(Self {
            base,
            plan,
            names,
            breakdown,
            limit,
        })
    }

    fn shape(&self, answer: FunnelAnswer) -> Value {
        let mut groups = answer.groups;
        let total = total(&groups, self.plan.steps.len());
        let mut query = self.base.echo();
        query["steps"] = json!(self.names);
        query["order"] = json!(if self.plan.is_strict {
            "strict"
        } else {
            "loose"
        });
        query["window_s"] = json!(self.plan.window_us.map(|us| us / 1_000_000));
        query["breakdown"] = json!(self.breakdown.as_ref().map(|split| &split.named.text));
        let mut shaped = json!({ "query": query });
        shaped["steps"] = self.steps(&total);
        shaped["conversion_rate"] = rate(last(&total.steps), first(&total.steps));
        if let Some(split) = &self.breakdown {
            shaped["total_groups"] = json!(groups.len());
            groups.sort_by(|one, two| {
                let by_size = first(&two.steps).cmp(&first(&one.steps));
                by_size.then_with(|| one.value.cmp(&two.value))
            });
            let group = |group: &FunnelGroup| {
                json!({
                    "value": split.label(&group.value),
                    "steps": self.steps(group),
                    "conversion_rate": rate(last(&group.steps), first(&group.steps)),
                    "time_to_convert_s": times(&group.whole),
                })
            };
            shaped["groups"] = groups.iter().take(self.limit).map(group).collect();
        } else {
            // Medians of groups do not add up, so the whole has one only when it is one group.
            let whole = groups.first().map(|group| group.whole).unwrap_or_default();
            shaped["time_to_convert_s"] = times(&whole);
        }
        shaped
    }

    fn steps(&self, group: &FunnelGroup) -> Value {
        let all = first(&group.steps);
        let mut before = all;
        let mut shaped = Vec::with_capacity(group.steps.len());
        for (name, step) in self.names.iter().zip(&group.steps) {
            shaped.push(json!({
                "name": name,
                "visitors": step.visitors,
                "conversion_rate": rate(step.visitors, all),
                "step_conversion_rate": rate(step.visitors, before),
                "dropped": before - step.visitors,
                "time_from_previous_s": times(&step.from_previous),
            }));
            before = step.visitors;
        }
        Value::Array(shaped)
    }
}

/// `{"name"?, "filters"}` or `{"goal"}`
fn read_step(
    step: &Value,
    at: &Pointer,
    position: usize,
    setting: Setting,
) -> Result<(String, Filter), Refusal> {
    let fields = object(step, at, &["name", "filters", "goal"])?;
    let clauses = match (fields.get("goal"), fields.get("filters")) {
        (Some(goal), None) => json!([["is", "event:goal", [goal]]]),
        (None, Some(given)) if given.as_array().is_some_and(|all| !all.is_empty()) => given.clone(),
        _ => {
            let reason = "expected {\"goal\": name} or {\"filters\": [filter, …], \"name\"?}";
            return Err(Refusal::new(at, reason));
        }
    };
    let name = match (fields.get("name"), fields.get("goal")) {
        (Some(name), _) => text(name, &at.key("name"))?.to_owned(),
        (None, Some(goal)) => text(goal, &at.key("goal"))?.to_owned(),
        (None, None) => format!("Step {}", position + 1),
    };
    let clauses = filters(Some(&clauses), &at.key("filters"))?;
    Ok((name, filter::build(&clauses, setting)?))
}

/// All groups together, without medians unless there is only one.
fn total(groups: &[FunnelGroup], steps: usize) -> FunnelGroup {
    if let [only] = groups {
        return only.clone();
    }
    let step = |at: usize| FunnelStep {
        visitors: groups.iter().map(|group| group.steps[at].visitors).sum(),
        from_previous: Times::default(),
    };
    FunnelGroup {
        value: String::new(),
        steps: (0..steps).map(step).collect(),
        whole: Times::default(),
    }
}

fn first(steps: &[FunnelStep]) -> u64 {
    steps.first().map_or(0, |step| step.visitors)
}

fn last(steps: &[FunnelStep]) -> u64 {
    steps.last().map_or(0, |step| step.visitors)
}

fn rate(part: u64, all: u64) -> Value {
    let share = |all: u64| part as f64 * 100.0 / all as f64;
    decimals(if all == 0 { 0.0 } else { share(all) }, 1)
}

/// Median and mean in whole seconds; null without any.
fn times(times: &Times) -> Value {
    if times.count == 0 {
        return Value::Null;
    }
    json!({
        "median": whole(times.median_us as f64 / 1e6),
        "mean": whole(times.sum_us as f64 / (times.count as f64 * 1e6)),
    })
}
