//! The columns of batches as they travel to a server: always all of them, so that batches of one
//! file, which may differ in what they have, are of one stream.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use super::field::{RAW_TEXTS, VISITOR};

/// The batch with every column that batches of its sort can have.
pub(crate) fn complete(batch: &RecordBatch) -> anyhow::Result<RecordBatch> {
    let own = batch.schema();
    let visitor = own.field_with_name(VISITOR).map(Field::data_type);
    let schema = if matches!(visitor, Ok(DataType::UInt64)) {
        almanac_store::rows_schema()
    } else {
        raw_schema()
    };
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(array) => Arc::clone(array),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    let columns: Vec<ArrayRef> = schema.fields().iter().map(column).collect();
    let nullable = schema.fields().iter().zip(&columns).map(|(field, array)| {
        let field = Field::new(field.name(), array.data_type().clone(), true);
        Arc::new(field)
    });
    let schema = Schema::new(nullable.collect::<Vec<_>>());
    Ok(RecordBatch::try_new(Arc::new(schema), columns)?)
}

/// The columns of enriched rows with a text for the visitor, and what rows are enriched from.
fn raw_schema() -> SchemaRef {
    let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let enriched = almanac_store::rows_schema();
    let mut fields: Vec<Field> = Vec::new();
    for field in enriched.fields() {
        if field.name() == VISITOR {
            fields.push(Field::new(VISITOR, text.clone(), true));
        } else {
            fields.push(Field::clone(field));
        }
    }
    fields.extend(RAW_TEXTS.map(|name| Field::new(name, text.clone(), true)));
    Arc::new(Schema::new(fields))
}
