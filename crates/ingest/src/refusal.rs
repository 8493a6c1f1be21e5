//! Why an event was not taken: a closed list, so that every refusal is counted under one name and
//! explained where a project's owner looks. Statuses and headers are the front door's business.

use std::fmt;

macro_rules! refusals {
    ($(
        $(#[$doc:meta])* $variant:ident = $name:literal, $explanation:literal, $remedy:literal;
    )*) => {
        /// A reason for which an event was not taken. Duplicates are no refusals: they were taken
        /// before, and are counted apart.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Refusal { $($(#[$doc])* $variant,)* }

        impl Refusal {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in counters and answers.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What happened, for the project's owner.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }

            /// What the owner can do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

refusals! {
    /// The page's address cannot be used.
    InvalidUrl = "invalid_url",
        "The page address was missing, too long or not an absolute address.",
        "Send the full address of the page, for example https://shop.example/cart.";
    /// The page's address holds a document instead of naming one.
    DataUrl = "data_url",
        "The page address was a data: address, which holds a document instead of naming one.",
        "Nothing to do: such pages are opened by tools and extensions.";
    /// The name cannot be used.
    InvalidName = "invalid_name",
        "The event had no name, or one longer than 120 characters.",
        "Give the event a short name that stays the same from event to event.";
    /// Another value cannot be used.
    InvalidValue = "invalid_value",
        "A value of the event was outside its limits.",
        "The detail names the field; correct it in the code that sends the event.";
    /// A program, not a person.
    Bot = "bot",
        "A crawler, a monitor or a headless browser, or one that hurries or sits in a data centre.",
        "Nothing to do for real bots; see docs/bots.md. A test browser must not run headless.";
    /// The referrer is known for fake visits.
    SpamReferrer = "spam_referrer",
        "The referring host is on the list of referrer spammers.",
        "Nothing to do: such visits never happened.";
    /// The page's host is not one of the project's.
    UnknownHost = "unknown_host",
        "The page's host is not one of the project's hosts.",
        "Add the host to the project's hosts, or remove the snippet from that page.";
    /// The project has a rule against the path.
    BlockedPath = "blocked_path",
        "A rule of the project drops events of this path.",
        "Change the project's drop rules to count these pages.";
    /// The project has a rule against the country.
    BlockedCountry = "blocked_country",
        "A rule of the project drops events from this country.",
        "Change the project's drop rules to count visitors from there.";
    /// The project has a rule against the address.
    BlockedIp = "blocked_ip",
        "A rule of the project drops events from the sender's address range.",
        "Change the project's drop rules to count these senders.";
    /// The browser asked not to be counted.
    OptedOut = "opted_out",
        "The browser asked not to be counted (Do Not Track or Global Privacy Control).",
        "Nothing to do. Remove the project's drop rule of kind signal to count such browsers.";
    /// The event is too old.
    InvalidTime = "invalid_time",
        "The event happened more than 72 hours before it was received.",
        "Send events sooner, and send sent_at so that a wrong clock can be corrected.";
    /// An engagement without anything to report.
    EngagementWithoutValue = "engagement_without_value",
        "The engagement event reported neither a scroll depth nor an engaged time.",
        "Send sd (percent) or e (milliseconds) with every engagement event.";
    /// Telemetry that says something about a person.
    PersonalData = "personal_data",
        "The event carried personal data, such as an e-mail address or a key.",
        "The detail names the field; leave it out, or send a class in its place.";
    /// More than the front door takes.
    TooLarge = "too_large",
        "The event or the request was larger than the limit.",
        "Send fewer or shorter properties, or fewer events in one request.";
    /// A request that holds no events which could be told apart.
    Unreadable = "unreadable",
        "A request could not be read: it was empty, no JSON, nested too deeply or broke off.",
        "The detail says what was found; correct it in the code that sends the events.";
    /// No project has that name.
    UnknownProject = "unknown_project",
        "No project has this domain or host.",
        "Check the domain in the snippet, or create the project.";
    /// Too many events in too short a time.
    RateLimited = "rate_limited",
        "The sender exceeded its rate limit.",
        "Slow down and send again later; Retry-After says when.";
    /// The server could not store anything at that moment.
    Unavailable = "unavailable",
        "The server could not store events at that moment: its queue was full or its disk failed.",
        "The client was told to send again later. Look at the disk and the queue if it goes on.";
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A refusal of one event. The detail never holds an address of the sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Refused {
    /// Why.
    pub reason: Refusal,
    /// The value that led to it, for the project's owner.
    pub detail: String,
}

impl Refused {
    /// A refusal with its detail.
    pub fn new(reason: Refusal, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_name_and_sentences() {
        let mut names: Vec<_> = Refusal::ALL.iter().map(|reason| reason.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Refusal::ALL.len());
        for reason in Refusal::ALL {
            assert!(
                reason
                    .name()
                    .bytes()
                    .all(|byte| byte == b'_' || byte.is_ascii_lowercase())
            );
            assert!(reason.explanation().ends_with('.') && reason.remedy().ends_with('.'));
        }
    }
}
