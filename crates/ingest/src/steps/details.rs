//! What the sender adds: texts, properties, and the columns of its kind. Bounded and cleaned, but
//! not understood.

use almanac_model::{Kind, NumberColumn, TextColumn, limits};

use super::Work;
use crate::{Refusal, Refused, kind, text};

/// Longest language tag, bytes (RFC 5646 recommends room for 35).
const LANGUAGE_BYTES_MAX: usize = 35;
/// Longest screen size, bytes: `12345x12345`.
const SCREEN_BYTES_MAX: usize = 11;

pub(super) fn set_texts(work: &mut Work<'_>) {
    let draft = work.draft;
    let columns = &mut work.event.text;
    columns[TextColumn::Title] = text::clean(&draft.title, limits::TEXT_BYTES_MAX);
    columns[TextColumn::Screen] = screen(&draft.screen);
    columns[TextColumn::Language] = language(&draft.language);
    columns[TextColumn::User] = optional(draft.user.as_deref());
    columns[TextColumn::ClientSession] = optional(draft.client_session.as_deref());
}

fn optional(value: Option<&str>) -> String {
    text::clean(value.unwrap_or(""), limits::TEXT_BYTES_MAX)
}

/// A size in digits, or nothing.
fn screen(size: &str) -> String {
    let size = size.trim();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match size.split_once(['x', 'X']) {
        Some((width, height))
            if digits(width) && digits(height) && size.len() <= SCREEN_BYTES_MAX =>
        {
            format!("{width}x{height}")
        }
        _ => String::new(),
    }
}

/// A language tag with hyphens, or nothing.
fn language(tag: &str) -> String {
    let tag = tag.trim();
    let fits = tag
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if fits && tag.len() <= LANGUAGE_BYTES_MAX {
        tag.replace('_', "-")
    } else {
        String::new()
    }
}

/// Sets the properties, sorted by name. Blank names and values are dropped; of a repeated name the
/// last value counts, as in JSON; what is too many or too long is cut.
pub(super) fn set_properties(work: &mut Work<'_>) {
    let given = work.draft.properties.iter().take(limits::PROPERTIES_MAX);
    let mut properties: Vec<(String, String)> = given
        .map(|(name, value)| {
            let name = text::clean(name, limits::PROPERTY_NAME_BYTES_MAX);
            (name, text::clean(value, limits::PROPERTY_VALUE_BYTES_MAX))
        })
        .filter(|(name, value)| !name.is_empty() && !value.is_empty())
        .rev()
        .collect();
    properties.sort_by(|(left, _), (right, _)| left.cmp(right));
    properties.dedup_by(|(later, _), (kept, _)| later == kept);
    work.event.properties = properties;
}

pub(super) fn set_kind_columns(work: &mut Work<'_>) {
    kind::fill(work.draft, &mut work.event);
}

pub(super) fn refuse_engagement_without_value(work: &Work<'_>) -> Result<(), Refused> {
    let numbers = &work.event.numbers;
    let says_nothing =
        numbers[NumberColumn::ScrollDepth].is_none() && numbers[NumberColumn::EngagedMs].is_none();
    if work.event.kind == Kind::Engagement && says_nothing {
        let detail = "neither a scroll depth from 0 to 100 nor an engaged time under 30 days";
        return Err(Refused::new(Refusal::EngagementWithoutValue, detail));
    }
    Ok(())
}
