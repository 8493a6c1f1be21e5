//! The wire shape of Segment's messages becomes drafts: `track` an event, `page` a page view. The
//! methods that only tell who somebody is become events that end no bounce.

use std::net::IpAddr;

use almanac_ingest::{Draft, Person};
use almanac_model::kind::web::PAGEVIEW;
use almanac_model::{Instant, limits};
use serde_json::Value;

use crate::collect::accept::{Addressed, Rejection};
use crate::collect::doors::USER_PREFIX;
use crate::collect::doors::loose::{Loose, event_id, storable};
use crate::error::FieldErrors;

const MILLISECOND_US: f64 = 1e3;
/// The library that runs in browsers; every other one speaks for people on other machines.
const BROWSER_LIBRARY: &str = "analytics.js";
/// The currency of a revenue that names none, as Segment's specification says.
const CURRENCY_DEFAULT: &str = "USD";
/// What a page's own properties say, which is read from them elsewhere.
const PAGE_PROPERTIES: &[&str] = &["url", "path", "referrer", "search", "title"];

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Track,
    Page,
    Screen,
    Identify,
    Group,
    Alias,
}

impl Method {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "track" | "t" => Self::Track,
            "page" | "p" => Self::Page,
            "screen" | "s" => Self::Screen,
            "identify" | "i" => Self::Identify,
            "group" | "g" => Self::Group,
            "alias" | "a" => Self::Alias,
            _ => return None,
        })
    }

    /// The method that the last part of a path names.
    pub(super) fn from_path(path: &str) -> Option<Self> {
        Self::from_name(path.rsplit('/').next().unwrap_or_default())
    }
}

/// What a request says for all of its messages.
#[derive(Debug)]
pub(super) struct Around<'a> {
    sent_at: Option<Instant>,
    context: Loose<'a>,
}

impl<'a> Around<'a> {
    pub(super) fn of(whole: &'a Value) -> Self {
        let fields = Loose::of(whole);
        let sent_at = fields.instant(&["sentAt"], MILLISECOND_US);
        let context = fields.inside("context");
        Self { sent_at, context }
    }
}

/// Reads one message; its method is the path's, or else its own.
pub(super) fn parse(
    message: &Value,
    around: &Around<'_>,
    method: Option<Method>,
) -> Result<Addressed, Rejection> {
    let fields = Loose::of(message);
    let method = method.or_else(|| Method::from_name(&fields.text(&["type"])));
    let method = method.ok_or_else(|| {
        refused(
            "type",
            "must be track, page, screen, identify, group or alias",
        )
    })?;
    let own = fields.inside("context");
    let context = if fields.has("context") {
        own
    } else {
        around.context
    };
    let mut draft = common(fields, context, around.sent_at);
    set_visitor(&mut draft, fields, context);
    if draft.visitor.is_none() && draft.person.is_none() && draft.user.is_none() {
        return Err(refused("userId", "or anonymousId is required"));
    }
    set_method(&mut draft, method, fields, context);
    draft.properties.truncate(limits::PROPERTIES_MAX);
    // Whose it is was found before, by the write key.
    let domains = Vec::new();
    Ok(Addressed { domains, draft })
}

fn refused(field: &str, reason: &str) -> Rejection {
    FieldErrors::from([(field.to_owned(), vec![reason.to_owned()])]).into()
}

fn common(fields: Loose<'_>, context: Loose<'_>, sent_at: Option<Instant>) -> Draft {
    let page = context.inside("page");
    let screen = context.inside("screen");
    let size = ["width", "height"].map(|side| screen.integer(&[side]));
    let sent_at = fields.instant(&["sentAt"], MILLISECOND_US).or(sent_at);
    Draft {
        id: event_id(&fields.text(&["messageId"])),
        url: page.text(&["url"]),
        pageless: true,
        referrer: page.text(&["referrer"]),
        title: page.text(&["title"]),
        screen: match size {
            [Some(width), Some(height)] => format!("{width}x{height}"),
            _ => String::new(),
        },
        language: context.text(&["locale"]),
        time_zone: context.text(&["timezone"]),
        os: context.inside("os").text(&["name"]),
        device: context.inside("device").text(&["type"]),
        happened_at: fields.instant(&["originalTimestamp", "timestamp"], MILLISECOND_US),
        sent_at,
        ..Draft::default()
    }
}

