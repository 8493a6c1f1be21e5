//! The acquisition channel of a visit: an ordered table of rules in the manner of GA4's default
//! channel group, with AI assistants as their own channel. The first rule that fits decides.

use std::sync::LazyLock;

use regex::Regex;

use crate::sources::{Site, SiteSort};

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A channel by which visitors come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Channel { $($(#[$doc])* $variant,)* }

        impl Channel {
            /// Every channel.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in the `channel` column.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

channels! {
    /// No referrer and no campaign.
    Direct = "Direct",
    /// A campaign across several networks.
    CrossNetwork = "Cross-network",
    /// Advertisement on a shopping site.
    PaidShopping = "Paid Shopping",
    /// Advertisement in a search engine.
    PaidSearch = "Paid Search",
    /// Advertisement on a social site.
    PaidSocial = "Paid Social",
    /// Advertisement on a video site.
    PaidVideo = "Paid Video",
    /// Banners and the like.
    Display = "Display",
    /// Another paid medium.
    PaidOther = "Paid Other",
    /// An AI assistant's link.
    Ai = "AI",
    /// A shopping site's link.
    OrganicShopping = "Organic Shopping",
    /// A social site's link.
    OrganicSocial = "Organic Social",
    /// A video site's link.
    OrganicVideo = "Organic Video",
    /// A search result.
    OrganicSearch = "Organic Search",
    /// E-mail.
    Email = "Email",
    /// An affiliate's link.
    Affiliate = "Affiliate",
    /// Audio programmes and players.
    Audio = "Audio",
    /// Text messages.
    Sms = "SMS",
    /// Push notifications.
    MobilePush = "Mobile Push Notifications",
    /// Another site's link.
    Referral = "Referral",
}

/// What is known of how a visitor came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrival<'a> {
    /// The known site behind source or referrer.
    pub(crate) site: Option<Site>,
    /// Source as a campaign named it, lower case; empty without campaign.
    pub(crate) source: &'a str,
    /// `utm_medium`, lower case.
    pub(crate) medium: &'a str,
    /// `utm_campaign`, lower case.
    pub(crate) campaign: &'a str,
    /// What the click id in the address proves.
    pub(crate) click: Option<Click>,
    /// Whether another site referred.
    pub(crate) referred: bool,
}

/// What a click id proves: whose advertisement was clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Click {
    Search,
    Social,
    Display,
}

/// Parameters that only advertisements carry. Meta's `fbclid` is on every link that leaves its
/// sites and proves nothing, so it is not here.
pub(crate) const CLICK_IDS: &[(&str, Click)] = &[
    ("gclid", Click::Search),
    ("gbraid", Click::Search),
    ("wbraid", Click::Search),
    ("msclkid", Click::Search),
    ("yclid", Click::Search),
    ("dclid", Click::Display),
    ("twclid", Click::Social),
    ("li_fat_id", Click::Social),
    ("ttclid", Click::Social),
    ("rdt_cid", Click::Social),
    ("sccid", Click::Social),
];

type Rule = (Channel, fn(&Arrival<'_>) -> bool);

/// The table, in order. Paid before organic, narrow before wide.
const RULES: &[Rule] = &[
    (Channel::CrossNetwork, |a| {
        a.campaign.contains("cross-network")
    }),
    (Channel::PaidShopping, |a| {
        a.is_paid() && (a.is(SiteSort::Shopping) || a.names_a_shop())
    }),
    (Channel::PaidSearch, |a| {
        a.is_paid() && a.is(SiteSort::Search)
    }),
    (Channel::PaidSocial, |a| {
        a.is_paid() && a.is(SiteSort::Social)
    }),
    (Channel::PaidVideo, |a| a.is_paid() && a.is(SiteSort::Video)),
    (Channel::PaidSearch, |a| {
        a.click == Some(Click::Search) && !a.has_other_medium()
    }),
    (Channel::PaidSocial, |a| {
        a.click == Some(Click::Social) && !a.has_other_medium()
    }),
    (Channel::Display, |a| {
        matches!(
            a.medium,
            "display" | "banner" | "expandable" | "interstitial" | "cpm"
        ) || a.click == Some(Click::Display)
    }),
    (Channel::PaidOther, |a| a.is_paid()),
    (Channel::Ai, |a| {
        a.is(SiteSort::Ai) || matches!(a.medium, "ai" | "ai-assistant")
    }),
    (Channel::OrganicShopping, |a| {
        a.is(SiteSort::Shopping) || a.names_a_shop()
    }),
    (Channel::OrganicSocial, |a| {
        a.is(SiteSort::Social)
            || matches!(
                a.medium,
                "social"
                    | "social-network"
                    | "social-media"
                    | "sm"
                    | "social network"
                    | "social media"
            )
    }),
    (Channel::OrganicVideo, |a| {
        a.is(SiteSort::Video) || a.medium.contains("video")
    }),
    (Channel::OrganicSearch, |a| {
        a.is(SiteSort::Search) || a.medium == "organic"
    }),
    (Channel::Email, |a| {
        a.is(SiteSort::Mail) || is_email(a.source) || is_email(a.medium)
    }),
    (Channel::Affiliate, |a| {
        matches!(a.medium, "affiliate" | "affiliates")
    }),
    (Channel::Audio, |a| {
        a.is(SiteSort::Audio) || a.medium == "audio"
    }),
    (Channel::Sms, |a| a.source == "sms" || a.medium == "sms"),
    (Channel::MobilePush, |a| {
        a.medium.ends_with("push")
            || a.medium.contains("mobile")
            || a.medium.contains("notification")
            || a.source == "firebase"
    }),
    (Channel::Referral, |a| {
        a.referred || !a.source.is_empty() || matches!(a.medium, "referral" | "app" | "link")
    }),
];

impl Arrival<'_> {
    fn is(&self, sort: SiteSort) -> bool {
        self.site.is_some_and(|site| site.sort == sort)
    }

    fn is_paid(&self) -> bool {
        self.medium.contains("cp")
            || matches!(self.medium, "ppc" | "retargeting")
            || self.medium.starts_with("paid")
    }

    /// Whether the campaign itself says that this was no click on an advertisement.
    fn has_other_medium(&self) -> bool {
        matches!(
            self.medium,
            "email" | "affiliate" | "referral" | "organic" | "social"
        )
    }

    fn names_a_shop(&self) -> bool {
        // Compiled once; the pattern is a constant, so it cannot fail after its first test.
        static SHOP: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new("(?:[^a-df-z]|^)shop|shopping").ok());
        self.campaign.contains("shop")
            && SHOP
                .as_ref()
                .is_some_and(|shop| shop.is_match(self.campaign))
    }
}

fn is_email(word: &str) -> bool {
    matches!(
        word,
        "email" | "e-mail" | "e_mail" | "e mail" | "newsletter"
    )
}

/// The channel of an arrival.
pub(crate) fn of(arrival: &Arrival<'_>) -> Channel {
    RULES
        .iter()
        .find(|(_, fits)| fits(arrival))
        .map_or(Channel::Direct, |(channel, _)| *channel)
}

#[cfg(test)]
mod tests {
    use almanac_model::TextColumn;

    use super::*;
    use crate::testing::{World, pageview};

    /// Rows of `testdata/ingest/channels.tsv`: query of the landing page, referring host, channel.
    #[test]
    fn each_row_of_the_table_lands_in_its_channel() {
        let rows = include_str!("../../../testdata/ingest/channels.tsv");
        let mut seen = std::collections::HashSet::new();
        for row in rows.lines().filter(|row| !row.starts_with('#')) {
            let cells: Vec<&str> = row.split('\t').collect();
            let [query, referrer, expected] = cells[..] else {
                panic!("row {row:?}")
            };
            let mut draft = pageview(&format!("https://shop.example/?{query}"));
            referrer.clone_into(&mut draft.referrer);
            let event = World::default().process(draft).unwrap();
            let found = event.text[TextColumn::Channel].as_str();
            assert_eq!(found, expected, "{row}");
            seen.insert(found.to_owned());
        }
        for channel in Channel::ALL {
            assert!(seen.contains(channel.name()), "no row for {channel:?}");
        }
    }
}
