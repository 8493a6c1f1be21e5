//! One column in the making. Values of rows that were passed over are nothing.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};

use crate::bulk::field::Field;
use crate::bulk::value::Value;

/// A column and what it is.
#[derive(Debug)]
pub(in crate::bulk) struct Column {
    field: Field,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Visitors(Vec<Option<u64>>),
    Times(Vec<Option<i64>>),
    Flags(Vec<Option<bool>>),
    Numbers(Vec<Option<i64>>),
    Texts(Texts),
}

/// Texts behind a dictionary.
#[derive(Debug, Default)]
struct Texts {
    codes: HashMap<String, i32, foldhash::fast::RandomState>,
    values: Vec<String>,
    keys: Vec<Option<i32>>,
}

impl Column {
    pub(in crate::bulk) fn new(field: Field, is_raw: bool) -> Self {
        let values = match &field {
            Field::Visitor if !is_raw => Values::Visitors(Vec::new()),
            Field::Time(_) => Values::Times(Vec::new()),
            Field::Interactive => Values::Flags(Vec::new()),
            Field::Number(_, _) => Values::Numbers(Vec::new()),
            _ => Values::Texts(Texts::default()),
        };
        Self { field, values }
    }

    pub(in crate::bulk) fn is_of(&self, field: &Field) -> bool {
        self.field == *field
    }

    pub(in crate::bulk) fn name(&self) -> &str {
        self.field.column()
    }

    /// Sets the value of a row; rows before it without one have none.
    pub(in crate::bulk) fn set(&mut self, row: usize, value: Value<'_>) -> Result<(), String> {
        let fault = |error: String| format!("{}: {error}", self.field.column());
        match (&mut self.values, &self.field) {
            (Values::Visitors(all), _) => put(all, row, value.visitor()),
            (Values::Times(all), Field::Time(factor)) => {
                put(all, row, value.time(*factor).map_err(fault)?);
            }
            (Values::Flags(all), _) => put(all, row, value.flag().map_err(fault)?),
            (Values::Numbers(all), Field::Number(_, factor)) => {
                put(all, row, value.number(*factor).map_err(fault)?);
            }
            (Values::Texts(texts), _) => {
                if let Some(text) = value.text() {
                    let code = texts.code(&text);
                    put(&mut texts.keys, row, Some(code));
                }
            }
            (Values::Times(_) | Values::Numbers(_), _) => {}
        }
        Ok(())
    }

    /// Whether a row has a value.
    pub(in crate::bulk) fn has(&self, row: usize) -> bool {
        match &self.values {
            Values::Visitors(all) => matches!(all.get(row), Some(Some(_))),
            Values::Times(all) | Values::Numbers(all) => matches!(all.get(row), Some(Some(_))),
            Values::Flags(all) => matches!(all.get(row), Some(Some(_))),
            Values::Texts(texts) => matches!(texts.keys.get(row), Some(Some(_))),
        }
    }

    /// Forgets the values of rows from there on.
    pub(in crate::bulk) fn truncate(&mut self, rows: usize) {
        match &mut self.values {
            Values::Visitors(all) => all.truncate(rows),
            Values::Times(all) | Values::Numbers(all) => all.truncate(rows),
            Values::Flags(all) => all.truncate(rows),
            Values::Texts(texts) => texts.keys.truncate(rows),
        }
    }

    /// The column of so many rows.
    pub(in crate::bulk) fn finish(self, rows: usize) -> anyhow::Result<ArrayRef> {
        Ok(match self.values {
            Values::Visitors(mut all) => {
                all.resize(rows, None);
                Arc::new(UInt64Array::from(all))
            }
            Values::Times(mut all) => {
                all.resize(rows, None);
                Arc::new(TimestampMicrosecondArray::from(all).with_timezone("UTC"))
            }
            Values::Flags(mut all) => {
                all.resize(rows, None);
                Arc::new(BooleanArray::from(all))
            }
            Values::Numbers(mut all) => {
                all.resize(rows, None);
                Arc::new(Int64Array::from(all))
            }
            Values::Texts(mut texts) => {
                texts.keys.resize(rows, None);
                let values = Arc::new(StringArray::from(texts.values));
                let keys = Int32Array::from(texts.keys);
                Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?)
            }
        })
    }
}

impl Texts {
    fn code(&mut self, text: &str) -> i32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.values.len() as i32;
        self.values.push(text.to_owned());
        self.codes.insert(text.to_owned(), code);
        code
    }
}

/// Puts a value at a row; a row that comes twice keeps its last value.
fn put<T: Copy>(all: &mut Vec<Option<T>>, row: usize, value: Option<T>) {
    all.resize(row, None);
    all.push(value);
}
