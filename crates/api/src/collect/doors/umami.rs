//! Umami's door: `/api/send` for its script and `@umami/node`, and `/api/batch` for several at
//! once. Its wire shape becomes drafts here; a website is the project's id or domain.

use std::net::SocketAddr;

use almanac_ingest::{Draft, Person, Refusal, Sender, page_host};
use almanac_model::Kind;
use almanac_model::kind::web::PAGEVIEW;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::loose::{Loose, storable};
use super::outcome::Outcome;
use super::owner;
use crate::body::Body;
use crate::collect::accept::{Addressed, Delivery, Rejection, accept};
use crate::collect::{check_number, counted, delivery, read};
use crate::error::{ApiError, FieldErrors};
use crate::router::Shared;

/// What Umami's server library calls itself, before its version.
const SERVER_AGENT: &str = "Mozilla/5.0 Umami/";
const SECOND_US: f64 = 1e6;
/// The marks of a page's loading that the script measures.
const VITALS: &[&str] = &["lcp", "inp", "cls", "fcp", "ttfb"];

/// `POST /api/send`: one event.
pub(super) async fn post_one(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let delivery = delivery(&app, peer, &headers, "website").await?;
    let value = read(&app, &delivery, body)?;
    let outcome = take(&app, &delivery, std::slice::from_ref(&value)).await?;
    if outcome.is_hopeless() {
        let told = json!({ "error": { "message": outcome.complaint() } });
        return Ok((StatusCode::BAD_REQUEST, Json(told)).into_response());
    }
    if outcome.dropped.contains(&Refusal::Bot) {
        return Ok(Json(json!({ "beep": "boop" })).into_response());
    }
    Ok(Json(outcome.to_json()).into_response())
}

/// `POST /api/batch`: several of the same, each with an answer of its own.
pub(super) async fn post_batch(
    State(app): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Body, ApiError>,
) -> Result<Response, ApiError> {
    let delivery = delivery(&app, peer, &headers, "website").await?;
    let value = read(&app, &delivery, body)?;
    let items = counted(&app, &delivery, items(&value))?;
    let outcome = take(&app, &delivery, items).await?;
    let errors = outcome.rejected.iter().map(
        |(index, rejection)| json!({ "index": index, "response": { "error": rejection.errors } }),
    );
    let answer = json!({
        "size": items.len(),
        "processed": items.len() - outcome.rejected.len(),
        "errors": outcome.rejected.len(),
        "details": errors.collect::<Vec<_>>(),
    });
    Ok(Json(answer).into_response())
}

fn items(value: &Value) -> Result<&[Value], ApiError> {
    let wrong = || ApiError::BadRequest("the body must be an array of events".to_owned());
    let items = value.as_array().ok_or_else(wrong)?;
    check_number(items.len())?;
    Ok(items)
}

async fn take(app: &Shared, delivery: &Delivery, items: &[Value]) -> Result<Outcome, ApiError> {
    let mut incoming = Vec::with_capacity(items.len());
    for item in items {
        incoming.push(address(app, item, &delivery.sender).await?);
    }
    Ok(Outcome::of(accept(app, incoming, delivery).await?))
}

/// Finds the project of one event, by its website, or else by the host of its page: whoever comes
/// from Umami need not change the id in their pages.
async fn address(
    app: &Shared,
    item: &Value,
    sender: &Sender,
) -> Result<Result<Addressed, Rejection>, ApiError> {
    let payload = Loose::of(item).inside("payload");
    let website = payload.text(&["website", "link", "pixel"]);
    let host = payload.text(&["hostname"]);
    let url = payload.text(&["url"]);
    let page = page_host(&url).map(|host| host.into_owned());
    for name in [Some(website.clone()), Some(host), page]
        .into_iter()
        .flatten()
    {
        if !name.is_empty()
            && let Some(entry) = owner::find(app, &name).await?
        {
            let domains = vec![entry.settings.id.0.to_string()];
            let own_host = entry.project.hosts.first().map_or("", String::as_str);
            return Ok(parse(item, own_host, sender)
                .map(|draft| Addressed {
                    domains: domains.clone(),
                    draft,
                })
                .map_err(|errors| Rejection {
                    domains,
                    ..errors.into()
                }));
        }
    }
    let told = "names no project; use the project's id or domain".to_owned();
    let errors = FieldErrors::from([("website".to_owned(), vec![told])]);
    let reason = Refusal::UnknownProject;
    Ok(Err(Rejection {
        reason,
        ..errors.into()
    }))
}

