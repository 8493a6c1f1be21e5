//! The way from a draft to an event: a list of named steps, run in order. What a step may do is in
//! its type and its name: `refuse_…` looks and may end the way, `set_…` fills in and cannot.

mod bot;
mod details;
mod page;
mod scrub;
mod sender;
mod source;
mod time;
mod visitor;

use almanac_model::{Event, EventId, TextColumn, VisitorId, limits};

use crate::address::{Address, AddressFault};
use crate::{Bot, Context, Draft, Hints, Refusal, Refused, Sender, kind, text};

/// What the steps work on: what came, what is known, and the event as far as it is made.
pub(crate) struct Work<'a> {
    draft: &'a Draft,
    sender: &'a Sender,
    context: &'a Context<'a>,
    /// The page's address; none when the draft names no page.
    page: Option<Result<Address<'a>, AddressFault>>,
    agent: std::sync::Arc<crate::Agent>,
    referrer: source::Referrer<'a>,
    bot: Option<Bot>,
    /// Bots are let through, to be kept apart.
    is_kept_apart: bool,
    event: Event,
}

/// One step.
enum Step {
    /// Looks at the work and may refuse it.
    Refuse(&'static str, fn(&Work<'_>) -> Result<(), Refused>),
    /// Fills in a part of the event.
    Set(&'static str, fn(&mut Work<'_>)),
}

macro_rules! step {
    ($kind:ident $($path:ident)::+) => { Step::$kind(step!(@name $($path)::+), $($path)::+) };
    (@name $last:ident) => { stringify!($last) };
    (@name $first:ident :: $($rest:ident)::+) => { step!(@name $($rest)::+) };
}

/// The steps in their order. What is cheap and refuses most comes first; the visitor comes last,
/// so that little about a sender is derived for an event that is not taken.
const STEPS: &[Step] = &[
    step!(Set set_name),
    step!(Refuse refuse_invalid_name),
    step!(Set time::set_time),
    step!(Refuse time::refuse_invalid_time),
    step!(Set page::set_page),
    step!(Refuse page::refuse_invalid_url),
    step!(Refuse page::refuse_unknown_host),
    step!(Refuse page::refuse_blocked_path),
    step!(Refuse sender::refuse_opted_out),
    step!(Refuse sender::refuse_blocked_ip),
    step!(Set sender::set_agent),
    step!(Set bot::set_bot),
    step!(Refuse bot::refuse_bot),
    step!(Set sender::set_place),
    step!(Refuse sender::refuse_blocked_country),
    step!(Set source::set_referrer),
    step!(Refuse source::refuse_spam_referrer),
    step!(Set source::set_source),
    step!(Set details::set_texts),
    step!(Set details::set_properties),
    step!(Refuse scrub::refuse_personal_data),
    step!(Set scrub::set_scrubbed),
    step!(Set details::set_kind_columns),
    step!(Refuse details::refuse_engagement_without_value),
    step!(Set visitor::set_visitor),
    step!(Set bot::set_hurry),
    step!(Refuse bot::refuse_hurried),
    step!(Set bot::set_apart),
];

/// The names of the steps in their order.
pub fn step_names() -> impl Iterator<Item = &'static str> {
    STEPS.iter().map(|step| match step {
        Step::Refuse(name, _) | Step::Set(name, _) => *name,
    })
}

/// Turns a draft into an event, or says why not. The same draft, sender and context always give
/// the same answer, and no draft makes it panic.
pub fn process(draft: &Draft, sender: &Sender, context: &Context<'_>) -> Result<Event, Refused> {
    run(draft, sender, context, false)
}

/// Turns a draft that was refused as a bot's into an event among those of the project's bots
/// ([`ProjectId::of_bots`](almanac_model::ProjectId::of_bots)), for all other reasons refused like
/// everybody's. Its browser is the bot's name, its property `bot` says by what it was told.
pub fn process_bot(
    draft: &Draft,
    sender: &Sender,
    context: &Context<'_>,
) -> Result<Event, Refused> {
    run(draft, sender, context, true)
}

fn run(
    draft: &Draft,
    sender: &Sender,
    context: &Context<'_>,
    is_kept_apart: bool,
) -> Result<Event, Refused> {
    let kind = kind::of(draft);
    let id = draft.id.unwrap_or(context.random_id);
    let spoken_for = draft.person.as_ref().map(|person| Sender {
        ip: person.ip,
        user_agent: person.user_agent.clone(),
        // The server's own, where it has any.
        hints: Hints::default(),
        ..*sender
    });
    let sender = spoken_for.as_ref().unwrap_or(sender);
    let mut work = Work {
        draft,
        sender,
        context,
        page: None,
        agent: std::sync::Arc::default(),
        referrer: source::Referrer::default(),
        bot: None,
        is_kept_apart,
        // Time and visitor are placeholders until their steps.
        event: Event::new(id, context.project.id, sender.received, VisitorId(0), kind),
    };
    for step in STEPS {
        match step {
            Step::Refuse(_, refuse) => refuse(&work)?,
            Step::Set(_, set) => set(&mut work),
        }
    }
    Ok(work.event)
}

fn set_name(work: &mut Work<'_>) {
    let name = kind::name_of(work.draft, work.event.kind);
    let bytes_max = limits::NAME_CHARS_MAX * char::MAX.len_utf8();
    // One character too many is kept for the next step to see.
    work.event.text[TextColumn::Name] = text::clean(name, bytes_max + 1);
    work.event.interactive = work.draft.interactive;
}

fn refuse_invalid_name(work: &Work<'_>) -> Result<(), Refused> {
    let name = &work.event.text[TextColumn::Name];
    if name.is_empty() {
        return Err(Refused::new(Refusal::InvalidName, "the event has no name"));
    }
    if name.chars().count() > limits::NAME_CHARS_MAX {
        let start = text::cut(name, 40);
        return Err(Refused::new(
            Refusal::InvalidName,
            format!("{start}… is too long"),
        ));
    }
    Ok(())
}

impl Work<'_> {
    /// The page, where the draft names a valid one.
    fn valid_page(&self) -> Option<&Address<'_>> {
        self.page.as_ref().and_then(|page| page.as_ref().ok())
    }

    /// The id that stands for the event alone.
    fn own_id(&self) -> EventId {
        self.context.random_id
    }
}

#[cfg(test)]
mod tests;
