//! Orders rows by what only the whole answer tells — amounts of money, formulas, shares of groups,
//! goals — and cuts the page from them. Every other order is the engine's.

use std::cmp::Ordering;

use super::{Answer, AnswerRow};
use crate::build::Built;
use crate::parse::{OrderKey, OrderPart};

/// Puts the rows in order and keeps those of the page. What has no meaning comes before all
/// numbers, and ties end in the order of the dimensions (rule 24).
pub(super) fn cut(built: &Built, answer: &mut Answer) {
    answer.rows.sort_by(|left, right| {
        let mut parts = built.order.iter().map(|part| compare(part, left, right));
        let decided = parts.find(|ordering| ordering.is_ne());
        decided.unwrap_or_else(|| left.dimensions.cmp(&right.dimensions))
    });
    let rows = std::mem::take(&mut answer.rows).into_iter();
    let page = rows.skip(built.plan.offset).take(built.plan.limit);
    answer.rows = page.collect();
}

fn compare(part: &OrderPart, left: &AnswerRow, right: &AnswerRow) -> Ordering {
    let found = match part.by {
        OrderKey::Metric(at) => {
            let number = |row: &AnswerRow| row.cells[at].number();
            number(left)
                .partial_cmp(&number(right))
                .unwrap_or(Ordering::Equal)
        }
        OrderKey::Dimension(at) => left.dimensions[at].cmp(&right.dimensions[at]),
    };
    if part.descending {
        found.reverse()
    } else {
        found
    }
}
