//! From a run to Arrow columns with one schema for all, so that batches of different days and
//! stores fit together. A column that the run lacks is null throughout.

use std::sync::Arc;

use almanac_model::{NumberColumn, TextColumn};
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, UInt64Array, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::StoreError;
use crate::file::{self, INTERACTIVE, KIND, PROPERTIES, TIME, VISITOR};
use crate::run::{self, Run};

/// The columns of an export, in their order: who, when and what, the text columns, the number
/// columns, and the properties.
pub fn schema() -> SchemaRef {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let mut fields = vec![
        Field::new(VISITOR, DataType::UInt64, false),
        Field::new(TIME, time, false),
        Field::new(KIND, text(), false),
        Field::new(INTERACTIVE, DataType::Boolean, false),
    ];
    let columns = TextColumn::ALL.iter();
    fields.extend(columns.map(|column| Field::new(column.name(), text(), true)));
    let columns = NumberColumn::ALL.iter();
    fields.extend(columns.map(|column| Field::new(column.name(), DataType::Int64, true)));
    fields.push(Field::new(PROPERTIES, file::map_type(), false));
    Arc::new(Schema::new(fields))
}

/// The rows of a run in the schema of exports.
pub(crate) fn to_batch(run: &Run) -> Result<RecordBatch, StoreError> {
    let rows = run.rows();
    let schema = schema();
    let flags = run.kinds.iter();
    let flags = flags.map(|kind| Some(kind & run::INTERACTIVE != 0));
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from(run.visitors.clone())),
        Arc::new(file::microseconds(&run.times)),
        file::kinds(&run.kinds)?,
        Arc::new(flags.collect::<BooleanArray>()),
    ];
    for (at, column) in TextColumn::ALL.iter().enumerate() {
        columns.push(match run.text.get(at).and_then(Option::as_ref) {
            Some(text) => file::texts(text)?,
            None => new_null_array(schema.field_with_name(column.name())?.data_type(), rows),
        });
    }
    for (at, _) in NumberColumn::ALL.iter().enumerate() {
        columns.push(match run.numbers.get(at).and_then(Option::as_ref) {
            Some(numbers) => Arc::new(Int64Array::from(numbers.clone())),
            None => new_null_array(&DataType::Int64, rows),
        });
    }
    columns.push(file::maps(run.properties.as_ref(), rows)?);
    Ok(RecordBatch::try_new(schema, columns)?)
}
