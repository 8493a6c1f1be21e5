//! Journeys (rule 43): which way visits go from a point or to it, as a picture of steps and the
//! links between them.

use std::collections::{BTreeMap, HashMap};

use almanac_model::kind::web::PAGEVIEW;
use almanac_model::{Dimension, Filter, Match, MatchOp, ProjectSettings, TextColumn, TimeRange};
use regex::Regex;
use serde_json::{Value, json};

use super::{Base, Split};
use crate::ask::{AskError, Setting};
use crate::parse::value::{array, object, required, text, whole_number};
use crate::refusal::{Pointer, Refusal};
use crate::saved::page_expression;
use crate::{Cancel, Engine, limits};

/// Journeys ready to run.
#[derive(Debug, Clone)]
pub struct JourneyPlan {
    /// Whose events.
    pub project: ProjectSettings,
    /// Visits that start inside.
    pub range: TimeRange,
    /// Which events are steps.
    pub filter: Filter,
    /// What a step is called: a dimension of events.
    pub by: Dimension,
    /// Steps that are called otherwise: the first expression that matches gives the name.
    pub groups: Vec<(Regex, String)>,
    /// Where journeys begin, or end when they are followed back; every visit without one.
    pub anchor: Option<String>,
    /// Whether journeys are followed back.
    pub is_backward: bool,
    /// Steps beside the first.
    pub depth: usize,
    /// Names of each step; further ones are one.
    pub names_max: usize,
}

impl JourneyPlan {
    /// What a step with that value is called.
    pub fn name(&self, value: &str) -> String {
        let group = self
            .groups
            .iter()
            .find(|(pattern, _)| pattern.is_match(value));
        group.map_or_else(|| value.to_owned(), |(_, name)| name.clone())
    }
}

/// The answer: steps and links, by step, the busiest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JourneyAnswer {
    /// Visits that were followed.
    pub visits: u64,
    /// What was done at each step.
    pub nodes: Vec<JourneyNode>,
    /// What was done after it.
    pub links: Vec<JourneyLink>,
}

/// What visits did at one step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JourneyNode {
    /// Which step, from 0.
    pub step: usize,
    /// What it is called; none for all further names.
    pub name: Option<String>,
    /// Visits that did it.
    pub visits: u64,
    /// Visits that did nothing after it, although they were followed on.
    pub ends: u64,
}

/// What visits did after one step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JourneyLink {
    /// The earlier step, from 0.
    pub step: usize,
    /// What the earlier step is called.
    pub from: Option<String>,
    /// What the next one is called.
    pub to: Option<String>,
    /// Visits that went there.
    pub visits: u64,
}

/// The picture of counted ways, each a list of positions in `names`.
pub fn picture(
    ways: &HashMap<Vec<u32>, u64>,
    names: &[String],
    plan: &JourneyPlan,
) -> JourneyAnswer {
    let mut counts: Vec<BTreeMap<u32, u64>> = vec![BTreeMap::new(); plan.depth + 1];
    for (way, visits) in ways {
        for (step, name) in way.iter().enumerate() {
            *counts[step].entry(*name).or_default() += visits;
        }
    }
    let kept: Vec<Vec<u32>> = counts
        .iter()
        .map(|own| busiest(own, names, plan.names_max))
        .collect();
    let shown = |step: usize, name: u32| Some(name).filter(|name| kept[step].contains(name));
    let mut nodes: BTreeMap<(usize, Option<u32>), (u64, u64)> = BTreeMap::new();
    let mut links: BTreeMap<(usize, Option<u32>, Option<u32>), u64> = BTreeMap::new();
    for (way, visits) in ways {
        for (step, name) in way.iter().enumerate() {
            let from = shown(step, *name);
            let node = nodes.entry((step, from)).or_default();
            node.0 += visits;
            match way.get(step + 1) {
                Some(next) => {
                    *links
                        .entry((step, from, shown(step + 1, *next)))
                        .or_default() += visits
                }
                None if step < plan.depth => node.1 += visits,
                None => {}
            }
        }
    }
    let text = |name: Option<u32>| name.map(|name| names[name as usize].clone());
    let node = |((step, name), (visits, ends))| JourneyNode {
        step,
        name: text(name),
        visits,
        ends,
    };
    let link = |((step, from, to), visits)| JourneyLink {
        step,
        from: text(from),
        to: text(to),
        visits,
    };
    in_order(JourneyAnswer {
        visits: ways.values().sum(),
        nodes: nodes.into_iter().map(node).collect(),
        links: links.into_iter().map(link).collect(),
    })
}

/// By step, the busiest first and what is left over last.
fn in_order(mut answer: JourneyAnswer) -> JourneyAnswer {
    let busiest_first = |visits: u64| std::cmp::Reverse(visits);
    answer.nodes.sort_by_cached_key(|one| {
        (
            one.step,
            one.name.is_none(),
            busiest_first(one.visits),
            one.name.clone(),
        )
    });
    answer.links.sort_by_cached_key(|one| {
        (
            one.step,
            busiest_first(one.visits),
            one.from.clone(),
            one.to.clone(),
        )
    });
    answer
}

fn busiest(counts: &BTreeMap<u32, u64>, names: &[String], most: usize) -> Vec<u32> {
    let mut order: Vec<(u64, &str, u32)> = counts
        .iter()
        .map(|(name, visits)| (*visits, names[*name as usize].as_str(), *name))
        .collect();
    order.sort_by(|one, two| two.0.cmp(&one.0).then_with(|| one.1.cmp(two.1)));
    order
        .into_iter()
        .take(most)
        .map(|(_, _, name)| name)
        .collect()
}

