//! Chooses what the binary embeds: the built dashboard and SDK where they are there, and otherwise
//! a placeholder that says how to build them. It builds nothing itself and needs no Node.

use std::path::{Path, PathBuf};

fn main() {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let placeholder = here.join("placeholder");
    let dashboard = built(&here.join("../../web/dist"), "index.html", &placeholder);
    let sdk = built(
        &here.join("../../sdk/browser/dist"),
        "almanac.js",
        &placeholder,
    );
    say(&format!(
        "rustc-env=ALMANAC_WEB_DIST={}",
        dashboard.display()
    ));
    say(&format!("rustc-env=ALMANAC_SDK_DIST={}", sdk.display()));
}

fn built(folder: &Path, file: &str, placeholder: &Path) -> PathBuf {
    // Watching the file that every build rewrites is enough to notice a new build; where there is
    // none yet, the missing file makes cargo look again each time, which costs nothing.
    say(&format!("rerun-if-changed={}", folder.join(file).display()));
    if folder.join(file).exists() {
        folder.to_path_buf()
    } else {
        placeholder.to_path_buf()
    }
}

fn say(instruction: &str) {
    println!("cargo:{instruction}");
}
