//! Where the visitor came from: the referring page, the campaign in the page's address, and from
//! both the source and the channel.

use std::borrow::Cow;

use almanac_model::{TextColumn, limits};

use super::Work;
use crate::address::{self, NO_HOST};
use crate::channel::{self, Arrival, CLICK_IDS, Click};
use crate::{Refusal, Refused, registrable_domain, sources, text};

/// The referring page, if it is another site's.
#[derive(Debug, Clone, Default)]
pub(super) struct Referrer<'a> {
    host: Cow<'a, str>,
}

/// Sets the referrer unless it is the site itself: same registrable domain, or one of the
/// project's hosts. Query and fragment are dropped: they are another site's business.
pub(super) fn set_referrer(work: &mut Work<'_>) {
    let referrer = text::cut(work.draft.referrer.trim(), limits::REFERRER_BYTES_MAX);
    if referrer.is_empty() {
        return;
    }
    let Ok(address) = address::parse(referrer) else {
        return;
    };
    if address.host == NO_HOST {
        return;
    }
    let domain = registrable_domain(&address.host);
    let same_site = work
        .valid_page()
        .is_some_and(|page| page.host == address.host || registrable_domain(&page.host) == domain);
    let own_host = work
        .context
        .project
        .hosts
        .iter()
        .any(|host| *host == address.host);
    if same_site || own_host {
        return;
    }
    let path = address::stored_path(&address, false, &[]);
    let whole = format!("{}{}", address.host, path.trim_end_matches('/'));
    work.event.text[TextColumn::Referrer] = text::clean(&whole, limits::REFERRER_BYTES_MAX);
    work.referrer = Referrer { host: address.host };
}

pub(super) fn refuse_spam_referrer(work: &Work<'_>) -> Result<(), Refused> {
    let host = &work.referrer.host;
    if !host.is_empty() && sources::is_spam(host) {
        return Err(Refused::new(
            Refusal::SpamReferrer,
            format!("referrer {host}"),
        ));
    }
    Ok(())
}

/// What the page's query says about the campaign.
#[derive(Debug, Default)]
struct Campaign {
    utm_source: String,
    utm_medium: String,
    utm_campaign: String,
    utm_term: String,
    utm_content: String,
    source: String,
    reference: String,
    click: Option<Click>,
}

impl Campaign {
    fn of_query(query: &str) -> Self {
        let mut campaign = Self::default();
        if query.is_empty() {
            return campaign;
        }
        for (name, value) in address::parameters(query) {
            let name = name.to_ascii_lowercase();
            let field = match name.as_str() {
                "utm_source" => &mut campaign.utm_source,
                "utm_medium" => &mut campaign.utm_medium,
                "utm_campaign" => &mut campaign.utm_campaign,
                "utm_term" => &mut campaign.utm_term,
                "utm_content" => &mut campaign.utm_content,
                "source" => &mut campaign.source,
                "ref" => &mut campaign.reference,
                _ => {
                    let click = CLICK_IDS.iter().find(|(id, _)| *id == name);
                    campaign.click = campaign.click.or(click.map(|(_, click)| *click));
                    continue;
                }
            };
            // The first value of a repeated parameter counts.
            if field.is_empty() {
                *field = text::clean(&value, limits::TEXT_BYTES_MAX);
            }
        }
        campaign
    }

    /// The name of the source: `utm_source`, else `source`, else `ref`.
    fn source(&self) -> &str {
        let names = [&self.utm_source, &self.source, &self.reference];
        names
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("", String::as_str)
    }
}

/// Sets source, channel and UTM columns of events that happen on a page or have a referrer. A call
/// of a tool came from nowhere.
pub(super) fn set_source(work: &mut Work<'_>) {
    let referrer = &work.referrer.host;
    if work.valid_page().is_none() && referrer.is_empty() {
        return;
    }
    let campaign = Campaign::of_query(work.valid_page().map_or("", |page| page.query));
    let named = campaign.source();
    let site = if named.is_empty() {
        Some(&**referrer)
            .filter(|host| !host.is_empty())
            .and_then(sources::by_host)
    } else {
        sources::by_campaign_source(named)
    };
    let fallback = if named.is_empty() { referrer } else { named };
    let source = site.map_or(fallback, |site| site.name).to_owned();
    let channel = channel::of(&Arrival {
        site,
        source: &named.to_lowercase(),
        medium: &campaign.utm_medium.to_lowercase(),
        campaign: &campaign.utm_campaign.to_lowercase(),
        click: campaign.click,
        referred: !referrer.is_empty(),
    });
    let columns = &mut work.event.text;
    columns[TextColumn::Source] = source;
    columns[TextColumn::Channel] = channel.name().to_owned();
    columns[TextColumn::UtmSource] = campaign.utm_source;
    columns[TextColumn::UtmMedium] = campaign.utm_medium;
    columns[TextColumn::UtmCampaign] = campaign.utm_campaign;
    columns[TextColumn::UtmTerm] = campaign.utm_term;
    columns[TextColumn::UtmContent] = campaign.utm_content;
}
