//! Who sent it, as far as a request shows: browser, system, device and place. The address is only
//! compared and looked up here; neither it nor the user agent goes any further.

use almanac_model::TextColumn;
use almanac_model::limits::TEXT_BYTES_MAX;

use super::Work;
use crate::{Bot, BotSort, Refusal, Refused, text};

pub(super) fn refuse_blocked_ip(work: &Work<'_>) -> Result<(), Refused> {
    match work.sender.ip {
        Some(ip) if work.context.rules.blocks_address(ip) => Err(Refused::new(
            Refusal::BlockedIp,
            "the sender is in an address range of the rules",
        )),
        _ => Ok(()),
    }
}

/// Refuses events of browsers that ask not to be counted, in projects that honour it.
pub(super) fn refuse_opted_out(work: &Work<'_>) -> Result<(), Refused> {
    let (asked, honoured) = (work.sender.signals, work.context.rules.honoured);
    let signal = if honoured.global_privacy_control && asked.global_privacy_control {
        "Global Privacy Control"
    } else if honoured.do_not_track && asked.do_not_track {
        "Do Not Track"
    } else {
        return Ok(());
    };
    let detail = format!("the browser sent {signal}");
    Err(Refused::new(Refusal::OptedOut, detail))
}

pub(super) fn set_agent(work: &mut Work<'_>) {
    let agent = work.context.agents.recognise(&work.sender.user_agent);
    for (column, value) in [
        (TextColumn::Browser, agent.browser.as_str()),
        (TextColumn::BrowserVersion, &agent.browser_version),
        (TextColumn::Os, &agent.os),
        (TextColumn::OsVersion, &agent.os_version),
        (TextColumn::Device, agent.device),
    ] {
        value.clone_into(&mut work.event.text[column]);
    }
    work.agent = agent;
    set_hinted_agent(work);
    set_stated_agent(work);
}

/// What the browser's client hints tell better than its user agent.
fn set_hinted_agent(work: &mut Work<'_>) {
    let truer = work.sender.hints.truer(&work.agent);
    let columns = &mut work.event.text;
    if let Some((browser, version)) = truer.browser {
        browser.clone_into(&mut columns[TextColumn::Browser]);
        columns[TextColumn::BrowserVersion] = version;
    }
    if let Some((os, version)) = truer.os {
        // The version that the user agent tells is that of the system that it tells.
        let is_other = columns[TextColumn::Os] != os;
        if let Some(version) = version.or_else(|| is_other.then(String::new)) {
            columns[TextColumn::OsVersion] = version;
        }
        os.clone_into(&mut columns[TextColumn::Os]);
    }
    if let Some(device) = truer.device {
        device.clone_into(&mut columns[TextColumn::Device]);
    }
    if truer.is_headless && work.agent.bot.is_none() {
        work.bot = Some(Bot::new(BotSort::Headless, "HeadlessChrome"));
    }
}

/// What the sender states about its browser, system and device wins over what its user agent tells,
/// and the versions of what it does not mean go with that.
fn set_stated_agent(work: &mut Work<'_>) {
    let stated = [
        (
            TextColumn::Browser,
            &work.draft.browser,
            Some(TextColumn::BrowserVersion),
        ),
        (TextColumn::Os, &work.draft.os, Some(TextColumn::OsVersion)),
        (TextColumn::Device, &work.draft.device, None),
    ];
    for (column, value, version) in stated {
        let cleaned = text::clean(value, TEXT_BYTES_MAX);
        let value = if column == TextColumn::Device {
            device_class(&cleaned)
        } else {
            &cleaned
        };
        if value.is_empty() || work.event.text[column] == *value {
            continue;
        }
        value.clone_into(&mut work.event.text[column]);
        if let Some(version) = version {
            work.event.text[version].clear();
        }
    }
}

/// The class that a word means; none for words that mean none.
fn device_class(word: &str) -> &'static str {
    const CLASSES: [&str; 5] = ["Desktop", "Mobile", "Tablet", "TV", "Console"];
    CLASSES
        .into_iter()
        .find(|class| class.eq_ignore_ascii_case(word))
        .unwrap_or("")
}

pub(super) fn set_place(work: &mut Work<'_>) {
    if let Some(stated) = &work.draft.country {
        work.event.text[TextColumn::Country] = text::clean(stated, 2).to_uppercase();
        return;
    }
    let place = work
        .context
        .places
        .find(work.sender.ip, &work.draft.time_zone);
    work.event.text[TextColumn::Country] = place.country;
    work.event.text[TextColumn::Region] = place.region;
    work.event.text[TextColumn::City] = place.city;
}

pub(super) fn refuse_blocked_country(work: &Work<'_>) -> Result<(), Refused> {
    let country = &work.event.text[TextColumn::Country];
    if !country.is_empty() && work.context.rules.blocks_country(country) {
        let detail = format!("country {country} is in the rules");
        return Err(Refused::new(Refusal::BlockedCountry, detail));
    }
    Ok(())
}
