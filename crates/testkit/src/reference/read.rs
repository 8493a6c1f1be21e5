//! Reads a file of reference cases.

use almanac_model::{
    Event, EventId, Identity, Instant, Kind, NumberColumn, ProjectId, ProjectSettings, TextColumn,
    VisitorId,
};
use almanac_query::{Goal, Saved, Segment};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::case::usual_now;
use super::{Case, Scenario};

/// Reads a file.
///
/// # Errors
/// The first line that is not understood, with its number.
pub fn read(text: &str) -> Result<Scenario, String> {
    let mut scenario = Scenario {
        project: ProjectSettings::new(ProjectId(1), Vec::new(), TimeZone::UTC),
        now: usual_now(),
        events: Vec::new(),
        saved: Saved::default(),
        cases: Vec::new(),
    };
    let mut part = Part::Settings;
    let mut question = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let understood = if line == "events" {
            part = Part::Events;
            Some(())
        } else if let Some(header) = line.strip_prefix("rule ") {
            part = Part::Question;
            question.clear();
            header.split_once(": ").and_then(|(rule, title)| {
                let (rule, title) = (rule.parse().ok()?, title.to_owned());
                scenario.cases.push(Case {
                    rule,
                    title,
                    question: Value::Null,
                    answer: Vec::new(),
                });
                Some(())
            })
        } else {
            match part {
                Part::Settings => setting(line, &mut scenario),
                Part::Events => event(line, &mut scenario),
                Part::Question => {
                    question.push_str(line);
                    let parsed = serde_json::from_str(&question).ok();
                    if let (Some(parsed), Some(case)) = (parsed, scenario.cases.last_mut()) {
                        case.question = parsed;
                        part = Part::Answer;
                    }
                    Some(())
                }
                Part::Answer => scenario.cases.last_mut().map(|case| {
                    case.answer.push(line.to_owned());
                }),
            }
        };
        if understood.is_none() {
            return Err(format!("line {}: not understood: {line}", number + 1));
        }
    }
    match scenario.cases.iter().find(|case| case.question.is_null()) {
        Some(case) => Err(format!(
            "rule {}: {}: the question is not JSON",
            case.rule, case.title
        )),
        None => Ok(scenario),
    }
}

/// What the lines of a part are.
#[derive(Clone, Copy)]
enum Part {
    Settings,
    Events,
    Question,
    Answer,
}

fn setting(line: &str, scenario: &mut Scenario) -> Option<()> {
    let (name, value) = line.split_once(' ')?;
    let project = &mut scenario.project;
    match name {
        "zone" => project.zone = TimeZone::get(value).ok()?,
        "gap" => project.visit_gap_s = value.parse().ok()?,
        "now" => scenario.now = instant(value, &project.zone)?,
        "goal" => {
            let (name, definition) = value.split_once(' ')?;
            let definition = serde_json::from_str(definition).ok()?;
            let goal = Goal::read(&name.replace('_', " "), &definition).ok()?;
            scenario.saved.goals.push(goal);
        }
        "segment" => {
            let (name, filters) = value.split_once(' ')?;
            let filters = serde_json::from_str(filters).ok()?;
            let id = (scenario.saved.segments.len() + 1).to_string();
            let goals = &scenario.saved.goals;
            let segment = Segment::read(&id, &name.replace('_', " "), &filters, goals).ok()?;
            scenario.saved.segments.push(segment);
        }
        "identity" => {
            project.identity = match value {
                "cookieless" => Identity::Cookieless,
                "stable" => Identity::Stable,
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

/// `TIME VISITOR KIND column=value …`
fn event(line: &str, scenario: &mut Scenario) -> Option<()> {
    let mut words = line.split_whitespace();
    let time = instant(words.next()?, &scenario.project.zone)?;
    let visitor = words
        .next()?
        .bytes()
        .fold(0, |id: u64, byte| id << 8 | u64::from(byte));
    let kind_name = words.next()?;
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| kind.name() == kind_name)?;
    let id = EventId(scenario.events.len() as u128);
    let mut event = Event::new(id, scenario.project.id, time, VisitorId(visitor), kind);
    event.text[TextColumn::Name] = kind.name().to_owned();
    for word in words {
        let (name, value) = word.split_once('=')?;
        // Values have no blanks, so that lines need no quotes.
        let value = value.replace('_', " ");
        if let Some(property) = name.strip_prefix("props:") {
            event.properties.push((property.to_owned(), value));
        } else if name == "interactive" {
            event.interactive = value.parse().ok()?;
        } else if name == "project" {
            event.project = ProjectId(value.parse().ok()?);
        } else if let Some(column) = NumberColumn::from_name(name) {
            event.numbers[column] = Some(value.parse().ok()?);
        } else {
            event.text[TextColumn::from_name(name)?] = value;
        }
    }
    event.properties.sort();
    scenario.events.push(event);
    Some(())
}

/// With an offset, or local to the project.
fn instant(text: &str, zone: &TimeZone) -> Option<Instant> {
    if let Ok(fixed) = text.parse::<jiff::Timestamp>() {
        return Some(Instant::from(fixed));
    }
    let local: DateTime = text.parse().ok()?;
    Some(Instant::from(
        local.to_zoned(zone.clone()).ok()?.timestamp(),
    ))
}
