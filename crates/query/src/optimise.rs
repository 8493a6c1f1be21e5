//! Rewrites a plan into an equal one that costs less: a list of named steps, each of which leaves
//! the answer as it is. It looks at no data.

mod filter;
mod table;

use crate::Plan;

/// A plan made cheaper, and the steps that changed it.
#[derive(Debug, Clone)]
pub struct Optimised {
    /// The plan to run.
    pub plan: Plan,
    /// The names of the steps that changed something, in order.
    pub steps: Vec<&'static str>,
    /// Why that table is the cheapest one that can answer.
    pub table_because: &'static str,
}

/// One way to make a filter smaller.
type FilterStep = fn(almanac_model::Filter) -> almanac_model::Filter;

/// The rewrites of the filter, in the order in which they help each other.
const FILTER_STEPS: [(&str, FilterStep); 4] = [
    ("remove double negation", filter::remove_double_negation),
    ("flatten and/or", filter::flatten),
    ("drop repeated parts", filter::drop_repeated),
    (
        "drop parts that are always true or always false",
        filter::drop_constants,
    ),
];

/// Makes a plan cheaper.
pub fn optimise(mut plan: Plan) -> Optimised {
    let mut steps = Vec::new();
    for (name, step) in FILTER_STEPS {
        let smaller = step(plan.filter.clone());
        if smaller != plan.filter {
            steps.push(name);
            plan.filter = smaller;
        }
    }
    let (table, table_because) = table::cheapest(&plan);
    plan.table = table;
    Optimised {
        plan,
        steps,
        table_because,
    }
}
