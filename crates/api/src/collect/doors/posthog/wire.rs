//! The wire shape of PostHog's events becomes drafts. Names that begin with `$` are its own: those
//! that mean something here are read, and no other is stored, least of all what models were told.

use std::net::IpAddr;

use almanac_ingest::{Draft, Person, ToolDraft};
use almanac_model::kind::web::PAGEVIEW;
use almanac_model::{Instant, Kind, limits};
use serde_json::Value;

use super::calls;
use crate::collect::accept::{Addressed, Rejection};
use crate::collect::doors::USER_PREFIX;
use crate::collect::doors::guard::check_call;
use crate::collect::doors::loose::{Loose, class, event_id, storable};
use crate::error::FieldErrors;

const MILLISECOND_US: f64 = 1e3;
const SECOND_MS: f64 = 1e3;
/// The library that runs in browsers; every other one speaks for people on other machines.
const BROWSER_LIBRARIES: &[&str] = &["web", "js"];
/// What the referrer is called where there is none.
const NO_REFERRER: &str = "$direct";
/// Events that a person causes by doing something; others of PostHog's own end no bounce.
const INTERACTIONS: &[&str] = &["$autocapture", "$rageclick", "$screen", "$copy_autocapture"];

/// Reads one event.
pub(super) fn parse(
    event: &Value,
    sent_at: Option<Instant>,
    received: Instant,
) -> Result<Addressed, Rejection> {
    if !event.is_object() {
        let told = vec!["must be an object".to_owned()];
        return Err(FieldErrors::from([("event".to_owned(), told)]).into());
    }
    let fields = Loose::of(event);
    let properties = fields.inside("properties");
    let mut draft = common(fields, properties);
    set_time(&mut draft, fields, sent_at, received);
    set_visitor(&mut draft, fields, properties);
    set_name(&mut draft, &fields.text(&["event"]), properties);
    set_properties(&mut draft, fields, properties);
    check_call(&draft)?;
    // Whose it is was found before, by the key of the request.
    let domains = Vec::new();
    Ok(Addressed { domains, draft })
}

fn common(fields: Loose<'_>, properties: Loose<'_>) -> Draft {
    let referrer = properties.text(&["$referrer"]);
    let size = ["$screen_width", "$screen_height"].map(|side| properties.integer(&[side]));
    let currency = properties.text(&["currency", "$currency"]);
    let mut draft = Draft {
        id: event_id(&fields.text(&["uuid"])),
        url: properties.text(&["$current_url"]),
        pageless: true,
        referrer: if referrer == NO_REFERRER {
            String::new()
        } else {
            referrer
        },
        title: properties.text(&["$title", "title"]),
        screen: match size {
            [Some(width), Some(height)] => format!("{width}x{height}"),
            _ => String::new(),
        },
        language: properties.text(&["$browser_language"]),
        time_zone: properties.text(&["$timezone"]),
        revenue: properties.revenue(&["$revenue", "revenue"], &currency),
        client_session: properties.some_text(&["$session_id"]),
        ..Draft::default()
    };
    if is_browser(properties) {
        draft.browser = properties.text(&["$browser"]);
        draft.os = properties.text(&["$os"]);
        draft.device = properties.text(&["$device_type"]);
    }
    draft
}

fn is_browser(properties: Loose<'_>) -> bool {
    BROWSER_LIBRARIES.contains(&properties.text(&["$lib"]).as_str())
}

/// The browser client says how long it kept an event back, the others when it happened.
fn set_time(draft: &mut Draft, fields: Loose<'_>, sent_at: Option<Instant>, received: Instant) {
    let waited = fields
        .scaled(&["offset"], MILLISECOND_US)
        .filter(|us| *us >= 0);
    match waited {
        Some(us) => draft.happened_at = Some(Instant(received.0.saturating_sub(us))),
        None => {
            draft.happened_at = fields.instant(&["timestamp"], MILLISECOND_US);
            draft.sent_at = sent_at;
        }
    }
}

