//! House rules that neither rustfmt nor clippy knows. Every rule is a pure function from the
//! [`Tree`] to violations, so each is tested with planted ones; only this file and `tree` touch the
//! disk.
//!
//! A violation that must stay for now goes into `xtask/tidy-allow.txt`, which may only shrink.

mod allow;
mod budget;
mod dependencies;
mod direction;
mod header;
mod licence;
mod link;
mod machine;
mod manifest;
mod mention;
mod naming;
mod rust_text;
mod tree;

use anyhow::Result;

use crate::stage::Outcome;
use crate::stage::counts::Counts;
use tree::Tree;

/// One breach of one rule. `line` is 1-based; 0 means the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Violation {
    rule: &'static str,
    path: String,
    line: usize,
    message: String,
}

impl Violation {
    fn new(rule: &'static str, path: &str, line: usize, message: impl Into<String>) -> Violation {
        Violation {
            rule,
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

/// A rule: its name, as written in the allow-list, and its function.
type Rule = (&'static str, fn(&Tree) -> Vec<Violation>);

const RULES: &[Rule] = &[
    ("direction", direction::check),
    ("header", header::check),
    ("file_lines", budget::check_files),
    ("function_lines", budget::check_functions),
    ("line_width", budget::check_width),
    ("naming", naming::check),
    ("manifest", manifest::check),
    ("unused_dependency", dependencies::check),
    ("licence", licence::check),
    ("machine", machine::check),
    ("link", link::check),
    ("mention", mention::check),
];

/// Runs every rule, prints what is wrong, and counts rules.
pub(crate) fn stage() -> Result<Outcome> {
    let tree = Tree::load()?;
    for note in budget::notes(&tree)
        .into_iter()
        .chain(licence::duplicates(&tree))
    {
        println!("note: {note}");
    }
    let found: Vec<Violation> = RULES.iter().flat_map(|(_, check)| check(&tree)).collect();
    let left = allow::subtract(found, tree.text(allow::PATH).unwrap_or_default());
    for violation in &left {
        let Violation {
            rule,
            path,
            line,
            message,
        } = violation;
        println!("{path}:{line}: {message} [{rule}]");
    }
    let is_broken = |rule: &str| left.iter().any(|violation| violation.rule == rule);
    let names = RULES.iter().map(|(name, _)| *name).chain([allow::RULE]);
    let mut counts = Counts::ZERO;
    for name in names {
        let broken = u64::from(is_broken(name));
        counts = counts.plus(Counts {
            passed: 1 - broken,
            failed: broken,
        });
    }
    Ok(if left.is_empty() {
        Outcome::Passed(counts)
    } else {
        Outcome::Failed(counts)
    })
}

/// The same, as a task of its own. `true` when nothing is wrong.
pub(crate) fn report() -> Result<bool> {
    match stage()? {
        Outcome::Failed(counts) => {
            println!("{counts} (of the rules)");
            Ok(false)
        }
        Outcome::Passed(_) | Outcome::Absent(_) => Ok(true),
    }
}
