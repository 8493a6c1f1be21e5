//! The doors in the OpenAPI document, from the same table as their routes. The shapes are other
//! products' own and are not described again.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponsesBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::{Content, OpenApi, RefOr, Required};

use super::{Door, PATHS};

/// Adds every door to a document.
pub(crate) fn describe(document: &mut OpenApi) {
    for (path, door) in PATHS {
        for method in door.methods() {
            let operation = operation(path, *door, method);
            document
                .paths
                .add_path_operation(path, vec![method.clone()], operation);
        }
    }
}

impl Door {
    fn methods(self) -> &'static [HttpMethod] {
        match self {
            Self::PostHogFlags => &[HttpMethod::Get, HttpMethod::Post],
            Self::PostHogConfig | Self::SegmentSettings => &[HttpMethod::Get],
            _ => &[HttpMethod::Post],
        }
    }

    fn summary(self) -> &'static str {
        match self {
            Self::Umami => "An event of an Umami client",
            Self::UmamiBatch => "Events of an Umami client",
            Self::PostHog => "Events of a PostHog client",
            Self::PostHogFlags => "Feature flags for a PostHog client: none",
            Self::PostHogConfig => "Settings for a PostHog client",
            Self::Segment => "A message of a Segment client",
            Self::SegmentSettings => "Settings for a Segment client",
            Self::SegmentBatch => "Messages of a Segment client",
            Self::OtlpTraces => "Spans by OTLP over HTTP",
            Self::OtlpLogs => "Log records by OTLP over HTTP",
            Self::OtlpMetrics => "Metrics by OTLP over HTTP",
        }
    }
}

fn operation(path: &str, door: Door, method: &HttpMethod) -> OperationBuilder {
    let name = if *method == HttpMethod::Get {
        "get"
    } else {
        "post"
    };
    let words: Vec<&str> = path
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let slash = if path.ends_with('/') { "_slash" } else { "" };
    let answers = ResponsesBuilder::new()
        .response("200", Response::new("Taken, as the client expects it."))
        .response("400", Response::new("It cannot be understood."))
        .response("401", Response::new("The key is not one."))
        .response("403", Response::new("The key may not send events."))
        .response(
            "429",
            Response::new("Too many requests; `Retry-After` says when to ask again."),
        )
        .response(
            "503",
            Response::new("The queue is full; `Retry-After` says when to ask again."),
        );
    let parameters = path
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(|name| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(Object::with_type(Type::String)))
                .build()
        })
        .collect::<Vec<_>>();
    let mut operation = OperationBuilder::new()
        .operation_id(Some(format!("door_{name}_{}{slash}", words.join("_"))))
        .tag("Front doors")
        .summary(Some(door.summary()))
        .parameters(Some(parameters))
        .responses(answers.build());
    if *method == HttpMethod::Post {
        let any = Content::new(None::<RefOr<utoipa::openapi::Schema>>);
        let body = RequestBodyBuilder::new()
            .content("application/json", any)
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    operation
}
