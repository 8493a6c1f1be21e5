//! Programs that look like people: who they are, by what they were told, and what becomes of their
//! events, which are refused among those of people and may be kept apart. See `docs/bots.md`.

use almanac_model::{Kind, TextColumn, limits};

use super::Work;
use crate::context::Origin;
use crate::{Bot, BotSort, Refusal, Refused, text};

/// The property by which the events of bots say how they were told.
const PROPERTY: &str = "bot";
/// Longest part of a user agent that a refusal shows, bytes.
const SHOWN_BYTES: usize = 120;

/// Looks at what a request shows. A library, or a client that does not name itself, is a bot only
/// in an access log: at the API it is a server that was written to send events, as Plausible holds
/// it too.
pub(super) fn set_bot(work: &mut Work<'_>) {
    let agent = &work.agent;
    let user_agent = work.sender.user_agent.trim();
    let is_unnamed = agent.is_library || user_agent.is_empty() || user_agent == "-";
    work.bot = if let Some(bot) = &agent.bot {
        Some(bot.clone())
    } else if work.sender.origin == Origin::AccessLog && is_unnamed {
        Some(Bot::new(BotSort::Library, &agent.browser))
    } else if is_in_data_centre(work) {
        Some(Bot::new(BotSort::DataCentre, &agent.browser))
    } else {
        // What client hints told, if anything.
        return;
    };
}

/// Whether somebody who looks at a page does so in a data centre. Calls of tools come from there
/// rightly, and so do the events of a server that has a key of the project.
fn is_in_data_centre(work: &Work<'_>) -> bool {
    let is_server = work.sender.origin == Origin::Server && work.draft.person.is_none();
    let ip = work.sender.ip.filter(|_| work.page.is_some() && !is_server);
    ip.is_some_and(|ip| work.context.data_centres.contains(ip))
}

pub(super) fn refuse_bot(work: &Work<'_>) -> Result<(), Refused> {
    let Some(bot) = work.bot.as_ref().filter(|_| !work.is_kept_apart) else {
        return Ok(());
    };
    let detail = match bot.sort {
        BotSort::DataCentre => "the sender is in an address range of a data centre".to_owned(),
        _ => {
            let start = text::cut(work.sender.user_agent.trim(), SHOWN_BYTES);
            format!("user agent {:?}", text::clean(start, SHOWN_BYTES))
        }
    };
    Err(Refused::new(Refusal::Bot, detail))
}

/// Looks at how fast pages were viewed, once it is known who the visitor is. Only page views count:
/// a script may send many other events at once for good reasons, and so may a server.
pub(super) fn set_hurry(work: &mut Work<'_>) {
    let is_view = work.event.kind == Kind::Pageview && work.page.is_some();
    let is_person = work.draft.person.is_none() && work.sender.origin != Origin::Server;
    if work.bot.is_none()
        && is_view
        && is_person
        && (work.context.hurried)(work.event.visitor, work.event.time)
    {
        work.bot = Some(Bot::new(BotSort::Timing, &work.agent.browser));
    }
}

pub(super) fn refuse_hurried(work: &Work<'_>) -> Result<(), Refused> {
    let is_hurried = matches!(&work.bot, Some(bot) if bot.sort == BotSort::Timing);
    if is_hurried && !work.is_kept_apart {
        let detail = "pages were viewed faster than a person can";
        return Err(Refused::new(Refusal::Bot, detail));
    }
    Ok(())
}

/// Puts an event of a bot among those of bots, under the bot's name.
pub(super) fn set_apart(work: &mut Work<'_>) {
    let Some(bot) = work.bot.take() else { return };
    let event = &mut work.event;
    event.project = event.project.of_bots();
    event.text[TextColumn::Browser] = bot.name;
    if bot.sort == BotSort::Crawler {
        event.text[TextColumn::BrowserVersion].clear();
    }
    event.properties.retain(|(name, _)| name != PROPERTY);
    event.properties.truncate(limits::PROPERTIES_MAX - 1);
    let at = event
        .properties
        .partition_point(|(name, _)| name.as_str() < PROPERTY);
    let sort = (PROPERTY.to_owned(), bot.sort.name().to_owned());
    event.properties.insert(at, sort);
}
