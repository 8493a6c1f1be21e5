//! What a project has saved for its questions: goals and segments, by name. A definition is JSON as
//! the caller wrote it; here it becomes a filter or is refused. Where it is kept is not known here.

use almanac_model::kind::web::PAGEVIEW;
use almanac_model::{Dimension, Filter, Match, MatchOp, TextColumn};
use serde_json::{Map, Value};

use crate::build::filter;
use crate::limits;
use crate::parse::filters::filters;
use crate::parse::value::{object, required, text, whole_number};
use crate::refusal::{Pointer, Refusal, quoted};

/// The goals and segments of a project.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// Its goals; names are unique.
    pub goals: Vec<Goal>,
    /// Its segments; names and ids are unique.
    pub segments: Vec<Segment>,
}

/// Something that a visitor should do.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// What it is called in questions and answers.
    pub name: String,
    /// The events that reach it.
    pub filter: Filter,
}

/// A named filter.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// What it is called by programs.
    pub id: String,
    /// What it is called by people.
    pub name: String,
    /// The events that belong to it.
    pub filter: Filter,
}

impl Goal {
    /// Reads the definition of a goal (rule 37).
    ///
    /// # Errors
    /// At the first mistake, with its place in the definition.
    pub fn read(name: &str, definition: &Value) -> Result<Self, Refusal> {
        let root = Pointer::root();
        let kind_at = root.key("kind");
        let kind = match definition.get("kind").and_then(Value::as_str) {
            Some(kind) => kind,
            None => return Err(Refusal::new(&kind_at, kinds("is missing"))),
        };
        let fields = |known: &[&str]| object(definition, &root, known);
        let filter = match kind {
            "page" => page(fields(&["kind", "page"])?, &root)?,
            "event" => event(fields(&["kind", "event", "properties"])?, &root)?,
            "property" => property(fields(&["kind", "property", "value"])?, &root)?,
            "scroll" => scroll(fields(&["kind", "page", "percent"])?, &root)?,
            "revenue" => revenue(fields(&["kind", "event", "currency"])?, &root)?,
            other => {
                let reason = kinds(&format!("unknown kind {}", quoted(other)));
                return Err(Refusal::new(&kind_at, reason));
            }
        };
        Ok(Self {
            name: name.to_owned(),
            filter,
        })
    }
}

impl Segment {
    /// Reads the filters of a segment, an array as in a question. They cannot name other segments.
    ///
    /// # Errors
    /// At the first mistake, with its place in the filters.
    pub fn read(id: &str, name: &str, definition: &Value, goals: &[Goal]) -> Result<Self, Refusal> {
        let clauses = filters(Some(definition), &Pointer::root())?;
        let saved = Saved {
            goals: goals.to_vec(),
            segments: Vec::new(),
        };
        Ok(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            filter: filter::plain(&clauses, &saved)?,
        })
    }
}

fn kinds(what: &str) -> String {
    format!("{what}; one of page, event, property, scroll, revenue")
}

/// The text of a key, which must be there and not be empty.
fn word<'a>(fields: &'a Map<String, Value>, at: &Pointer, key: &str) -> Result<&'a str, Refusal> {
    let own_at = at.key(key);
    let word = text(required(fields, at, key)?, &own_at)?;
    if word.is_empty() || word.len() > limits::FILTER_VALUE_BYTES_MAX {
        let most = limits::FILTER_VALUE_BYTES_MAX;
        return Err(Refusal::new(&own_at, format!("has 1 to {most} bytes")));
    }
    Ok(word)
}

fn is(dimension: Dimension, value: &str) -> Filter {
    Filter::Match(Match {
        dimension,
        op: MatchOp::Is,
        values: vec![value.to_owned()],
        case_sensitive: true,
    })
}

fn named(name: &str) -> Filter {
    is(Dimension::Event(TextColumn::Name), name)
}