/// `$identify` ties the id that a visitor had before to the user; other events carry one id, which
/// may be either.
fn set_visitor(draft: &mut Draft, fields: Loose<'_>, properties: Loose<'_>) {
    let mut id = fields.text(&["distinct_id", "$distinct_id"]);
    if id.is_empty() {
        id = properties.text(&["distinct_id", "$distinct_id"]);
    }
    let before = properties.text(&["$anon_distinct_id"]);
    let user = properties.text(&["$user_id"]);
    let is_identify = fields.text(&["event"]) == "$identify";
    draft.user = storable(if is_identify { &id } else { &user });
    let visitor = if is_identify && !before.is_empty() {
        &before
    } else {
        &id
    };
    draft.visitor = Some(visitor.clone()).filter(|id| !id.is_empty());
    if !is_browser(properties) {
        draft.person = Some(Person {
            ip: properties.text(&["$ip"]).parse::<IpAddr>().ok(),
            user_agent: properties.text(&["$raw_user_agent", "$user_agent", "$useragent"]),
            id: visitor.clone(),
        });
    }
}

/// The name and kind of an event. PostHog's own names keep their `$`, where they have no meaning
/// here, so that they never meet a name that the project's owner chose.
fn set_name(draft: &mut Draft, name: &str, properties: Loose<'_>) {
    match name {
        "$pageview" => {
            draft.name = PAGEVIEW.to_owned();
            draft.pageless = false;
        }
        "$pageleave" => set_engagement(draft, name, properties),
        "$web_vitals" => draft.kind = Some(Kind::WebVital),
        "$exception" => {
            draft.kind = Some(Kind::Error);
            draft.tool = Some(ToolDraft {
                error_type: error_class(properties),
                ..ToolDraft::default()
            });
        }
        _ if calls::fill(draft, name, properties) => {}
        _ => {
            draft.name = name.to_owned();
            draft.interactive = !name.starts_with('$') || INTERACTIONS.contains(&name);
        }
    }
}

/// How long and how deep the page that is left was read, where the client measured it.
fn set_engagement(draft: &mut Draft, name: &str, properties: Loose<'_>) {
    let engaged_ms = properties.scaled(&["$prev_pageview_duration"], SECOND_MS);
    let depth = properties.scaled(&["$prev_pageview_max_scroll_percentage"], 100.0);
    draft.engaged_ms = engaged_ms.map(|ms| ms.clamp(0, limits::ENGAGED_MS_MAX));
    draft.scroll_depth = depth.map(|percent| percent.clamp(0, 100));
    draft.interactive = false;
    if draft.engaged_ms.is_some() || draft.scroll_depth.is_some() {
        draft.kind = Some(Kind::Engagement);
        draft.pageless = false;
    } else {
        draft.name = name.to_owned();
    }
}

/// The class of an exception, never its message.
fn error_class(properties: Loose<'_>) -> String {
    let single = properties.text(&["$exception_type"]);
    let first = || {
        let list = properties.get("$exception_list")?.as_array()?.first()?;
        Loose::of(list).some_text(&["type"])
    };
    class(
        &Some(single)
            .filter(|text| !text.is_empty())
            .or_else(first)
            .unwrap_or_default(),
    )
}

/// The owner's own properties, and what is said of the user.
fn set_properties(draft: &mut Draft, fields: Loose<'_>, properties: Loose<'_>) {
    let has_revenue = draft.revenue.is_some();
    let is_own = |name: &str| {
        let is_known = matches!(name, "distinct_id" | "token" | "title");
        let is_money = has_revenue && matches!(name, "revenue" | "currency");
        !name.starts_with('$') && !is_known && !is_money
    };
    draft.properties = properties.properties(is_own);
    for place in [fields.inside("$set"), properties.inside("$set")] {
        let said = place.properties(|name| !name.starts_with('$'));
        let named = said
            .into_iter()
            .map(|(name, value)| (format!("{USER_PREFIX}{name}"), value));
        draft.properties.extend(named);
    }
    draft.properties.truncate(limits::PROPERTIES_MAX);
}
