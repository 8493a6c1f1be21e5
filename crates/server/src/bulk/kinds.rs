//! The kind of enriched rows, where a file does not say it: it follows from the name of the event,
//! as it does for live ones.

use std::sync::Arc;

use almanac_model::Kind;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, StringArray};

/// Kinds and names of rows, both given where the file has them. A row without a name is called as
/// its kind.
pub(super) fn fill(
    kind: Option<&ArrayRef>,
    name: Option<&ArrayRef>,
    rows: usize,
) -> anyhow::Result<(ArrayRef, ArrayRef)> {
    let kinds = kind.map(|array| codes(array, None)).transpose()?;
    let custom = i32::from(Kind::Custom.code());
    let names = name.map(|array| codes(array, Some(custom))).transpose()?;
    let of = |codes: &Option<Codes<'_>>, row: usize| {
        let (keys, values) = codes.as_ref()?;
        let key = usize::try_from(keys.value(row)).ok();
        let value = key
            .filter(|_| keys.is_valid(row))
            .and_then(|key| values.get(key));
        value.copied().flatten()
    };
    let mut all_kinds = Vec::with_capacity(rows);
    for row in 0..rows {
        let known = match of(&kinds, row) {
            Some(known) => known,
            None => of(&names, row).map_or(Kind::Pageview as i32, |known| known),
        };
        all_kinds.push(known);
    }
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let words = Arc::new(StringArray::from(words));
    let kinds: DictionaryArray<Int32Type> =
        DictionaryArray::try_new(Int32Array::from(all_kinds), words)?;
    let kinds: ArrayRef = Arc::new(kinds);
    let names = match name {
        Some(array) if array.null_count() == 0 => Arc::clone(array),
        Some(array) => named(array.as_dictionary::<Int32Type>(), kinds.as_dictionary())?,
        None => Arc::clone(&kinds),
    };
    Ok((kinds, names))
}

/// The key of each row, and for each value the code of the kind that it names.
type Codes<'a> = (&'a Int32Array, Vec<Option<i32>>);

/// `other` is the code of what names no kind; without one, that is a mistake.
fn codes(array: &ArrayRef, other: Option<i32>) -> anyhow::Result<Codes<'_>> {
    let dictionary = array.as_dictionary::<Int32Type>();
    let values = dictionary
        .values()
        .as_string_opt::<i32>()
        .ok_or_else(|| anyhow::anyhow!("kind and name must be texts"))?;
    let of_value = |value: Option<&str>| {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        let known = Kind::ALL.into_iter().find(|kind| kind.name() == value);
        let code = known.map(|kind| i32::from(kind.code())).or(other);
        code.map(Some).ok_or_else(|| {
            let all = Kind::ALL.map(Kind::name).join(", ");
            anyhow::anyhow!("{value:?} is no kind; there are: {all}")
        })
    };
    let codes = values.iter().map(of_value);
    Ok((dictionary.keys(), codes.collect::<Result<_, _>>()?))
}

/// Names with those of their kinds where there are none.
fn named(
    names: &DictionaryArray<Int32Type>,
    kinds: &DictionaryArray<Int32Type>,
) -> anyhow::Result<ArrayRef> {
    let own = names.values().as_string::<i32>();
    let first_kind = i32::try_from(own.len())?;
    let values = own.iter().chain(kinds.values().as_string::<i32>());
    let keys = names.keys().iter().zip(kinds.keys());
    let keys = keys.map(|(name, kind)| name.or_else(|| kind.map(|kind| first_kind + kind)));
    let named: DictionaryArray<Int32Type> =
        DictionaryArray::try_new(keys.collect(), Arc::new(values.collect::<StringArray>()))?;
    Ok(Arc::new(named))
}
