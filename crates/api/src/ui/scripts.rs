//! The scripts that sites load: our own by their names, and under the names that other products
//! give theirs, small scripts that do what pages made for those expect. It refuses all other
//! names.

use std::borrow::Cow;

use rust_embed::RustEmbed;

/// Scripts for a script tag are called so; the npm builds beside them are not served.
const OWN_PREFIX: &str = "almanac.";
/// What pages made for Plausible's script load.
const PLAUSIBLE: &str = "plausible.js";
/// What pages made for Umami's script load.
const UMAMI: &str = "umami.js";
/// First words of names that Plausible's script has or had; further words say what it should do.
const PLAUSIBLE_WORDS: [&str; 2] = ["script", "plausible"];
/// Newer names of that script begin so, and go on with an id of the site.
const PLAUSIBLE_ID_PREFIX: &str = "pa-";
/// In that script, the name under which it was asked for: a site's proxy may have changed the name
/// that its pages see, and the name says what to do.
const NAME_PLACE: &str = "{{script name}}";
/// Longest name, bytes.
const NAME_BYTES_MAX: usize = 200;

/// The builds for a script tag: the SDK, its core, its extensions, and scripts for other's pages.
#[derive(Debug, RustEmbed)]
#[folder = "$ALMANAC_SDK_DIST"]
struct Builds;

/// The script of that name.
pub(super) fn named(file: &str) -> Option<Cow<'static, [u8]>> {
    let stem = file.strip_suffix(".js")?;
    if file.starts_with(OWN_PREFIX) || file == UMAMI {
        return build(file);
    }
    if !is_plausible(stem) {
        return None;
    }
    let script = String::from_utf8(build(PLAUSIBLE)?.into_owned()).ok()?;
    Some(Cow::Owned(script.replace(NAME_PLACE, stem).into_bytes()))
}

/// The script that Umami serves beside its pages rather than in a folder.
pub(super) fn at_root(path: &str) -> Option<Cow<'static, [u8]>> {
    build(UMAMI).filter(|_| path == "script.js")
}

fn build(file: &str) -> Option<Cow<'static, [u8]>> {
    Builds::get(file).map(|found| found.data)
}

/// Whether Plausible's script has such a name. What is in it goes into the script, so nothing that
/// could end a text may be.
fn is_plausible(stem: &str) -> bool {
    let is_harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let first = stem.split('.').next().unwrap_or_default();
    stem.len() <= NAME_BYTES_MAX
        && stem.bytes().all(is_harmless)
        && (PLAUSIBLE_WORDS.contains(&first) || stem.starts_with(PLAUSIBLE_ID_PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_plausible_are_known_and_nothing_else_gets_into_its_script() {
        let names = [
            "script",
            "script.hash.outbound-links.tagged-events",
            "plausible",
            "plausible.manual",
            "pa-XiB_3f",
        ];
        for name in names {
            assert!(is_plausible(name), "{name}");
        }
        let long = format!("script.{}", "a".repeat(NAME_BYTES_MAX));
        for name in ["scripts", "module", "script.\"+alert(1)", "script.'", &long] {
            assert!(!is_plausible(name), "{name}");
        }
    }

    #[test]
    fn only_scripts_for_a_script_tag_have_names() {
        assert!(named("almanac.js").is_some());
        for file in ["module.js", "almanac.none.js", "../index.html", "script"] {
            assert!(named(file).is_none(), "{file}");
        }
        assert!(at_root("other.js").is_none());
    }
}
