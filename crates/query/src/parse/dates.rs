//! Reads spans of time: the words for them, two dates, or two moments.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::Value;

use super::value::{text, wrong_type};
use super::{DateRange, Moment};
use crate::limits;
use crate::refusal::{Pointer, Refusal, quoted};

/// Length of an ISO date, bytes; anything longer has a time in it.
const DATE_BYTES: usize = "2025-01-31".len();

pub(crate) fn range(value: &Value, at: &Pointer) -> Result<DateRange, Refusal> {
    match value {
        Value::String(word) => preset(word, at),
        Value::Array(ends) => match ends.as_slice() {
            [first, last] => pair(first, last, at),
            _ => Err(wrong_type(value, at, "two dates or two date-times")),
        },
        _ => Err(wrong_type(
            value,
            at,
            "a word like \"7d\", two dates or two date-times",
        )),
    }
}

fn preset(word: &str, at: &Pointer) -> Result<DateRange, Refusal> {
    let counted = |unit: &str, most: i64| {
        let digits = word.strip_suffix(unit)?;
        // Only plain digits: the standard parser would also take a sign.
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: i64 = digits.parse().ok()?;
        (is_number && (1..=most).contains(&count)).then_some(count)
    };
    let fixed = match word {
        "day" => Some(DateRange::Today),
        "24h" => Some(DateRange::Last24Hours),
        "month" => Some(DateRange::ThisMonth),
        "year" => Some(DateRange::ThisYear),
        "all" => Some(DateRange::All),
        _ => None,
    };
    fixed
        .or_else(|| counted("d", limits::PRESET_DAYS_MAX).map(DateRange::Days))
        .or_else(|| counted("mo", limits::PRESET_MONTHS_MAX).map(DateRange::Months))
        .ok_or_else(|| {
            let reason = format!(
                "unknown range {}; one of day, 24h, 7d, 28d, 30d, 91d (any number of days up to \
                 {}), \
                 month, 6mo, 12mo (any number of months up to {}), year, all, or two dates",
                quoted(word),
                limits::PRESET_DAYS_MAX,
                limits::PRESET_MONTHS_MAX,
            );
            Refusal::new(at, reason)
        })
}

fn pair(first: &Value, last: &Value, at: &Pointer) -> Result<DateRange, Refusal> {
    let (first_at, last_at) = (at.at(0), at.at(1));
    let (first, last) = (text(first, &first_at)?, text(last, &last_at)?);
    if first.len() <= DATE_BYTES && last.len() <= DATE_BYTES {
        let (first_day, last_day) = (date(first, &first_at)?, date(last, &last_at)?);
        if last_day < first_day {
            let reason = format!("ends on {last_day}, before it starts on {first_day}");
            return Err(Refusal::new(at, reason));
        }
        return Ok(DateRange::Dates(first_day, last_day));
    }
    Ok(DateRange::Moments(
        moment(first, &first_at)?,
        moment(last, &last_at)?,
    ))
}

fn date(text: &str, at: &Pointer) -> Result<Date, Refusal> {
    let parsed = if text.len() == DATE_BYTES {
        text.parse().ok()
    } else {
        None
    };
    parsed.ok_or_else(|| {
        let reason = format!("{} is not a date; write it like 2025-01-31", quoted(text));
        Refusal::new(at, reason)
    })
}

fn moment(text: &str, at: &Pointer) -> Result<Moment, Refusal> {
    let fixed = text.parse::<Timestamp>().ok().map(Moment::Fixed);
    let local = || {
        let has_time = text.len() > DATE_BYTES;
        text.parse::<DateTime>()
            .ok()
            .filter(|_| has_time)
            .map(Moment::Local)
    };
    fixed.or_else(local).ok_or_else(|| {
        let reason = format!(
            "{} is not a date-time; write it like 2025-01-31T12:00:00+01:00, and both ends alike",
            quoted(text)
        );
        Refusal::new(at, reason)
    })
}
