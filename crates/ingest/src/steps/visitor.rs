//! Who did it, decided last and from values that are dropped right after.

use almanac_model::{Identity, VisitorId};

use super::Work;
use crate::identity::{self, StableId};
use crate::registrable_domain;

/// Sets the visitor. In a stable project that is the visitor's or user's own id; events there that
/// come from a page without one (before consent) are cookieless, and telemetry without one stands
/// for itself.
pub(super) fn set_visitor(work: &mut Work<'_>) {
    let project = work.context.project;
    work.event.visitor = match project.identity {
        Identity::Cookieless => cookieless(work),
        Identity::Stable => match (filled(&work.draft.visitor), filled(&work.draft.user)) {
            (Some(visitor), _) => identity::stable(project.id, StableId::Visitor(visitor)),
            (None, Some(user)) => identity::stable(project.id, StableId::User(user)),
            (None, None) if work.page.is_some() => cookieless(work),
            (None, None) => identity::stable(project.id, StableId::Event(work.own_id())),
        },
    };
}

fn filled(id: &Option<String>) -> Option<&str> {
    id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

/// The hash under the salt of the event's day. A visitor whose visit began before midnight keeps
/// yesterday's hash as long as the visit lasts.
fn cookieless(work: &Work<'_>) -> VisitorId {
    let Work {
        sender,
        context,
        event,
        ..
    } = work;
    // Without a page (a server's event, a tool call) the project's own host stands for the site.
    let own_host = context.project.hosts.first().map_or("", String::as_str);
    let host = work.valid_page().map_or(own_host, |page| &page.host);
    // A server's own address is the same for everybody whom it speaks for, and the id that it gives
    // them is the same on all sites.
    let (domain, ip, shown) = match &work.draft.person {
        Some(person) if !person.id.is_empty() => ("", None, person.id.as_str()),
        _ => (
            registrable_domain(host),
            sender.ip,
            sender.user_agent.as_str(),
        ),
    };
    let under = |salt: &[u8; 16]| identity::cookieless(salt, context.project.id, domain, ip, shown);
    let today = under(&context.salts.today);
    let Some(yesterday) = context.salts.yesterday.as_ref().map(under) else {
        return today;
    };
    let zone = &context.project.zone;
    // Only an event that was kept back can belong to an earlier day than its receipt.
    let is_of_earlier_day = event.time != sender.received
        && event.time.local_day(zone) < sender.received.local_day(zone);
    if is_of_earlier_day {
        return yesterday;
    }
    let recent = |visitor| (context.recent)(visitor, event.time);
    if !recent(today) && recent(yesterday) {
        yesterday
    } else {
        today
    }
}