/// Answers a question for journeys: `{"site_id", "date_range", "filters"?, "by"?, "from"?, "to"?,
/// "depth"?, "limit"?, "groups"?}`.
///
/// # Errors
/// As [`ask`](crate::ask()).
pub fn ask_journey(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let own = ["by", "from", "to", "depth", "limit", "groups"];
    let base = Base::read(body, setting, &own)?;
    let (plan, split) = read(&base)?;
    let answer = engine.journey(&plan, cancel)?;
    Ok(shape(&base, &plan, &split, &answer))
}

fn read(base: &Base) -> Result<(JourneyPlan, Split), Refusal> {
    let root = Pointer::root();
    let page = json!("event:page");
    let by = match base.dimension("by")? {
        Some(by) => by,
        None => Split {
            named: crate::parse::dimension(&page, &root.key("by"))?,
            dimension: Dimension::Event(TextColumn::Path),
        },
    };
    if by.dimension.scope() != almanac_model::Scope::Event {
        let reason = format!("{} is not a fact of events; use event:page", by.named.text);
        return Err(Refusal::new(&root.key("by"), reason));
    }
    let point = |key: &str| {
        let given = base.fields.get(key).filter(|given| !given.is_null());
        given
            .map(|given| text(given, &root.key(key)).map(str::to_owned))
            .transpose()
    };
    let (from, to) = (point("from")?, point("to")?);
    if from.is_some() && to.is_some() {
        return Err(Refusal::new(
            &root.key("to"),
            "does not go with from; leave one out",
        ));
    }
    let number = |key: &str, usual: usize, most: usize| match base.fields.get(key) {
        Some(given) => whole_number(given, &root.key(key), 1, most),
        None => Ok(usual),
    };
    let mut filter = base.filter.clone();
    if by.dimension == Dimension::Event(TextColumn::Path) {
        // Other events keep the page they happened on, and would look like another view of it.
        filter = Filter::And(vec![filter, is_pageview()]);
    }
    let plan = JourneyPlan {
        project: base.setting.project.clone(),
        range: base.span.range,
        filter,
        by: by.dimension.clone(),
        groups: read_groups(base)?,
        is_backward: to.is_some(),
        anchor: from.or(to),
        depth: number(
            "depth",
            limits::JOURNEY_DEPTH_DEFAULT,
            limits::JOURNEY_DEPTH_MAX,
        )?,
        names_max: number(
            "limit",
            limits::JOURNEY_NAMES_DEFAULT,
            limits::JOURNEY_NAMES_MAX,
        )?,
    };
    Ok((plan, by))
}

fn is_pageview() -> Filter {
    Filter::Match(Match {
        dimension: Dimension::Event(TextColumn::Name),
        op: MatchOp::Is,
        values: vec![PAGEVIEW.to_owned()],
        case_sensitive: true,
    })
}

/// `[{"name", "pages": [patterns]}]`
fn read_groups(base: &Base) -> Result<Vec<(Regex, String)>, Refusal> {
    let mut groups = Vec::new();
    let Some(given) = base.fields.get("groups") else {
        return Ok(groups);
    };
    let at = Pointer::root().key("groups");
    for (position, group) in array(given, &at)?.iter().enumerate() {
        let at = at.at(position);
        let fields = object(group, &at, &["name", "pages"])?;
        let name = text(required(fields, &at, "name")?, &at.key("name"))?;
        let pages_at = at.key("pages");
        for (position, page) in array(required(fields, &at, "pages")?, &pages_at)?
            .iter()
            .enumerate()
        {
            let at = pages_at.at(position);
            let pattern = text(page, &at)?;
            let compiled = Regex::new(&page_expression(pattern)).ok();
            let compiled = compiled.filter(|_| pattern.len() <= limits::PATTERN_BYTES_MAX);
            if groups.len() == limits::JOURNEY_GROUPS_MAX {
                let most = limits::JOURNEY_GROUPS_MAX;
                return Err(Refusal::new(
                    &at,
                    format!("more than {most} patterns; join some"),
                ));
            }
            let Some(compiled) = compiled else {
                return Err(Refusal::new(
                    &at,
                    "the pattern is too long; use fewer characters",
                ));
            };
            groups.push((compiled, name.to_owned()));
        }
    }
    Ok(groups)
}

fn shape(base: &Base, plan: &JourneyPlan, by: &Split, answer: &JourneyAnswer) -> Value {
    let name = |name: &Option<String>| match name {
        Some(name) => json!(by.label(name)),
        None => Value::Null,
    };
    let node = |node: &JourneyNode| {
        json!({
            "step": node.step,
            "name": name(&node.name),
            "visits": node.visits,
            "ends": node.ends,
        })
    };
    let link = |link: &JourneyLink| {
        json!({
            "step": link.step,
            "from": name(&link.from),
            "to": name(&link.to),
            "visits": link.visits,
        })
    };
    let mut query = base.echo();
    query["by"] = json!(by.named.text);
    query["direction"] = json!(if plan.is_backward {
        "backward"
    } else {
        "forward"
    });
    query["anchor"] = json!(plan.anchor);
    query["depth"] = json!(plan.depth);
    query["limit"] = json!(plan.names_max);
    json!({
        "visits": answer.visits,
        "nodes": answer.nodes.iter().map(node).collect::<Vec<_>>(),
        "links": answer.links.iter().map(link).collect::<Vec<_>>(),
        "query": query,
    })
}
