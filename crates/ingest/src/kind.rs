//! What the kinds of event differ in: which kind a draft is, what it is called, whether it happens
//! on a page, and which columns only it fills.

mod error;
mod model_call;
mod tool_call;
mod web;

use almanac_model::{Event, Kind, kind};

use crate::Draft;

/// The kind of a draft: as said, else by its reserved name, else by what it carries.
pub(crate) fn of(draft: &Draft) -> Kind {
    match (draft.kind, draft.name.trim()) {
        (Some(kind), _) => kind,
        (None, kind::web::PAGEVIEW) => Kind::Pageview,
        (None, kind::web::ENGAGEMENT) => Kind::Engagement,
        (None, _) if draft.tool.is_some() => Kind::ToolCall,
        (None, _) if draft.model.is_some() => Kind::ModelCall,
        (None, _) => Kind::Custom,
    }
}

/// The name of a draft: page views and engagements are always called that, calls have a name of
/// their own when the sender gave none.
pub(crate) fn name_of(draft: &Draft, kind: Kind) -> &str {
    let given = draft.name.trim();
    match kind {
        Kind::Pageview => kind::web::PAGEVIEW,
        Kind::Engagement => kind::web::ENGAGEMENT,
        Kind::ToolCall if given.is_empty() => kind::tool_call::TOOL_CALL,
        Kind::ModelCall if given.is_empty() => kind::model_call::MODEL_CALL,
        Kind::Error | Kind::WebVital if given.is_empty() => kind.name(),
        _ => given,
    }
}

/// Whether a draft of this kind must name its page.
pub(crate) fn needs_page(draft: &Draft, kind: Kind) -> bool {
    !draft.pageless && !matches!(kind, Kind::ToolCall | Kind::ModelCall | Kind::Error)
}

/// Fills the columns that only some kinds have.
pub(crate) fn fill(draft: &Draft, event: &mut Event) {
    web::fill(draft, event);
    if let Some(tool) = &draft.tool {
        tool_call::fill(tool, event);
    }
    if let Some(model) = &draft.model {
        model_call::fill(model, event);
    }
    error::fill(event);
}