/// One event. `own_host` stands in where its page's address has no host.
fn parse(item: &Value, own_host: &str, sender: &Sender) -> Result<Draft, FieldErrors> {
    let fields = Loose::of(item);
    let payload = fields.inside("payload");
    let data = payload.inside("data");
    let id = payload.text(&["id"]);
    let mut draft = Draft {
        name: payload.text(&["name"]),
        url: page(
            &payload.text(&["url"]),
            &payload.text(&["hostname"]),
            own_host,
        ),
        referrer: payload.text(&["referrer"]),
        title: payload.text(&["title"]),
        screen: payload.text(&["screen"]),
        language: payload.text(&["language"]),
        browser: payload.text(&["browser"]),
        os: payload.text(&["os"]),
        device: device(&payload.text(&["device"])),
        happened_at: payload.instant(&["timestamp"], SECOND_US),
        revenue: data.revenue(&["revenue"], &data.text(&["currency"])),
        user: storable(&id),
        visitor: Some(id.clone()).filter(|id| storable(id).is_none()),
        person: person(payload, &id, sender),
        pageless: true,
        ..Draft::default()
    };
    let is_revenue = draft.revenue.is_some();
    draft.properties =
        data.properties(|name| !(is_revenue && matches!(name, "revenue" | "currency")));
    let tag = payload
        .some_text(&["tag"])
        .map(|tag| ("tag".to_owned(), tag));
    draft.properties.extend(tag);
    match fields.text(&["type"]).as_str() {
        "event" if draft.name.is_empty() => {
            draft.name = PAGEVIEW.to_owned();
            draft.pageless = false;
        }
        "event" => {}
        "identify" => {
            draft.name = "identify".to_owned();
            draft.interactive = false;
            for (name, _) in &mut draft.properties {
                name.insert_str(0, super::USER_PREFIX);
            }
        }
        "performance" => {
            draft.kind = Some(Kind::WebVital);
            draft.properties = payload.properties(|name| VITALS.contains(&name));
        }
        _ => {
            let told = "must be event, identify or performance".to_owned();
            return Err(FieldErrors::from([("type".to_owned(), vec![told])]));
        }
    }
    draft
        .properties
        .truncate(almanac_model::limits::PROPERTIES_MAX);
    Ok(draft)
}

/// The whole address of a page; Umami's clients send its path, and its host beside it.
fn page(url: &str, hostname: &str, own_host: &str) -> String {
    if url.is_empty() || url.contains("://") {
        return url.to_owned();
    }
    let host = if hostname.is_empty() {
        own_host
    } else {
        hostname
    };
    let slash = if url.starts_with('/') { "" } else { "/" };
    format!("https://{host}{slash}{url}")
}

/// Umami tells laptops from desktops by the width of the screen; they are one class here.
fn device(word: &str) -> String {
    if word == "laptop" { "desktop" } else { word }.to_owned()
}

/// The visitor for whom a server sends, as far as it says anything.
fn person(payload: Loose<'_>, id: &str, sender: &Sender) -> Option<Person> {
    let (ip, user_agent) = (payload.text(&["ip"]), payload.text(&["userAgent"]));
    let is_server = sender.user_agent.starts_with(SERVER_AGENT);
    let says_nothing = ip.is_empty() && user_agent.is_empty();
    if says_nothing && (!is_server || id.is_empty()) {
        return None;
    }
    Some(Person {
        ip: ip.parse().ok().or(sender.ip.filter(|_| !is_server)),
        user_agent: if user_agent.is_empty() && !is_server {
            sender.user_agent.clone()
        } else {
            user_agent
        },
        id: id.to_owned(),
    })
}
