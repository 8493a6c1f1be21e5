//! JSON from strangers: looked over before it is built, so that its depth and its number of values
//! are bounded whatever the body's size. It does not know what an event is.

use bytes::Bytes;
use serde_json::Value;

use crate::error::ApiError;

/// Deepest nesting of arrays and objects.
const DEPTH_MAX: usize = 32;
/// Most separators, and so values, in one body: a hundred events with every field and property.
const SEPARATORS_MAX: usize = 20_000;

/// Reads a body.
pub(super) fn read(body: &Bytes) -> Result<Value, ApiError> {
    read_up_to(body, SEPARATORS_MAX)
}

/// Reads a body of a door whose events have more values.
pub(super) fn read_up_to(body: &Bytes, separators_max: usize) -> Result<Value, ApiError> {
    if body.trim_ascii().is_empty() {
        let text = "the body is empty; send an event as JSON, or an array of events";
        return Err(ApiError::BadRequest(text.to_owned()));
    }
    look_over(body, separators_max).map_err(ApiError::BadRequest)?;
    serde_json::from_slice(body)
        .map_err(|error| ApiError::BadRequest(format!("the body is not JSON: {error}")))
}

/// One pass over the bytes that allocates nothing. What is inside texts does not count.
fn look_over(body: &[u8], separators_max: usize) -> Result<(), String> {
    let (mut depth, mut separators) = (0_usize, 0_usize);
    let (mut in_text, mut escaped) = (false, false);
    for byte in body {
        if in_text {
            (in_text, escaped) = match byte {
                _ if escaped => (true, false),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (true, false),
            };
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => separators += 1,
            _ => {}
        }
        if depth > DEPTH_MAX {
            let told = "the body is nested deeper than 32 levels; send flatter events";
            return Err(told.to_owned());
        }
        if separators > separators_max {
            return Err(format!(
                "the body has more than {separators_max} values; send fewer events at once"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: String, is_fine: bool) {
        assert_eq!(read(&Bytes::from(body)).is_ok(), is_fine);
    }

    #[test]
    fn depth_and_width_end_at_their_limits() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check(nested(DEPTH_MAX), true);
        check(nested(DEPTH_MAX + 1), false);
        check(nested(100_000), false);
        let wide = |values: usize| format!("[{}0]", "0,".repeat(values));
        check(wide(SEPARATORS_MAX), true);
        check(wide(SEPARATORS_MAX + 1), false);
        let text = format!(
            r#"{{"a":"\"{}{}"}}"#,
            "[".repeat(100),
            ",".repeat(SEPARATORS_MAX * 2)
        );
        check(text, true);
    }
}