/// The anonymous id is the visitor, the user id the user. A server states for whom it sends.
fn set_visitor(draft: &mut Draft, fields: Loose<'_>, context: Loose<'_>) {
    let (anonymous, user) = (fields.text(&["anonymousId"]), fields.text(&["userId"]));
    let id = if anonymous.is_empty() {
        &user
    } else {
        &anonymous
    };
    draft.user = storable(&user);
    let is_visitor = !anonymous.is_empty() || draft.user.is_none();
    draft.visitor = Some(id.clone()).filter(|id| is_visitor && !id.is_empty());
    let is_browser = context.inside("library").text(&["name"]) == BROWSER_LIBRARY;
    if !is_browser && !id.is_empty() {
        draft.person = Some(Person {
            ip: context.text(&["ip"]).parse::<IpAddr>().ok(),
            user_agent: context.text(&["userAgent"]),
            id: id.clone(),
        });
    }
}

fn set_method(draft: &mut Draft, method: Method, fields: Loose<'_>, context: Loose<'_>) {
    let properties = fields.inside("properties");
    match method {
        Method::Track => {
            draft.name = fields.text(&["event"]);
            set_revenue(draft, properties);
        }
        Method::Page => set_page(draft, fields, properties, context),
        Method::Screen => {
            draft.name = "screen".to_owned();
            draft.properties = properties.properties(|_| true);
            add_name(draft, fields, "screen");
        }
        Method::Identify => set_traits(draft, "identify", fields),
        Method::Group => {
            set_traits(draft, "group", fields);
            let group = storable(&fields.text(&["groupId"]));
            draft
                .properties
                .extend(group.map(|id| ("group".to_owned(), id)));
        }
        Method::Alias => set_traits(draft, "alias", fields),
    }
}

fn set_revenue(draft: &mut Draft, properties: Loose<'_>) {
    let named = properties.text(&["currency"]);
    let currency = if named.is_empty() {
        CURRENCY_DEFAULT
    } else {
        &named
    };
    draft.revenue = properties.revenue(&["revenue"], currency);
    let is_money = draft.revenue.is_some();
    draft.properties =
        properties.properties(|name| !(is_money && matches!(name, "revenue" | "currency")));
}

/// The page that a message describes itself wins over the one on which it was sent.
fn set_page(draft: &mut Draft, fields: Loose<'_>, properties: Loose<'_>, context: Loose<'_>) {
    draft.name = PAGEVIEW.to_owned();
    draft.pageless = false;
    for (name, into) in [
        ("url", &mut draft.url),
        ("referrer", &mut draft.referrer),
        ("title", &mut draft.title),
    ] {
        let stated = properties.text(&[name]);
        if !stated.is_empty() {
            *into = stated;
        }
    }
    draft.url = with_campaign(std::mem::take(&mut draft.url), context.inside("campaign"));
    draft.properties = properties.properties(|name| !PAGE_PROPERTIES.contains(&name));
    add_name(draft, fields, "page");
}

/// The name and category that the owner gave a page or screen, as properties.
fn add_name(draft: &mut Draft, fields: Loose<'_>, what: &str) {
    for (field, property) in [
        ("name", format!("{what}_name")),
        ("category", format!("{what}_category")),
    ] {
        let given = fields.some_text(&[field]);
        draft
            .properties
            .extend(given.map(|value| (property, value)));
    }
}

/// The address of a page with the campaign that a server states beside it.
fn with_campaign(page: String, campaign: Loose<'_>) -> String {
    let Ok(mut url) = url::Url::parse(&page) else {
        return page;
    };
    if page.contains("utm_") {
        return page;
    }
    for (field, parameter) in [
        ("source", "utm_source"),
        ("medium", "utm_medium"),
        ("name", "utm_campaign"),
        ("term", "utm_term"),
        ("content", "utm_content"),
    ] {
        if let Some(value) = campaign.some_text(&[field]) {
            url.query_pairs_mut().append_pair(parameter, &value);
        }
    }
    url.into()
}

fn set_traits(draft: &mut Draft, name: &str, fields: Loose<'_>) {
    draft.name = name.to_owned();
    draft.interactive = false;
    let traits = fields.inside("traits").properties(|_| true);
    let named = traits
        .into_iter()
        .map(|(name, value)| (format!("{USER_PREFIX}{name}"), value));
    draft.properties = named.collect();
}
