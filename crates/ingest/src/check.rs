//! Values that a sender must correct, field by field: the shape was right, the value is not. What
//! an honest sender could not have avoided (a bot, a foreign host) is a refusal, not found here.

use almanac_model::{Kind, limits};

use crate::limits::{NUMBER_MAX, REVENUE_MICROS_MAX};
use crate::{Draft, address, kind};

/// One field whose value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct Invalid {
    /// The field's long name on the wire.
    pub field: &'static str,
    /// What is wrong, as the rest of a sentence that begins with the field.
    pub reason: String,
}

/// Every value of the draft that cannot be taken; none: the draft may be processed.
pub fn check(draft: &Draft) -> Vec<Invalid> {
    let mut faults = Faults(Vec::new());
    let kind = kind::of(draft);
    check_name(draft, kind, &mut faults);
    check_url(draft, kind, &mut faults);
    check_engagement(draft, kind, &mut faults);
    if draft.properties.len() > limits::PROPERTIES_MAX {
        let found = draft.properties.len();
        faults.add(
            "props",
            format!("must have at most 30 entries, has {found}"),
        );
    }
    if let Some(revenue) = &draft.revenue {
        let code = revenue.currency.trim();
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            let code = crate::text::clean(code, 20);
            faults.add(
                "revenue",
                format!("has currency {code:?}, must be an ISO 4217 code"),
            );
        }
        faults.range(
            "revenue",
            revenue.micros,
            -REVENUE_MICROS_MAX,
            REVENUE_MICROS_MAX,
        );
    }
    check_numbers(draft, &mut faults);
    faults.0
}

struct Faults(Vec<Invalid>);

impl Faults {
    fn add(&mut self, field: &'static str, reason: impl Into<String>) {
        self.0.push(Invalid {
            field,
            reason: reason.into(),
        });
    }

    fn range(&mut self, field: &'static str, value: i64, min: i64, max: i64) {
        if !(min..=max).contains(&value) {
            self.add(field, format!("must be from {min} to {max}, is {value}"));
        }
    }
}

fn check_name(draft: &Draft, kind: Kind, faults: &mut Faults) {
    let name = kind::name_of(draft, kind);
    let characters = name.chars().count();
    if characters > limits::NAME_CHARS_MAX {
        faults.add(
            "name",
            format!("must have at most 120 characters, has {characters}"),
        );
    } else if crate::text::clean(name, usize::MAX / 4).is_empty() {
        faults.add("name", "is required");
    }
}

fn check_url(draft: &Draft, kind: Kind, faults: &mut Faults) {
    let url = draft.url.trim();
    if url.is_empty() {
        if kind::needs_page(draft, kind) {
            faults.add("url", "is required");
        }
    } else if url.len() > limits::URL_BYTES_MAX {
        let found = url.len();
        faults.add("url", format!("must have at most 2000 bytes, has {found}"));
    } else if let Err(fault) = address::parse(url) {
        faults.add("url", fault.reason());
    }
}

fn check_engagement(draft: &Draft, kind: Kind, faults: &mut Faults) {
    if kind == Kind::Engagement && draft.scroll_depth.is_none() && draft.engaged_ms.is_none() {
        faults.add("name", "engagement needs scroll_depth or engaged_ms");
    }
    if let Some(depth) = draft.scroll_depth {
        faults.range("scroll_depth", depth, 0, 100);
    }
    if let Some(engaged) = draft.engaged_ms {
        faults.range("engaged_ms", engaged, 0, limits::ENGAGED_MS_MAX);
    }
}

fn check_numbers(draft: &Draft, faults: &mut Faults) {
    if let Some(duration) = draft.tool.as_ref().and_then(|tool| tool.duration_us) {
        faults.range("tool.duration_ms", duration, 0, NUMBER_MAX);
    }
    let Some(model) = &draft.model else { return };
    for (field, value) in [
        ("model.duration_ms", model.duration_us),
        ("model.first_token_ms", model.first_token_us),
        ("model.input_tokens", model.input_tokens),
        ("model.output_tokens", model.output_tokens),
        ("model.cached_tokens", model.cached_tokens),
        ("model.cache_write_tokens", model.cache_write_tokens),
        ("model.reasoning_tokens", model.reasoning_tokens),
        ("model.cost_usd", model.cost_nanos),
    ] {
        if let Some(value) = value {
            faults.range(field, value, 0, NUMBER_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Revenue;

    fn page() -> Draft {
        Draft {
            name: "pageview".into(),
            url: "https://shop.example/".into(),
            ..Draft::default()
        }
    }

    fn check_one(change: impl FnOnce(&mut Draft), expected: &str) {
        let mut draft = page();
        change(&mut draft);
        let found: Vec<String> = check(&draft).iter().map(ToString::to_string).collect();
        assert_eq!(found.join("; "), expected);
    }

    #[test]
    fn each_field_is_told_what_is_wrong_with_it() {
        check_one(|_| (), "");
        check_one(|d| d.name = "n".repeat(120), "");
        check_one(
            |d| d.name = "é".repeat(121),
            "name must have at most 120 characters, has 121",
        );
        check_one(|d| d.name = " \0".into(), "name is required");
        check_one(|d| d.url.clear(), "url is required");
        check_one(
            |d| d.url = "/cart".into(),
            "url must be an absolute address such as https://shop.example/cart",
        );
        check_one(
            |d| d.url = "data:text/html,x".into(),
            "url must not be a data: address",
        );
        check_one(
            |d| d.url = format!("https://shop.example/{}", "x".repeat(1_980)),
            "url must have at most 2000 bytes, has 2001",
        );
        check_one(
            |d| d.url = format!("https://shop.example/{}", "x".repeat(1_979)),
            "",
        );
        check_one(
            |d| d.name = "engagement".into(),
            "name engagement needs scroll_depth or engaged_ms",
        );
        check_one(
            |d| d.scroll_depth = Some(101),
            "scroll_depth must be from 0 to 100, is 101",
        );
        check_one(|d| d.scroll_depth = Some(100), "");
        check_one(
            |d| {
                d.revenue = Some(Revenue {
                    currency: "EURO".into(),
                    micros: 1,
                })
            },
            "revenue has currency \"EURO\", must be an ISO 4217 code",
        );
        check_one(
            |d| d.properties = vec![("a".into(), "b".into()); 31],
            "props must have at most 30 entries, has 31",
        );
    }

    #[test]
    fn calls_need_no_page_and_no_name() {
        let call = Draft {
            kind: Some(Kind::ToolCall),
            ..Draft::default()
        };
        assert_eq!(check(&call), []);
        let server = Draft {
            name: "signup".into(),
            pageless: true,
            ..Draft::default()
        };
        assert_eq!(check(&server), []);
    }
}
