//! Where answers go: text in columns for people, JSON for programs.

use std::io::{self, Write};

use serde_json::Value;

/// A place for answers and the form that was asked for.
#[expect(missing_debug_implementations, reason = "a writer has nothing to show")]
pub struct Output<'a> {
    /// Whether the answer is JSON.
    pub as_json: bool,
    /// Standard output, or what a test reads.
    pub to: &'a mut dyn Write,
}

impl Output<'_> {
    /// Answers with the JSON or with the text, whichever was asked for.
    pub(super) fn answer(&mut self, value: &Value, text: &str) -> io::Result<()> {
        if self.as_json {
            return writeln!(self.to, "{value:#}");
        }
        self.to.write_all(text.as_bytes())
    }

    /// Answers with the JSON, or with a table of the rows under a heading; without rows with a line
    /// that says what to do.
    pub(super) fn table<const N: usize>(
        &mut self,
        value: &Value,
        heading: [&str; N],
        rows: &[[String; N]],
        when_empty: &str,
    ) -> io::Result<()> {
        if self.as_json || rows.is_empty() {
            return self.answer(value, &format!("{when_empty}\n"));
        }
        let heading = heading.map(str::to_owned);
        let all = || std::iter::once(&heading).chain(rows);
        let widths: [usize; N] = std::array::from_fn(|column| {
            all()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        });
        for row in all() {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:<width$}"));
            writeln!(
                self.to,
                "{}",
                cells.collect::<Vec<_>>().join("  ").trim_end()
            )?;
        }
        Ok(())
    }
}
