//! The columns of an event: one table that ingestion fills, the store writes and questions read.
//! A column added here reads as empty in files that were written before it. Visits have no columns
//! here: they are derived, never stored in an event.

macro_rules! columns {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// Every column, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// How many columns there are.
            pub const COUNT: usize = Self::ALL.len();

            /// The name of the column, the same in files, messages and imports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The column of that name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|column| column.name() == name)
            }

            /// The position of the column in `ALL`, and its code in the queue's records. Codes are
            /// never reused: new columns go to the end.
            pub fn index(self) -> usize {
                self as usize
            }
        }
    };
}

columns! {
    /// A column of text, empty where an event has no value for it.
    TextColumn {
        /// What happened: `pageview`, `engagement`, or the name of a custom event.
        Name = "name",
        /// Host of the page, without `www.`, lower case.
        Hostname = "hostname",
        /// Path of the page, percent-decoded, with the parameters that the project keeps.
        Path = "path",
        /// Title of the page, where the client sends it.
        Title = "title",
        /// Host and path of the referring page, empty when direct or same-site.
        Referrer = "referrer",
        /// Where the visit came from: a campaign source, a known site's name, or a host.
        Source = "source",
        /// The acquisition channel, one of the channel table's names.
        Channel = "channel",
        /// `utm_source` of the page's address.
        UtmSource = "utm_source",
        /// `utm_medium` of the page's address.
        UtmMedium = "utm_medium",
        /// `utm_campaign` of the page's address.
        UtmCampaign = "utm_campaign",
        /// `utm_term` of the page's address.
        UtmTerm = "utm_term",
        /// `utm_content` of the page's address.
        UtmContent = "utm_content",
        /// ISO 3166-1 alpha-2 code, upper case.
        Country = "country",
        /// ISO 3166-2 code.
        Region = "region",
        /// Name of the city.
        City = "city",
        /// Browser family.
        Browser = "browser",
        /// Browser version, major and minor.
        BrowserVersion = "browser_version",
        /// Operating system family.
        Os = "os",
        /// Operating system version.
        OsVersion = "os_version",
        /// Device class: `Desktop`, `Mobile`, `Tablet`, `TV` or `Console`.
        Device = "device",
        /// Screen size in CSS pixels, `1920x1080`.
        Screen = "screen",
        /// BCP 47 language tag of the browser.
        Language = "language",
        /// The user that `identify` linked the visitor to.
        User = "user",
        /// The session id that a client sent. Visits never depend on it.
        ClientSession = "client_session",
        /// ISO 4217 code of the revenue.
        Currency = "currency",
        /// Name of the tool that was called.
        Tool = "tool",
        /// Service or server that offers the tool.
        Service = "service",
        /// Version of the tool or service.
        Version = "version",
        /// Outcome of a call: `success` or `error`, or the client's own word.
        Status = "status",
        /// Class of the error, where a call or a page failed.
        ErrorType = "error_type",
        /// Provider of the model.
        Provider = "provider",
        /// Model that was asked for.
        Model = "model",
        /// Exact model version that answered.
        ModelVersion = "model_version",
        /// What the model did: `chat`, `embeddings`, …
        Operation = "operation",
        /// Why the model stopped.
        FinishReason = "finish_reason",
    }
}

columns! {
    /// A column of whole numbers; an event may have no value for it. Units are in the names.
    NumberColumn {
        /// Duration of a call, microseconds.
        DurationUs = "duration_us",
        /// Engaged time that an engagement event reports, milliseconds.
        EngagedMs = "engaged_ms",
        /// Deepest scroll position that an engagement event reports, percent 0–100.
        ScrollDepth = "scroll_depth",
        /// Revenue in millionths of the unit of `currency`.
        RevenueMicros = "revenue_micros",
        /// 1 when the call was answered from a cache, 0 when not.
        CacheHit = "cache_hit",
        /// Tokens read by the model.
        InputTokens = "input_tokens",
        /// Tokens written by the model.
        OutputTokens = "output_tokens",
        /// Input tokens read from the provider's cache.
        CachedTokens = "cached_tokens",
        /// Input tokens written to the provider's cache.
        CacheWriteTokens = "cache_write_tokens",
        /// Output tokens spent on reasoning.
        ReasoningTokens = "reasoning_tokens",
        /// Cost of the call in billionths of a US dollar.
        CostNanos = "cost_nanos",
        /// Time to the first token, microseconds.
        FirstTokenUs = "first_token_us",
        /// Quality score in millionths.
        QualityMicros = "quality_micros",
        /// Value of a web vital in millionths of its unit.
        VitalMicros = "vital_micros",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_columns() {
        for column in TextColumn::ALL {
            assert_eq!(TextColumn::from_name(column.name()), Some(*column));
            assert_eq!(TextColumn::ALL[column.index()], *column);
        }
        for column in NumberColumn::ALL {
            assert_eq!(NumberColumn::from_name(column.name()), Some(*column));
            assert!(TextColumn::from_name(column.name()).is_none());
        }
    }
}
