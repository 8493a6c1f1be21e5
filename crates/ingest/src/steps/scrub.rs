//! Personal data that a site sends without meaning to: in properties, in the words of a campaign,
//! in paths, as the id of a user. It is taken out before anything is stored, or where the project
//! wants it so, the event is refused.

use almanac_model::{Event, TextColumn};

use super::Work;
use crate::personal::{self, Sort};
use crate::{Refusal, Refused};

/// What stands where something was taken out.
const REMOVED: &str = "(removed)";
/// The words of a campaign come from addresses that anybody can write.
const FREE_TEXTS: [TextColumn; 7] = [
    TextColumn::Title,
    TextColumn::Source,
    TextColumn::UtmSource,
    TextColumn::UtmMedium,
    TextColumn::UtmCampaign,
    TextColumn::UtmTerm,
    TextColumn::UtmContent,
];
const PATHS: [TextColumn; 2] = [TextColumn::Path, TextColumn::Referrer];
/// Shorter parts of a path hold neither a card nor an account nor a secret.
const PART_BYTES_MIN: usize = 14;

/// Refuses an event with personal data, in projects that want it so.
pub(super) fn refuse_personal_data(work: &Work<'_>) -> Result<(), Refused> {
    if !work.context.rules.refuses_personal_data {
        return Ok(());
    }
    let found = work.event.properties.iter().find_map(|(name, value)| {
        let what = in_property(name, value)?;
        Some(format!("property {name} {what}"))
    });
    found.map_or(Ok(()), |detail| {
        Err(Refused::new(Refusal::PersonalData, detail))
    })
}

/// Takes personal data out.
pub(super) fn set_scrubbed(work: &mut Work<'_>) {
    let event = &mut work.event;
    for (name, value) in &mut event.properties {
        if in_property(name, value).is_some() {
            REMOVED.clone_into(value);
        }
    }
    // A user's id that is an address of theirs tells visitors apart and is not kept.
    if personal::find(&event.text[TextColumn::User]).is_some() {
        event.text[TextColumn::User].clear();
    }
    for column in FREE_TEXTS {
        if personal::find_in_property(&event.text[column]).is_some() {
            REMOVED.clone_into(&mut event.text[column]);
        }
    }
    for column in PATHS {
        scrub_path(event, column);
    }
}

fn in_property(name: &str, value: &str) -> Option<&'static str> {
    personal::in_name(name).or_else(|| personal::find_in_property(value).map(Sort::what))
}

/// Takes personal data out of the parameters that a project keeps of its addresses.
fn scrub_parameters(event: &mut Event, column: TextColumn) {
    let Some((path, query)) = event.text[column].split_once('?') else {
        return;
    };
    let (query, fragment) = match query.split_once('#') {
        Some((query, fragment)) => (query, Some(fragment)),
        None => (query, None),
    };
    let scrubbed = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if in_property(name, value).is_some() => format!("{name}={REMOVED}"),
        _ => pair.to_owned(),
    });
    let query = scrubbed.collect::<Vec<_>>().join("&");
    let fragment = fragment.map_or_else(String::new, |fragment| format!("#{fragment}"));
    event.text[column] = format!("{path}?{query}{fragment}");
}

/// Takes out the parts of a path that are somebody's address, card, account or secret. Other
/// numbers stay: a page may well be called after one.
fn scrub_path(event: &mut Event, column: TextColumn) {
    scrub_parameters(event, column);
    let path = &event.text[column];
    let is_personal = |part: &str| {
        let may_be = part.contains('@') || part.len() >= PART_BYTES_MIN;
        let sort = may_be.then(|| personal::find_in_property(part)).flatten();
        matches!(
            sort,
            Some(Sort::Email | Sort::Card | Sort::Account | Sort::Secret)
        )
    };
    if path.split('/').any(is_personal) {
        let parts = path.split('/');
        let kept = parts.map(|part| if is_personal(part) { REMOVED } else { part });
        let kept: Vec<&str> = kept.collect();
        event.text[column] = kept.join("/");
    }
}
