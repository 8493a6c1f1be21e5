//! Links between documents lead somewhere: a relative link names a file or folder of the
//! repository. Addresses of other places are not looked at.

use super::Violation;
use super::tree::Tree;

const RULE: &str = "link";

pub(super) fn check(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, text) in tree.ending(&[".md"]) {
        let mut in_code = false;
        for (at, line) in text.lines().enumerate() {
            in_code ^= line.trim_start().starts_with("```");
            let targets = if in_code { Vec::new() } else { targets(line) };
            for target in targets
                .into_iter()
                .filter(|target| !exists(tree, path, target))
            {
                let message = format!("the link to {target:?} leads nowhere");
                violations.push(Violation::new(RULE, path, at + 1, message));
            }
        }
    }
    violations
}

/// What `](…)` encloses, for relative links, without the part after `#`.
fn targets(line: &str) -> Vec<&str> {
    let links = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let relative = links.filter(|link| !link.contains("://") && !link.starts_with("mailto:"));
    relative
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty())
        .collect()
}

fn exists(tree: &Tree, from: &str, target: &str) -> bool {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            name => parts.push(name),
        }
    }
    let path = parts.join("/");
    let folder = format!("{path}/");
    tree.files.contains_key(&path) || tree.files.keys().any(|file| file.starts_with(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_links_are_found() {
        let text = "[a](b.md) [c](../README.md#top) [d](#here) [e](https://example.com) [f](adr/) \
                    [g](gone.md)\n```\n[h](not-a-link.md)\n```\n[i](../../outside.md)\n";
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("docs/b.md", ""),
            ("docs/adr/0001.md", ""),
            ("README.md", ""),
        ]);
        let messages: Vec<String> = check(&tree).into_iter().map(|v| v.message).collect();
        let expected = [
            "the link to \"gone.md\" leads nowhere",
            "the link to \"../../outside.md\" leads nowhere",
        ];
        assert_eq!(messages, expected);
    }
}