fn page(fields: &Map<String, Value>, at: &Pointer) -> Result<Filter, Refusal> {
    let pattern = word(fields, at, "page")?;
    Ok(Filter::And(vec![named(PAGEVIEW), of_page(pattern)]))
}

/// The pages that a pattern means; `*` stands for any text.
pub(crate) fn of_page(pattern: &str) -> Filter {
    let dimension = Dimension::Event(TextColumn::Path);
    if !pattern.contains('*') {
        return is(dimension, pattern);
    }
    Filter::Match(Match {
        dimension,
        op: MatchOp::Matches,
        values: vec![page_expression(pattern)],
        case_sensitive: true,
    })
}

/// The regular expression of a page pattern.
pub(crate) fn page_expression(pattern: &str) -> String {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    format!("(?s)^{}$", parts.join(".*"))
}

fn event(fields: &Map<String, Value>, at: &Pointer) -> Result<Filter, Refusal> {
    let mut parts = vec![named(word(fields, at, "event")?)];
    if let Some(wanted) = fields.get("properties") {
        let at = at.key("properties");
        let Some(wanted) = wanted.as_object() else {
            return Err(Refusal::new(&at, "expected an object of names and values"));
        };
        for (name, value) in wanted {
            let value = text(value, &at.key(name))?;
            parts.push(is(Dimension::Property(name.clone()), value));
        }
    }
    Ok(Filter::And(parts))
}

fn property(fields: &Map<String, Value>, at: &Pointer) -> Result<Filter, Refusal> {
    let dimension = Dimension::Property(word(fields, at, "property")?.to_owned());
    Ok(is(dimension, word(fields, at, "value")?))
}

fn scroll(fields: &Map<String, Value>, at: &Pointer) -> Result<Filter, Refusal> {
    let percent = required(fields, at, "percent")?;
    let percent = whole_number(percent, &at.key("percent"), 1, 100)?;
    let pages = of_page(word(fields, at, "page")?);
    // Bounded to a hundred just before.
    let least = u8::try_from(percent).unwrap_or(u8::MAX);
    Ok(Filter::And(vec![pages, Filter::Scrolled(least)]))
}

fn revenue(fields: &Map<String, Value>, at: &Pointer) -> Result<Filter, Refusal> {
    let currency = Dimension::Event(TextColumn::Currency);
    let paid = match fields.get("currency") {
        Some(_) => is(currency, word(fields, at, "currency")?),
        None => Filter::Not(Box::new(is(currency, ""))),
    };
    Ok(Filter::And(vec![named(word(fields, at, "event")?), paid]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(definition: Value, expected: &str) {
        let found = Goal::read("goal", &definition);
        let found = found.map_or_else(|refusal| refusal.to_string(), |_| "fine".to_owned());
        assert_eq!(found, expected, "{definition}");
    }

    #[test]
    fn definitions_are_read_or_refused_with_their_place() {
        check(json!({"kind": "page", "page": "/blog/*"}), "fine");
        check(
            json!({"kind": "event", "event": "Signup", "properties": {"plan": "pro"}}),
            "fine",
        );
        check(
            json!({"kind": "revenue", "event": "Buy", "currency": "EUR"}),
            "fine",
        );
        check(
            json!({"page": "/"}),
            "#/kind: is missing; one of page, event, property, scroll, revenue",
        );
        check(
            json!({"kind": "visit"}),
            "#/kind: unknown kind \"visit\"; one of page, event, property, scroll, revenue",
        );
        check(json!({"kind": "page"}), "#/page: is missing");
        check(
            json!({"kind": "scroll", "page": "/", "percent": 101}),
            "#/percent: expected a whole number from 1 to 100, found 101",
        );
        check(
            json!({"kind": "page", "page": "/", "event": "x"}),
            "#/event: unknown key \"event\"; one of kind, page",
        );
    }

    #[test]
    fn a_pattern_means_itself_but_for_its_stars() {
        assert_eq!(page_expression("/a.b/*/c"), r"(?s)^/a\.b/.*/c$");
    }
}
