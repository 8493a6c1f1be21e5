//! What the binary is made of: every resolved dependency has a licence of the list in `deny.toml`,
//! and none is a crate that the same file bans. Reads `cargo metadata` and nothing from the
//! network, so it knows no security advisories; `cargo deny check` reads the same file and does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toml::Table;

use super::Violation;
use super::tree::Tree;

const RULE: &str = "licence";
const POLICY: &str = "deny.toml";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let policy = tree
        .text(POLICY)
        .unwrap_or_default()
        .parse::<Table>()
        .unwrap_or_default();
    let allowed = allowed_licences(&policy);
    let banned = banned_crates(&policy);
    let mut violations = Vec::new();
    for package in packages(&tree.metadata) {
        let name = package["name"].as_str().unwrap_or_default();
        if let Some(reason) = banned.get(name) {
            let message = format!("{name} is banned: {reason}");
            violations.push(Violation::new(RULE, "Cargo.lock", 0, message));
        }
        let expression = package["license"].as_str().unwrap_or_default();
        if !satisfies(expression, &allowed) {
            let message = format!("{name} is under {expression:?}, which {POLICY} does not allow");
            violations.push(Violation::new(RULE, "Cargo.lock", 0, message));
        }
    }
    violations
}

/// Crates that are linked in more than one version: a note, not a violation, because the remedy is
/// usually in somebody else's manifest.
pub(super) fn duplicates(tree: &Tree) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages(&tree.metadata) {
        if let (Some(name), Some(version)) = (package["name"].as_str(), package["version"].as_str())
        {
            versions.entry(name).or_default().insert(version);
        }
    }
    let twice = versions.into_iter().filter(|(_, found)| found.len() > 1);
    let list: Vec<String> = twice
        .map(|(name, found)| format!("{name} {}", found.into_iter().collect::<Vec<_>>().join("+")))
        .collect();
    if list.is_empty() {
        list
    } else {
        vec![format!("in several versions: {}", list.join(", "))]
    }
}

/// The packages that are really built here; metadata also lists those of other platforms.
fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten();
    let built: BTreeSet<&str> = nodes.filter_map(|node| node["id"].as_str()).collect();
    let all = metadata["packages"].as_array().into_iter().flatten();
    all.filter(move |package| package["id"].as_str().is_some_and(|id| built.contains(id)))
}

fn allowed_licences(policy: &Table) -> BTreeSet<&str> {
    let list = policy
        .get("licenses")
        .and_then(|section| section.get("allow"));
    list.and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|l| l.as_str())
        .collect()
}

fn banned_crates(policy: &Table) -> BTreeMap<&str, &str> {
    let list = policy.get("bans").and_then(|section| section.get("deny"));
    let entries = list.and_then(toml::Value::as_array).into_iter().flatten();
    entries
        .filter_map(|entry| {
            let reason = entry.get("reason").and_then(toml::Value::as_str);
            Some((
                entry.get("crate")?.as_str()?,
                reason.unwrap_or("no reason given"),
            ))
        })
        .collect()
}

/// Whether an SPDX expression can be satisfied with allowed licences only: one side of an `OR` is
/// enough, both sides of an `AND` are needed. An empty expression is never satisfied.
fn satisfies(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    // `/` is how old manifests write OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    any_of(&words, &mut at, allowed) && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut holds = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        holds |= all_of(words, at, allowed);
    }
    holds
}

fn all_of(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let mut holds = single(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        holds &= single(words, at, allowed);
    }
    holds
}

fn single(words: &[&str], at: &mut usize, allowed: &BTreeSet<&str>) -> bool {
    let Some(word) = words.get(*at) else {
        return false;
    };
    *at += 1;
    if *word == "(" {
        let holds = any_of(words, at, allowed);
        // The closing bracket.
        *at += 1;
        return holds;
    }
    if words.get(*at) == Some(&"WITH") {
        // An exception only ever permits more than the licence before it.
        *at += 2;
    }
    allowed.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions() {
        let allowed = BTreeSet::from(["MIT", "Apache-2.0", "BSD-3-Clause"]);
        let cases = [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("GPL-3.0/MIT", true),
            ("MIT AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND BSD-3-Clause", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("Apache-2.0 WITH LLVM-exception OR GPL-3.0", true),
            ("GPL-3.0", false),
            ("", false),
            ("MIT MIT", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(satisfies(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn planted_packages_are_found() {
        let policy = "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"sled\", reason = \"unmaintained\" }]";
        let mut tree = Tree::of(&[("deny.toml", policy)]);
        let package = |id: &str, name: &str, version: &str, license: &str| json!({"id": id, "name": name, "version": version, "license": license});
        tree.metadata = json!({
            "packages": [
                package("1", "fine", "1.0.0", "MIT"),
                package("2", "fine", "2.0.0", "MIT"),
                package("3", "sled", "1.0.0", "MIT"),
                package("4", "viral", "1.0.0", "AGPL-3.0"),
                package("5", "of-another-platform", "1.0.0", "AGPL-3.0"),
            ],
            "resolve": {"nodes": [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "4"}]},
        });
        let messages: Vec<String> = check(&tree).into_iter().map(|v| v.message).collect();
        let expected = [
            "sled is banned: unmaintained",
            "viral is under \"AGPL-3.0\", which deny.toml does not allow",
        ];
        assert_eq!(messages, expected);
        assert_eq!(duplicates(&tree), ["in several versions: fine 1.0.0+2.0.0"]);
    }
}
