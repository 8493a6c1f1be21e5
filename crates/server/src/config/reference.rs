//! The reference of all settings, `docs/configuration.md`, made from their declarations. A test
//! fails while the file differs.

use super::settings::SECTIONS;

const HEAD: &str = "\
# Configuration

Almanac needs no configuration. What can be set is set by a flag, an environment variable, or a
line in `almanac.toml` (in the working directory, or where `--config` or `ALMANAC_CONFIG` says); a
flag counts before a variable, a variable before the file, the file before the default. Secrets can
be read from a file: `ALMANAC_SECRET_FILE=/run/secrets/almanac`. `almanac config show` prints every
value with its origin, secrets masked.

Sizes are bytes or numbers with a unit: `512 MiB`. Lists are written with commas.

This page is made from the declarations in `crates/server/src/config/settings.rs`; a test fails
while it differs. To write it again: `ALMANAC_UPDATE=1 cargo test -p almanac-server configuration`.
";

/// The text of the page.
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    for (about, settings) in SECTIONS {
        let section = settings.first().map_or("", |setting| setting.section);
        text.push_str(&format!("\n## `[{section}]`\n\n{}\n\n", about.trim()));
        text.push_str("| key | variable | default | meaning |\n|---|---|---|---|\n");
        for setting in settings {
            let default = match setting.default {
                "" => "(empty)".to_owned(),
                default => format!("`{default}`"),
            };
            text.push_str(&format!(
                "| `{}` | `{}` | {default} | {} |\n",
                setting.key,
                setting.variable,
                setting.meaning.trim()
            ));
        }
    }
    text
}
