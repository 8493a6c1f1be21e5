//! How many tests passed and failed, read from what test runners print. Each runner has its own
//! sentence; a line that is none of them counts nothing.

use std::fmt;

/// Tests that passed and tests that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Counts {
    pub(crate) const ZERO: Counts = Counts {
        passed: 0,
        failed: 0,
    };

    /// Adds up every runner's sentence in `output`.
    pub(crate) fn read(output: &str) -> Counts {
        output
            .lines()
            .map(|line| of_line(&plain(line)))
            .fold(Counts::ZERO, Counts::plus)
    }

    pub(crate) fn plus(self, other: Counts) -> Counts {
        Counts {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }

    /// A stage that succeeded without counting is one thing that passed.
    pub(crate) fn or_one_passed(self) -> Counts {
        if self == Counts::ZERO {
            Counts {
                passed: 1,
                failed: 0,
            }
        } else {
            self
        }
    }

    /// A stage that failed has at least one failure, whatever its runner printed.
    pub(crate) fn or_one_failed(self) -> Counts {
        Counts {
            failed: self.failed.max(1),
            ..self
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

fn of_line(line: &str) -> Counts {
    let line = line.trim();
    let is_summary = line.starts_with("test result:")          // cargo test
        || (line.starts_with("Summary [") && line.contains("tests run")) // cargo nextest, many
        || (line.starts_with("Summary [") && line.contains("test run")) // cargo nextest, one
        || line.starts_with("Tests ")                           // Vitest; not its "Test Files" line
        || is_pytest(line);
    if is_summary {
        return Counts {
            passed: number_before(line, "passed"),
            failed: number_before(line, "failed"),
        };
    }
    if let Some(count) = playwright(line) {
        return count;
    }
    node(line)
}

/// `=== 2 failed, 12 passed in 0.10s ===`, with or without the bars.
fn is_pytest(line: &str) -> bool {
    let bare = line.trim_matches(|c: char| c == '=' || c.is_whitespace());
    let ends_in_time = bare
        .rsplit_once(" in ")
        .is_some_and(|(_, time)| time.contains('s'));
    let starts_in_count = bare
        .split(' ')
        .next()
        .is_some_and(|word| word.parse::<u64>().is_ok());
    ends_in_time && starts_in_count && (bare.contains(" passed") || bare.contains(" failed"))
}

/// `12 passed (3.4s)`, and `1 failed` on a line of its own.
fn playwright(line: &str) -> Option<Counts> {
    let mut words = line.split(' ');
    let count = words.next()?.parse().ok()?;
    match (words.next()?, words.next()) {
        ("passed", Some(time)) if time.starts_with('(') => Some(Counts {
            passed: count,
            failed: 0,
        }),
        ("failed", None) => Some(Counts {
            passed: 0,
            failed: count,
        }),
        _ => None,
    }
}

/// `# pass 3` and `# fail 1`, or the same after an information sign.
fn node(line: &str) -> Counts {
    let mut words = line.split(' ');
    let sign = words.next();
    if sign != Some("#") && sign != Some("ℹ") {
        return Counts::ZERO;
    }
    let (word, count) = (
        words.next(),
        words.next().and_then(|count| count.parse().ok()),
    );
    match (word, count) {
        (Some("pass"), Some(passed)) => Counts { passed, failed: 0 },
        (Some("fail"), Some(failed)) => Counts { passed: 0, failed },
        _ => Counts::ZERO,
    }
}

/// The number in front of the first `word`, or zero.
fn number_before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line
        .split([' ', ';', ',', '|'])
        .filter(|w| !w.is_empty())
        .collect();
    let place = words.iter().position(|w| *w == word);
    place
        .and_then(|at| words.get(at.checked_sub(1)?)?.parse().ok())
        .unwrap_or(0)
}

/// The line without terminal colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured",
                12,
                0,
            ),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored", 3, 2),
            (
                "     Summary [   0.213s] 12 tests run: 11 passed, 1 failed, 0 skipped",
                11,
                1,
            ),
            (
                "     Summary [   0.013s] 1 test run: 1 passed, 0 skipped",
                1,
                0,
            ),
            ("      Tests  1 failed | 11 passed (12)", 11, 1),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m\u{1b}[22m (7)",
                7,
                0,
            ),
            (" Test Files  3 passed (3)", 0, 0),
            ("  9 passed (14.2s)", 9, 0),
            ("  2 failed", 0, 2),
            (
                "============ 1 failed, 4 passed in 0.12s ============",
                4,
                1,
            ),
            ("5 passed in 2.01s", 5, 0),
            ("# pass 3", 3, 0),
            ("ℹ fail 2", 0, 2),
            ("   Compiling almanac-model v0.1.0", 0, 0),
            ("7 passed the exam", 0, 0),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(Counts::read(line), Counts { passed, failed }, "{line}");
        }
    }

    #[test]
    fn the_sentences_of_several_binaries_add_up() {
        let output =
            "test result: ok. 2 passed; 0 failed;\nnoise\ntest result: ok. 5 passed; 1 failed;";
        assert_eq!(Counts::read(output).to_string(), "7 passed, 1 failed");
    }
}
