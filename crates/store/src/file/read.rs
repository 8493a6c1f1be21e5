//! Reads columns of a sealed file. A column that the file does not have reads as empty; a file that
//! is not what the manifest says is an error, never a panic.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};

use almanac_model::{Kind, NumberColumn, TextColumn};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;

use super::checks;
use super::{FileRun, INTERACTIVE, KIND, MILLISECOND_US, PROPERTIES, TIME, VISITOR};
use crate::StoreError;
use crate::dictionary::{CodeColumn, Dictionary, Interner};
use crate::options::READ_ROWS_MAX;
use crate::run::{self, Properties, Run, Text};

impl FileRun {
    /// Visitor of each row.
    pub(crate) fn visitors(&self) -> Result<Vec<u64>, StoreError> {
        let mut found = Vec::with_capacity(self.entry.rows as usize);
        for batch in self.batches(VISITOR)? {
            let column = batch.column(0).as_primitive_opt::<UInt64Type>();
            found.extend_from_slice(self.expect(column, VISITOR)?.values());
        }
        self.complete(found, VISITOR)
    }

    /// Time of each row, UTC microseconds.
    pub(crate) fn times(&self) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::with_capacity(self.entry.rows as usize);
        for batch in self.batches(TIME)? {
            let column = batch.column(0);
            if let Some(column) = column.as_primitive_opt::<TimestampMillisecondType>() {
                let times = column.values().iter();
                found.extend(times.map(|time| time.saturating_mul(MILLISECOND_US)));
            } else {
                let column = column.as_primitive_opt::<TimestampMicrosecondType>();
                found.extend_from_slice(self.expect(column, TIME)?.values());
            }
        }
        self.complete(found, TIME)
    }

    /// Kind of each row, with the bit for interactive.
    pub(crate) fn kinds(&self) -> Result<Vec<u8>, StoreError> {
        let mut found = Vec::with_capacity(self.entry.rows as usize);
        let code = |name: &str| Kind::ALL.into_iter().find(|kind| kind.name() == name);
        self.each_code(
            KIND,
            |values| {
                let unknown = || self.damage(&format!("{KIND} has an unknown value"));
                values
                    .map(|name| Ok(code(name).ok_or_else(unknown)?.code()))
                    .collect()
            },
            run::INTERACTIVE,
            &mut found,
        )?;
        let mut row = 0;
        if self.has(INTERACTIVE)? {
            for kind in &mut found {
                *kind &= !run::INTERACTIVE;
            }
            for batch in self.batches(INTERACTIVE)? {
                let flags = self.expect(batch.column(0).as_boolean_opt(), INTERACTIVE)?;
                for flag in flags {
                    if let (Some(true), Some(kind)) = (flag, found.get_mut(row)) {
                        *kind |= run::INTERACTIVE;
                    }
                    row += 1;
                }
            }
        } else {
            for kind in &mut found {
                *kind |= run::INTERACTIVE;
            }
        }
        self.complete(found, KIND)
    }

    /// Codes of a column in a shared dictionary; `None` when the file does not have it.
    pub(crate) fn codes(
        &self,
        column: &CodeColumn,
        dictionary: &Dictionary,
    ) -> Result<Option<Vec<u32>>, StoreError> {
        match column {
            CodeColumn::Text(column) => {
                self.text_codes(*column, &mut |values| Ok(dictionary.codes(values)))
            }
            CodeColumn::Property(name) => {
                let Some(all) = self.properties()? else {
                    return Ok(None);
                };
                Ok(all.codes_of(name, dictionary))
            }
        }
    }

    /// Bytes that a column occupies in the file; 0 when it cannot be told.
    pub(crate) fn column_bytes(&self, column: &str) -> u64 {
        let Ok(metadata) = self.metadata() else {
            return 0;
        };
        let chunks = metadata
            .metadata()
            .row_groups()
            .iter()
            .flat_map(|group| group.columns());
        let own = chunks.filter(|chunk| {
            chunk
                .column_path()
                .parts()
                .first()
                .is_some_and(|part| part == column)
        });
        own.map(|chunk| chunk.compressed_size().unsigned_abs())
            .sum()
    }

    /// The whole file.
    pub(crate) fn run(&self) -> Result<Run, StoreError> {
        let text = TextColumn::ALL.iter().map(|column| self.text(*column));
        let numbers = NumberColumn::ALL.iter().map(|column| self.numbers(*column));
        Ok(Run {
            visitors: self.visitors()?,
            times: self.times()?,
            kinds: self.kinds()?,
            text: text.collect::<Result<_, _>>()?,
            numbers: numbers.collect::<Result<_, _>>()?,
            properties: self.properties()?,
        })
    }

    /// A run of some rows, in that order. It holds no more than one column of the others.
    pub(crate) fn pick(&self, rows: &[u32]) -> Result<Run, StoreError> {
        if rows.is_empty() {
            return Ok(Run::default());
        }
        let text = TextColumn::ALL.iter().map(|column| {
            let text = self.text(*column)?;
            Ok(text.and_then(|text| text.pick(rows)))
        });
        let numbers = NumberColumn::ALL.iter().map(|column| {
            let values = self.numbers(*column)?;
            Ok(values.and_then(|values| run::pick_numbers(&values, rows)))
        });
        Ok(Run {
            visitors: run::pick(&self.visitors()?, rows),
            times: run::pick(&self.times()?, rows),
            kinds: run::pick(&self.kinds()?, rows),
            text: text.collect::<Result<_, StoreError>>()?,
            numbers: numbers.collect::<Result<_, StoreError>>()?,
            properties: self.properties()?.and_then(|all| all.pick(rows)),
        })
    }

    /// A text column; `None` when the file does not have it.
    pub(crate) fn text(&self, column: TextColumn) -> Result<Option<Text>, StoreError> {
        let mut interner = Interner::default();
        let codes = self.text_codes(column, &mut |values| {
            Ok(values.map(|value| interner.code(value)).collect())
        })?;
        Ok(codes.map(|codes| Text {
            values: interner.into_values(),
            codes,
        }))
    }

    /// A number column; `None` when the file does not have it.
    pub(crate) fn numbers(
        &self,
        column: NumberColumn,
    ) -> Result<Option<Vec<Option<i64>>>, StoreError> {
        let name = column.name();
        if !self.has(name)? {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(self.entry.rows as usize);
        for batch in self.batches(name)? {
            let column = batch.column(0).as_primitive_opt::<Int64Type>();
            found.extend(self.expect(column, name)?);
        }
        self.complete(found, name).map(Some)
    }

    fn text_codes(
        &self,
        column: TextColumn,
        intern: Intern<'_>,
    ) -> Result<Option<Vec<u32>>, StoreError> {
        if !self.has(column.name())? {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(self.entry.rows as usize);
        self.each_code(column.name(), intern, 0, &mut found)?;
        self.complete(found, column.name()).map(Some)
    }

    /// Reads a column of dictionary codes. `intern` gives each distinct value of a batch what its
    /// rows become; rows without a value become `blank`.
    fn each_code<T: Copy>(
        &self,
        name: &str,
        mut intern: impl FnMut(&mut dyn Iterator<Item = &str>) -> Result<Vec<T>, StoreError>,
        blank: T,
        found: &mut Vec<T>,
    ) -> Result<(), StoreError> {
        for batch in self.batches(name)? {
            let column = self.expect(batch.column(0).as_dictionary_opt::<Int32Type>(), name)?;
            let values = self.expect(column.values().as_string_opt::<i32>(), name)?;
            let mapped = intern(&mut values.iter().map(Option::unwrap_or_default))?;
            for key in column.keys() {
                let value = key.map_or(Some(blank), |key| mapped.get(key as usize).copied());
                found.push(self.expect(value, name)?);
            }
        }
        Ok(())
    }

    /// The properties of all rows; `None` when the file has none.
    pub(crate) fn properties(&self) -> Result<Option<Properties>, StoreError> {
        if !self.has(PROPERTIES)? {
            return Ok(None);
        }
        let mut offsets = vec![0];
        let (mut names, mut values) = (Interner::default(), Interner::default());
        let (mut name_codes, mut value_codes) = (Vec::new(), Vec::new());
        for batch in self.batches(PROPERTIES)? {
            let map = self.expect(batch.column(0).as_map_opt(), PROPERTIES)?;
            let keys = self.expect(map.keys().as_string_opt::<i32>(), PROPERTIES)?;
            let texts = self.expect(map.values().as_string_opt::<i32>(), PROPERTIES)?;
            for span in map.value_offsets().windows(2) {
                if span[1] as usize > keys.len().min(texts.len()) {
                    return Err(self.damage("properties end too early"));
                }
                for entry in span[0] as usize..span[1] as usize {
                    name_codes.push(names.code(keys.value(entry)));
                    let value = if texts.is_null(entry) {
                        ""
                    } else {
                        texts.value(entry)
                    };
                    value_codes.push(values.code(value));
                }
                offsets.push(name_codes.len() as u32);
            }
        }
        if offsets.len() as u64 != self.entry.rows + 1 {
            return Err(self.damage("properties are not as many as the rows"));
        }
        Ok(Some(Properties {
            offsets,
            names: Text {
                values: names.into_values(),
                codes: name_codes,
            },
            values: Text {
                values: values.into_values(),
                codes: value_codes,
            },
        }))
    }

    pub(super) fn has(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.metadata()?.schema().column_with_name(column).is_some())
    }

    /// Whether its instants are whole milliseconds.
    pub(super) fn is_in_milliseconds(&self) -> Result<bool, StoreError> {
        let field = self.metadata()?.schema().field_with_name(TIME)?;
        let unit = TimeUnit::Millisecond;
        Ok(matches!(field.data_type(), DataType::Timestamp(found, _) if *found == unit))
    }

    /// Whether a column is written byte by byte.
    pub(super) fn is_split(&self, column: &str) -> Result<bool, StoreError> {
        let metadata = self.metadata()?.metadata();
        let groups = metadata.row_groups().iter();
        let mut chunks = groups.flat_map(|group| group.columns());
        Ok(chunks.any(|chunk| {
            let is_it = chunk.column_path().string() == column;
            is_it
                && chunk
                    .encodings()
                    .any(|one| one == Encoding::BYTE_STREAM_SPLIT)
        }))
    }

    fn metadata(&self) -> Result<&ArrowReaderMetadata, StoreError> {
        if let Some(metadata) = self.metadata.get() {
            return Ok(metadata);
        }
        let file = self.open()?;
        let bytes = file
            .metadata()
            .map_err(StoreError::io("measure", self.path()))?
            .len();
        if bytes != self.entry.bytes {
            let expected = self.entry.bytes;
            return Err(self.damage(&format!("it has {bytes} bytes instead of {expected}")));
        }
        self.check_footer(&file)?;
        let metadata = self.guarded(|| {
            ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())
                .map_err(StoreError::damaged(self.path()))
        })?;
        let rows = metadata.metadata().file_metadata().num_rows();
        if u64::try_from(rows) != Ok(self.entry.rows) {
            let expected = self.entry.rows;
            return Err(self.damage(&format!("it has {rows} rows instead of {expected}")));
        }
        Ok(self.metadata.get_or_init(|| metadata))
    }

    /// The batches of one column.
    fn batches(&self, column: &str) -> Result<Vec<RecordBatch>, StoreError> {
        let metadata = self.metadata()?.clone();
        let Some((at, _)) = metadata.schema().column_with_name(column) else {
            return Err(self.damage(&format!("it has no column {column}")));
        };
        let mask = ProjectionMask::roots(metadata.parquet_schema(), [at]);
        let file = self.open()?;
        self.check_column(&metadata, at, &file)?;
        self.guarded(|| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata)
                .with_projection(mask)
                .with_batch_size(READ_ROWS_MAX.min(self.entry.rows as usize + 1))
                .build()
                .map_err(StoreError::damaged(self.path()))?
                .map(|batch| batch.map_err(StoreError::damaged(self.path())))
                .collect()
        })
    }

    /// Whether everything in it is as it was written.
    pub(crate) fn check_all(&self) -> Result<(), StoreError> {
        let metadata = self.metadata()?.metadata();
        if checks::of_file(self.path(), metadata)? == self.entry.checks {
            return Ok(());
        }
        Err(self.damage("it does not match its checksums"))
    }

    /// Compares the footer with its checksum, where there is one.
    fn check_footer(&self, file: &File) -> Result<(), StoreError> {
        match self.entry.checks.first() {
            Some(kept) if checks::of_footer(self.path(), file)? != *kept => {
                Err(self.damage("its footer does not match its checksum"))
            }
            _ => Ok(()),
        }
    }

    /// Compares everything that is stored of a column with its checksums, where there are some.
    fn check_column(
        &self,
        metadata: &ArrowReaderMetadata,
        root: usize,
        file: &File,
    ) -> Result<(), StoreError> {
        let Some(kept) = self.entry.checks.get(1..).filter(|kept| !kept.is_empty()) else {
            return Ok(());
        };
        let schema = metadata.parquet_schema();
        let ranges = checks::ranges(metadata.metadata());
        for (at, (start, length)) in ranges.enumerate() {
            if schema.get_column_root_idx(at % schema.num_columns()) != root {
                continue;
            }
            let found = checks::of_part(self.path(), file, start, length)?;
            if kept.get(at) != Some(&found) {
                let name = schema.root_schema().get_fields()[root].name();
                return Err(self.damage(&format!("column {name} does not match its checksum")));
            }
        }
        Ok(())
    }

    fn open(&self) -> Result<File, StoreError> {
        File::open(self.path()).map_err(StoreError::io("open", self.path()))
    }

    /// Runs a reader of the file's bytes. Such readers check most of what they read, not all of it,
    /// so a panic of theirs is taken for what it is: a damaged file.
    fn guarded<T>(&self, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        catch_unwind(AssertUnwindSafe(read))
            .unwrap_or_else(|_| Err(self.damage("its pages cannot be decoded")))
    }

    fn expect<T>(&self, value: Option<T>, column: &str) -> Result<T, StoreError> {
        value.ok_or_else(|| self.damage(&format!("column {column} is not of its type")))
    }

    fn complete<T>(&self, found: Vec<T>, column: &str) -> Result<Vec<T>, StoreError> {
        if found.len() as u64 == self.entry.rows {
            return Ok(found);
        }
        Err(self.damage(&format!("column {column} has {} rows", found.len())))
    }

    fn damage(&self, detail: &str) -> StoreError {
        StoreError::Damaged {
            path: self.path().to_owned(),
            detail: detail.to_owned(),
        }
    }
}

/// Gives the distinct values of a batch their codes.
type Intern<'a> = &'a mut dyn FnMut(&mut dyn Iterator<Item = &str>) -> Result<Vec<u32>, StoreError>;
