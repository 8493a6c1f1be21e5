//! What a project has in a range: names of events and properties, tools, models, currencies. Made
//! of ordinary plans, and of the one list that only an engine can give.

use almanac_model::{Dimension, Filter, Match, MatchOp, Metric, TextColumn};
use serde_json::{Value, json};

use crate::ask::{AskError, Setting};
use crate::build::range;
use crate::optimise::optimise;
use crate::parse::value::{object, required};
use crate::parse::{dates, site_id};
use crate::refusal::Pointer;
use crate::shape::ends;
use crate::{Cancel, Engine, EngineError, Order, OrderBy, Plan, Table, limits};

/// What is listed: the key in the answer, and the column.
const LISTS: [(&str, TextColumn); 6] = [
    ("event_names", TextColumn::Name),
    ("tools", TextColumn::Tool),
    ("services", TextColumn::Service),
    ("providers", TextColumn::Provider),
    ("models", TextColumn::Model),
    ("currencies", TextColumn::Currency),
];

/// Answers `{"site_id", "date_range"}` with every list, the most common first.
///
/// # Errors
/// As [`ask`](crate::ask()).
pub fn ask_inventory(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let root = Pointer::root();
    let fields = object(body, &root, &["site_id", "date_range"])?;
    let site_id = site_id(body)?;
    let at = root.key("date_range");
    let asked = dates::range(required(fields, &root, "date_range")?, &at)?;
    let zone = &setting.project.zone;
    let span = range::resolve(&asked, zone, setting.facts, &at)?;
    let mut answer = json!({ "query": { "site_id": site_id, "date_range": ends(span, zone) } });
    let by_events = Order {
        by: OrderBy::Metric(0),
        descending: true,
    };
    let engine = engine.snapshot(setting.project.id)?;
    for (key, column) in LISTS {
        let plan = Plan {
            project: setting.project.clone(),
            range: span.range,
            filter: has_one(column),
            metrics: vec![Metric::Events, Metric::Visitors],
            dimensions: vec![Dimension::Event(column)],
            order: vec![by_events],
            limit: limits::INVENTORY_ROWS_MAX,
            offset: 0,
            table: Table::Events,
        };
        answer[key] = list(&*engine, plan, cancel)?;
    }
    let mut names = engine.property_names(setting.project, span.range, cancel)?;
    names.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    let names = names.iter().take(limits::INVENTORY_ROWS_MAX);
    answer["properties"] = names
        .map(|(name, events)| json!({ "name": name, "events": events }))
        .collect();
    Ok(answer)
}

fn has_one(column: TextColumn) -> Filter {
    Filter::Not(Box::new(Filter::Match(Match {
        dimension: Dimension::Event(column),
        op: MatchOp::Is,
        values: vec![String::new()],
        case_sensitive: true,
    })))
}

fn list(engine: &dyn Engine, plan: Plan, cancel: &Cancel) -> Result<Value, EngineError> {
    let found = engine.run(&optimise(plan).plan, cancel)?;
    let count = |value: Option<f64>| value.unwrap_or_default() as u64;
    let row = |row: &crate::Row| {
        json!({
            "name": row.dimensions[0],
            "events": count(row.metrics[0]),
            "visitors": count(row.metrics[1]),
        })
    };
    Ok(found.rows.iter().map(row).collect())
}
