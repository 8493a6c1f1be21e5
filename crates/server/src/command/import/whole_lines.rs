//! A reader that ends where its source breaks off, as a packed file cut short does, at the last
//! whole line: half a line would be taken for a line of its own when the whole file is read one
//! day. It knows nothing of what lines say.

use std::io::{BufRead, BufReader, Error, Read};

/// A line longer than this is passed on in parts, bytes.
const PART_BYTES_MAX: u64 = 1 << 20;

/// The whole lines of a source.
pub(super) struct WholeLines<S> {
    source: BufReader<S>,
    part: Vec<u8>,
    passed_on: usize,
    broke: Option<Error>,
}

impl<S: Read> WholeLines<S> {
    pub(super) fn new(source: S) -> Self {
        Self {
            source: BufReader::new(source),
            part: Vec::new(),
            passed_on: 0,
            broke: None,
        }
    }

    /// Why the source ended, unless it ended well.
    pub(super) fn broke(self) -> Option<Error> {
        self.broke
    }

    /// Whether there is more to pass on.
    fn next_part(&mut self) -> bool {
        self.part.clear();
        self.passed_on = 0;
        if self.broke.is_some() {
            return false;
        }
        let mut source = Read::take(&mut self.source, PART_BYTES_MAX);
        match source.read_until(b'\n', &mut self.part) {
            Ok(bytes) => bytes > 0,
            Err(error) => {
                self.broke = Some(error);
                self.part.clear();
                false
            }
        }
    }
}

impl<S: Read> Read for WholeLines<S> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.passed_on == self.part.len() {
                // What is there is passed on before anybody waits for more.
                let would_wait = filled > 0 && self.source.buffer().is_empty();
                if would_wait || !self.next_part() {
                    break;
                }
            }
            let rest = &self.part[self.passed_on..];
            let count = rest.len().min(buffer.len() - filled);
            buffer[filled..filled + count].copy_from_slice(&rest[..count]);
            filled += count;
            self.passed_on += count;
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes, then fails.
    struct Broken<'a>(&'a [u8]);

    impl Read for Broken<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => Ok(count),
            }
        }
    }

    fn read(source: impl Read) -> (String, bool) {
        let mut lines = WholeLines::new(source);
        let mut text = String::new();
        lines.read_to_string(&mut text).unwrap();
        (text, lines.broke().is_some())
    }

    #[test]
    fn a_source_that_ends_well_is_passed_on_as_it_is() {
        for text in ["", "a", "a\n", "a\nb", "\n\n"] {
            assert_eq!(read(text.as_bytes()), (text.to_owned(), false));
        }
    }

    #[test]
    fn a_source_that_breaks_off_ends_at_its_last_whole_line() {
        for (text, whole) in [("", ""), ("a", ""), ("a\n", "a\n"), ("a\nb\nc", "a\nb\n")] {
            assert_eq!(read(Broken(text.as_bytes())), (whole.to_owned(), true));
        }
    }
}
