//! Comma-separated files with a heading, read by the names of their columns. Every complaint names
//! the line and the column; what the values mean is the caller's business.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use crate::cli::{ExitCode, Failure};

/// Rows that a file may have; all of them are held in memory.
const ROWS_MAX: u64 = 5_000_000;

/// An open file and where its wanted columns are.
pub(crate) struct Table<'a, const N: usize> {
    path: String,
    reader: Reader<Box<dyn Read + 'a>>,
    names: [&'static str; N],
    places: [usize; N],
}

/// The wanted cells of one row.
pub(crate) struct Row<'a, const N: usize> {
    path: &'a str,
    names: [&'static str; N],
    line: u64,
    /// The cells, in the order in which columns were asked for.
    pub(crate) cells: [&'a str; N],
}

impl<'a, const N: usize> Table<'a, N> {
    /// Opens a file (`-` is `input`) and finds the columns.
    pub(crate) fn open(
        path: &Path,
        input: &'a mut dyn Read,
        names: [&'static str; N],
    ) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let source: Box<dyn Read + 'a> = if shown == "-" {
            Box::new(input)
        } else {
            let file = File::open(path).map_err(|error| {
                Failure::new(ExitCode::NotFound, format!("cannot open {shown}: {error}"))
            })?;
            Box::new(file)
        };
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(source);
        let heading = reader
            .headers()
            .map_err(|error| invalid(format!("{shown}: the heading cannot be read: {error}")))?
            .clone();
        if heading.iter().all(str::is_empty) {
            let wanted = names.join(", ");
            return Err(invalid(format!(
                "{shown} is empty; its first line names the columns, among them {wanted}"
            )));
        }
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            let is_it = |column: &str| column.trim_start_matches('\u{feff}') == name;
            let found = heading.iter().position(is_it);
            if heading.iter().filter(|column| is_it(column)).count() > 1 {
                return Err(invalid(format!(
                    "{shown}, line 1: the column {name:?} stands there twice; rename one of them"
                )));
            }
            *place = found.ok_or_else(|| {
                let has = heading.iter().collect::<Vec<_>>().join(", ");
                invalid(format!(
                    "{shown}, line 1: there is no column {name:?}; there are: {has}"
                ))
            })?;
        }
        Ok(Self {
            path: shown,
            reader,
            names,
            places,
        })
    }

    /// Gives every row to `take`, in order.
    pub(crate) fn each(
        mut self,
        mut take: impl FnMut(&Row<'_, N>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut record = StringRecord::new();
        let mut rows = 0;
        let path = self.path;
        while self
            .reader
            .read_record(&mut record)
            .map_err(|error| invalid(format!("{path}: {error}")))?
        {
            rows += 1;
            if rows > ROWS_MAX {
                return Err(invalid(format!(
                    "{path}: more than {ROWS_MAX} rows; split the file"
                )));
            }
            take(&Row {
                path: &path,
                names: self.names,
                line: record.position().map_or(0, csv::Position::line),
                cells: self.places.map(|place| record.get(place).unwrap_or("")),
            })?;
        }
        Ok(())
    }
}

impl<const N: usize> Row<'_, N> {
    /// The number in a cell; an empty one or `nan` is none.
    pub(crate) fn number(&self, column: usize) -> Result<Option<f64>, Failure> {
        let text = self.cells[column];
        if text.is_empty() || text.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Some(number)),
            _ => Err(self.complain(column, "is no number")),
        }
    }

    /// A complaint about a cell.
    pub(crate) fn complain(&self, column: usize, what: &str) -> Failure {
        let Row { path, line, .. } = self;
        let (name, cell) = (self.names[column], self.cells[column]);
        invalid(format!(
            "{path}, line {line}, column {name}: {cell:?} {what}"
        ))
    }
}

/// Opens the file for results before any work is done for them, unless it is the file that is read.
pub(crate) fn create(output: &Path, input: &Path) -> Result<File, Failure> {
    let shown = output.display();
    let places = (std::fs::canonicalize(output), std::fs::canonicalize(input));
    if let (Ok(output), Ok(input)) = places
        && output == input
    {
        let text = format!("{shown} is the file that is read; name another one for the results");
        return Err(Failure::new(ExitCode::Usage, text));
    }
    File::create(output)
        .map_err(|error| Failure::new(ExitCode::Failed, format!("cannot write {shown}: {error}")))
}

fn invalid(message: String) -> Failure {
    Failure::new(ExitCode::Invalid, message)
}
