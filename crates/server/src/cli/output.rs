//! Where answers go: text in columns for people, JSON for programs.

use std::io::{self, Write};

use serde_json::Value;

/// Standard output that remembers whether its reader has gone: `almanac … | head` is no failure.
#[expect(missing_debug_implementations, reason = "a writer has nothing to show")]
pub struct Answers<'a> {
    to: &'a mut dyn Write,
    nobody_reads: bool,
}

impl<'a> Answers<'a> {
    /// Writes to `to`.
    pub fn to(to: &'a mut dyn Write) -> Self {
        Self {
            to,
            nobody_reads: false,
        }
    }

    /// Whether a write was refused because the other end of the pipe is closed.
    pub fn nobody_reads(&self) -> bool {
        self.nobody_reads
    }

    fn noticing<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.nobody_reads |= error.kind() == io::ErrorKind::BrokenPipe;
        }
        result
    }
}

impl Write for Answers<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.to.write(bytes);
        self.noticing(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.to.flush();
        self.noticing(result)
    }
}

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
    pub(crate) fn answer(&mut self, value: &Value, text: &str) -> io::Result<()> {
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
