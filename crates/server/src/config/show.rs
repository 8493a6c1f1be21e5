//! The configuration as people and programs may see it: every value with its origin, secrets
//! masked.

use serde_json::{Map, Value, json};

use super::settings::SECTIONS;
use super::sources::{Origin, Setting, Sources};

const MASK: &str = "********";

/// A table in the form of the file, with the origin of each value as a comment.
pub fn shown_text(sources: &Sources) -> String {
    let mut text = String::new();
    for (_, settings) in SECTIONS {
        let section = settings.first().map_or("", |setting| setting.section);
        text.push_str(&format!("[{section}]\n"));
        for setting in settings {
            let line = format!("{} = {:?}", setting.key, shown(sources, setting));
            let origin = origin_text(&sources.origin(setting.variable));
            text.push_str(&format!("{line:<44} # {origin}\n"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for warning in &sources.warnings {
        text.push_str(&format!("# {warning}\n"));
    }
    text
}

/// `{"http": {"listen": {"value", "origin", "variable"}}}`.
pub fn shown_json(sources: &Sources) -> Value {
    let mut sections = Map::new();
    for (_, settings) in SECTIONS {
        for setting in settings {
            let origin = origin_text(&sources.origin(setting.variable));
            let shown = json!({
                "value": shown(sources, setting),
                "origin": origin,
                "variable": setting.variable,
            });
            sections.entry(setting.section).or_insert_with(|| json!({}))[setting.key] = shown;
        }
    }
    Value::Object(sections)
}

fn shown<'a>(sources: &'a Sources, setting: &Setting) -> &'a str {
    match sources.text(setting.variable) {
        text if !text.is_empty() && setting.is_secret => MASK,
        text => text,
    }
}

fn origin_text(origin: &Origin) -> String {
    match origin {
        Origin::Default(_) => "default".to_owned(),
        Origin::File(path, _) => format!("file {}", path.display()),
        other => other.to_string(),
    }
}
