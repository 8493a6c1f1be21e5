//! How refusals are described: one shape, one entry for each status, and which family of endpoints
//! may answer which. What leads to them is decided in `error`.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{Components, Ref, RefOr};
use utoipa::{IntoResponses, ToSchema};

/// Why there is no ordinary answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what `error` writes")]
#[schema(example = json!({"error": "there is no project \"shop.exmaple\""}))]
pub(crate) struct Problem {
    /// What is wrong and what to do.
    error: String,
    /// The same by field, where single fields are wrong.
    errors: Option<BTreeMap<String, Vec<String>>>,
}

/// Each status that is a refusal, its name in the document, and what it says.
const REFUSALS: [(&str, &str, &str); 13] = [
    (
        "400",
        "BadRequest",
        "It cannot be understood, or single fields are wrong.",
    ),
    (
        "401",
        "Unauthorized",
        "Nobody is signed in, or the key is not one.",
    ),
    ("403", "Forbidden", "Whoever asks may not do this."),
    (
        "404",
        "NotFound",
        "There is no such thing, or whoever asks may not know of it.",
    ),
    ("408", "TooSlow", "The body did not come in time."),
    ("409", "Conflict", "What is there already forbids it."),
    ("413", "TooLarge", "The body is over the limit."),
    (
        "415",
        "UnknownEncoding",
        "The body is packed in a way that is not known.",
    ),
    (
        "421",
        "Misdirected",
        "It came by a name that is not this server's.",
    ),
    (
        "422",
        "Unprocessable",
        "The body is JSON, but not what is asked for.",
    ),
    (
        "429",
        "TooMany",
        "Too many requests; `Retry-After` says when to ask again.",
    ),
    (
        "500",
        "Internal",
        "A fault of the server; its log has the cause under the request's id.",
    ),
    (
        "503",
        "Unavailable",
        "The server cannot do it now; `Retry-After` says when to ask again.",
    ),
];

/// What anybody may be answered with.
pub(crate) struct Always;

/// What a request that carries something may be answered with.
pub(crate) struct Unreadable;

/// What an address that says more than where may be answered with.
pub(crate) struct BadRequest;

/// What a delivery of events may be answered with; what is wrong in them is told event by event.
pub(crate) struct Undelivered;

/// What a request about something that belongs to somebody may be answered with.
pub(crate) struct NotForYou;

/// What a request that makes something may be answered with.
pub(crate) struct Conflict;

type Responses = BTreeMap<String, RefOr<Response>>;

impl IntoResponses for Always {
    fn responses() -> Responses {
        refer(&["421", "429", "500", "503"])
    }
}

impl IntoResponses for Unreadable {
    fn responses() -> Responses {
        refer(&["400", "408", "413", "415", "422"])
    }
}

impl IntoResponses for BadRequest {
    fn responses() -> Responses {
        refer(&["400"])
    }
}

impl IntoResponses for Undelivered {
    fn responses() -> Responses {
        refer(&["408", "413", "415", "422"])
    }
}

impl IntoResponses for NotForYou {
    fn responses() -> Responses {
        refer(&["401", "403", "404"])
    }
}

impl IntoResponses for Conflict {
    fn responses() -> Responses {
        refer(&["409"])
    }
}

fn refer(statuses: &[&str]) -> Responses {
    REFUSALS
        .iter()
        .filter(|(status, _, _)| statuses.contains(status))
        .map(|(status, name, _)| {
            let place = Ref::from_response_name(*name);
            ((*status).to_owned(), RefOr::Ref(place))
        })
        .collect()
}

/// Adds every refusal to the parts that a document shares.
pub(super) fn define(components: &mut Components) {
    for (_, name, description) in REFUSALS {
        let shape = Ref::from_schema_name("Problem");
        let content = ContentBuilder::new().schema(Some(shape)).build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content)
            .build();
        components
            .responses
            .insert(name.to_owned(), RefOr::T(response));
    }
}
