//! One question with its right answer, and the comparison of the two as text.

use almanac_model::Instant;
use almanac_query::{
    AskError, Cancel, Engine, Facts, Mask, Setting, ask, ask_attribution, ask_funnel,
    ask_inventory, ask_journey, ask_retention,
};
use serde_json::Value;

use super::Scenario;

/// A question and its right answer.
#[derive(Debug)]
pub struct Case {
    /// The rule of `docs/semantics.md` that it shows.
    pub rule: u32,
    /// What it shows.
    pub title: String,
    /// The request; its `site_id` may be left out.
    pub question: Value,
    /// The answer, line by line.
    pub answer: Vec<String>,
}

impl Case {
    /// Asks the question and compares the answer.
    pub(super) fn check(&self, scenario: &Scenario, engine: &dyn Engine) -> Result<(), String> {
        let mut question = self.question.clone();
        if question.get("site_id").is_none() {
            question["site_id"] = Value::from("site.example");
        }
        let facts = Facts {
            now: scenario.now,
            first_event: scenario.events.iter().map(|event| event.time).min(),
        };
        let endpoint = question
            .as_object_mut()
            .and_then(|fields| fields.remove("endpoint"));
        let ask = match endpoint.as_ref().and_then(Value::as_str) {
            None => ask,
            Some("funnel") => ask_funnel,
            Some("retention") => ask_retention,
            Some("journey") => ask_journey,
            Some("attribution") => ask_attribution,
            Some("inventory") => ask_inventory,
            Some(other) => return Err(format!("there is no endpoint {other}")),
        };
        let answer = ask(
            engine,
            &question,
            Setting {
                project: &scenario.project,
                saved: &scenario.saved,
                mask: &Mask::default(),
                facts,
            },
            &Cancel::default(),
        );
        let actual = match answer {
            Ok(answer) => self.lines(&answer, endpoint.is_none()),
            Err(AskError::Refused(refusal)) => vec![format!("refused {refusal}")],
            Err(AskError::Engine(error)) => vec![format!("failed {error}")],
        };
        if actual == self.answer {
            return Ok(());
        }
        let Self { rule, title, .. } = self;
        let (expected, actual) = (self.answer.join("\n  "), actual.join("\n  "));
        Err(format!(
            "rule {rule}: {title}\nexpected\n  {expected}\nfound\n  {actual}"
        ))
    }

    /// The rows, then those parts of the answer that the right one mentions by their pointers.
    fn lines(&self, answer: &Value, has_rows: bool) -> Vec<String> {
        let rows = items(&answer["results"]).iter().filter(|_| has_rows);
        let mut lines: Vec<String> = rows.map(row).collect();
        for expected in self
            .answer
            .iter()
            .filter(|line| !has_rows || is_pointer(line))
        {
            let pointer = expected.split(' ').next().unwrap_or_default();
            let found = answer.pointer(pointer).unwrap_or(&Value::Null);
            lines.push(format!("{pointer} {found}"));
        }
        lines
    }
}

/// Whether a line names a part of the answer. Rows may start with a slash too.
fn is_pointer(line: &str) -> bool {
    ["/meta/", "/query/", "/explain/"]
        .iter()
        .any(|part| line.starts_with(part))
}

/// A row as a line: dimensions and metrics, and those of the other time with the change.
fn row(row: &Value) -> String {
    let mut line = format!("{} | {}", list(&row["dimensions"]), list(&row["metrics"]));
    if let Some(other) = row.get("comparison") {
        line.push_str(" | ");
        if other.is_null() {
            line.push('-');
        } else {
            let parts = [&other["dimensions"], &other["metrics"], &other["change"]].map(list);
            line.push_str(&parts.join(" | "));
        }
    }
    // Without dimensions there is nothing before a bar.
    line.replace("|  |", "| |").trim_start().to_owned()
}

fn list(values: &Value) -> String {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    items(values)
        .iter()
        .map(text)
        .collect::<Vec<_>>()
        .join(", ")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The present of scenarios that do not name one.
pub(super) fn usual_now() -> Instant {
    // 2025-06-10T12:00:00Z, a Tuesday.
    Instant::from_seconds(1_749_556_800)
}
