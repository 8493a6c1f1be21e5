//! What Chromium says of itself beside its user agent, which it has frozen: every Android is 10
//! there, every Windows 10, every macOS 10.15. Only what is known to be truer is taken; names that
//! nobody knows change nothing.

use std::fmt;

use super::Agent;
use crate::limits::HINT_BYTES_MAX;
use crate::text;

/// Client hints as their headers came, empty where there was none. Together they may tell a browser
/// from others, so `Debug` hides them, and they go no further than the steps.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// `Sec-CH-UA`: names and major versions.
    pub brands: String,
    /// `Sec-CH-UA-Full-Version-List`: names and whole versions.
    pub full_versions: String,
    /// `Sec-CH-UA-Mobile`: `?1` or `?0`.
    pub mobile: String,
    /// `Sec-CH-UA-Platform`: `"Windows"`.
    pub platform: String,
    /// `Sec-CH-UA-Platform-Version`: `"15.0.0"`.
    pub platform_version: String,
    /// `Sec-CH-UA-Model`: `"Pixel 9"`, on telephones and tablets.
    pub model: String,
    /// `Sec-CH-UA-Form-Factors`: `"Tablet"`.
    pub form_factors: String,
}

impl fmt::Debug for Hints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hints(hidden)")
    }
}

/// What hints tell better than the user agent; none where they do not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Truer {
    /// Browser family and version.
    pub(crate) browser: Option<(&'static str, String)>,
    /// Operating system family and version; without a version the user agent's stays.
    pub(crate) os: Option<(&'static str, Option<String>)>,
    /// Device class.
    pub(crate) device: Option<&'static str>,
    /// The browser says that it has no screen.
    pub(crate) is_headless: bool,
}

/// Names in hints, and the names that the browsers have here. `Chromium` is in the hints of all of
/// them, and a name that changes from version to version, so that nobody relies on the list.
const BRANDS: &[(&str, &str)] = &[
    ("Google Chrome", "Chrome"),
    ("Microsoft Edge", "Edge"),
    ("Opera", "Opera"),
    ("Opera GX", "Opera"),
    ("OperaMobile", "Opera"),
    ("Brave", "Brave"),
    ("Vivaldi", "Vivaldi"),
    ("Samsung Internet", "Samsung Internet"),
    ("YaBrowser", "Yandex Browser"),
    ("Yandex", "Yandex Browser"),
    ("Android WebView", "Android WebView"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("Whale", "Whale"),
];
/// The name of a Chromium that nobody looks at.
const HEADLESS: &str = "HeadlessChrome";
/// From this version of its platform on, Windows is called 11.
const WINDOWS_11_FROM: u32 = 13;
/// Beginnings of Android models that are no telephones, and what they are.
const MODELS: &[(&str, &str)] = &[
    ("SM-T", "Tablet"),
    ("SM-X", "Tablet"),
    ("SM-P", "Tablet"),
    ("Pixel Tablet", "Tablet"),
    ("Lenovo TB", "Tablet"),
    ("KF", "Tablet"),
    ("BRAVIA", "TV"),
    ("AFT", "TV"),
    ("Chromecast", "TV"),
    ("SHIELD Android TV", "TV"),
    ("MiTV", "TV"),
];

impl Hints {
    /// What they tell better than that.
    pub(crate) fn truer(&self, agent: &Agent) -> Truer {
        if self.brands.is_empty() && self.full_versions.is_empty() && self.platform.is_empty() {
            return Truer::default();
        }
        let (short, full) = (list(&self.brands), list(&self.full_versions));
        let all = || full.iter().chain(&short);
        Truer {
            browser: all().find_map(|(brand, version)| {
                let (_, family) = BRANDS.iter().find(|(name, _)| name == brand)?;
                Some((*family, browser_version(version, family, agent)))
            }),
            is_headless: all().any(|(brand, _)| *brand == HEADLESS),
            os: self.os(),
            device: self.device(agent),
        }
    }

    fn os(&self) -> Option<(&'static str, Option<String>)> {
        let numbers = numbers(unquoted(&self.platform_version));
        let version = || (!numbers.is_empty()).then(|| joined(&numbers));
        Some(match unquoted(&self.platform) {
            // Windows before 10 has 0 here, and its user agent tells more.
            "Windows" => match numbers.first() {
                Some(major) if *major >= WINDOWS_11_FROM => ("Windows", Some("11".to_owned())),
                Some(major) if *major > 0 => ("Windows", Some("10".to_owned())),
                _ => ("Windows", None),
            },
            "macOS" => ("macOS", version()),
            "Android" => ("Android", version()),
            "Chrome OS" | "Chromium OS" => ("Chrome OS", None),
            "Linux" => ("Linux", None),
            _ => return None,
        })
    }

    fn device(&self, agent: &Agent) -> Option<&'static str> {
        // Televisions and consoles say what they are in the user agent, and `?0` here.
        if matches!(agent.device, "TV" | "Console") {
            return None;
        }
        let factors = &self.form_factors;
        let by_factor = ["Tablet", "Mobile", "Desktop"]
            .into_iter()
            .find(|class| factors.contains(&format!("\"{class}\"")));
        let model = unquoted(&self.model);
        let by_model = || {
            let known = MODELS.iter().find(|(begin, _)| model.starts_with(begin));
            known.map(|(_, class)| *class)
        };
        let by_mobile = || match (unquoted(&self.platform), self.mobile.trim()) {
            ("Android", "?1") => Some("Mobile"),
            ("Android", "?0") => Some("Tablet"),
            ("Windows" | "macOS" | "Chrome OS" | "Linux", "?0") => Some("Desktop"),
            _ => None,
        };
        by_factor.or_else(by_model).or_else(by_mobile)
    }
}

/// Major and minor version as hints tell them; the user agent's, where that means the same version
/// and says more.
fn browser_version(told: &str, family: &str, agent: &Agent) -> String {
    let numbers = numbers(told);
    let major = numbers.first().map(u32::to_string).unwrap_or_default();
    let known = agent.browser_version.split('.').next().unwrap_or_default();
    if numbers.len() < 2 && agent.browser == family && known == major {
        return agent.browser_version.clone();
    }
    match numbers.get(1) {
        Some(minor) => format!("{major}.{minor}"),
        None => major,
    }
}

/// The numbers of a version: major, minor and so on, as far as they are numbers.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

/// Major and minor version; a minor one of 0 says nothing.
fn joined(numbers: &[u32]) -> String {
    match numbers {
        [] => String::new(),
        [major] | [major, 0, ..] => major.to_string(),
        [major, minor, ..] => format!("{major}.{minor}"),
    }
}

fn unquoted(value: &str) -> &str {
    text::cut(value, HINT_BYTES_MAX).trim().trim_matches('"')
}

/// The names of a list with their versions: `"Chromium";v="142", "Google Chrome";v="142"`. A name
/// may hold any sign, with a backslash before quotes.
fn list(value: &str) -> Vec<(&str, &str)> {
    let mut rest = text::cut(value, HINT_BYTES_MAX);
    let mut found = Vec::new();
    while let Some((name, after)) = quoted(rest) {
        let version = after.strip_prefix(";v=").and_then(quoted);
        let (version, after) = version.unwrap_or(("", after));
        found.push((name, version));
        rest = after;
    }
    found
}

/// The first text between quotes, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let (_, inner) = text.split_once('"')?;
    let mut is_escaped = false;
    let end = inner.find(|sign| {
        let is_end = sign == '"' && !is_escaped;
        is_escaped = sign == '\\' && !is_escaped;
        is_end
    })?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_read_whatever_their_names_hold() {
        let greased = r#""Not;A=\"Brand";v="8", "Chromium";v="142.0.7444.60", "x""#;
        assert_eq!(
            list(greased),
            [
                (r#"Not;A=\"Brand"#, "8"),
                ("Chromium", "142.0.7444.60"),
                ("x", "")
            ]
        );
        assert_eq!(list("nonsense"), []);
    }

    #[test]
    fn a_browser_without_a_screen_says_so() {
        let hints = Hints {
            brands: r#""HeadlessChrome";v="142", "Chromium";v="142""#.to_owned(),
            ..Hints::default()
        };
        assert!(hints.truer(&Agent::default()).is_headless);
        assert_eq!(Hints::default().truer(&Agent::default()), Truer::default());
    }

    proptest! {
        #[test]
        fn no_hint_breaks_it(texts in prop::array::uniform7(any::<String>())) {
            let [brands, full_versions, mobile, platform, platform_version, model, form_factors] =
                texts;
            let hints = Hints {
                brands, full_versions, mobile, platform, platform_version, model, form_factors,
            };
            hints.truer(&Agent::default());
        }
    }
}
