//! The wire shape of `POST /api/track`: the page-visit form. It becomes the same draft as any other
//! event, so that a visit counts alike whichever door it came through.

use almanac_ingest::Draft;
use serde_json::Value;

use super::accept::{Addressed, Rejection};
use super::event;
use super::fields::Fields;

const MS_PER_SECOND: f64 = 1e3;
/// Properties that describe the user rather than the visit carry this before their names.
const USER_PREFIX: &str = "user.";

/// What the form says of the sender in place of the request's own header.
#[derive(Debug)]
pub(super) struct TrackForm {
    pub(super) addressed: Addressed,
    pub(super) user_agent: Option<String>,
}

/// Reads one form.
pub(super) fn parse(value: &Value) -> Result<TrackForm, Rejection> {
    let mut fields = Fields::of(value)?;
    let mut properties = fields.properties(&["metadata", "props"]);
    let user = fields.properties(&["user_props"]);
    properties.extend(
        user.into_iter()
            .map(|(name, value)| (format!("{USER_PREFIX}{name}"), value)),
    );
    let draft = Draft {
        name: almanac_model::kind::web::PAGEVIEW.to_owned(),
        url: fields.text(&["page_url", "url"]),
        referrer: fields.text(&["referrer"]),
        screen: fields.text(&["screen_resolution", "viewport_size"]),
        language: fields.text(&["language"]),
        time_zone: fields.text(&["time_zone"]),
        device: fields.text(&["device_type"]),
        browser: fields.text(&["browser"]),
        os: fields.text(&["os"]),
        properties,
        engaged_ms: fields.scaled(&["time_on_page"], MS_PER_SECOND),
        visitor: fields.optional_text(&["visitor_id"]),
        client_session: fields.optional_text(&["session_id"]),
        ..Draft::default()
    };
    let user_agent = fields.optional_text(&["user_agent"]);
    let domains = event::domains(&fields.text(&["domain"]), &draft.url);
    if let Err(errors) = fields.finish() {
        return Err(Rejection {
            domains,
            ..errors.into()
        });
    }
    let addressed = Addressed { domains, draft };
    Ok(TrackForm {
        addressed,
        user_agent,
    })
}
