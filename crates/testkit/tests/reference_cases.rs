//! Asks the oracle the questions of `testdata/queries`, and makes sure that every rule of
//! `docs/semantics.md` has one.

use std::collections::BTreeSet;

use almanac_testkit::{Oracle, reference};

#[test]
fn the_oracle_answers_the_reference_cases() {
    let mut shown = BTreeSet::new();
    for (path, text) in reference::files().unwrap() {
        let scenario = reference::read(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let oracle = Oracle::new(scenario.events.clone());
        let rules = reference::check(&scenario, &oracle)
            .unwrap_or_else(|differences| panic!("{}\n{differences}", path.display()));
        shown.extend(rules);
    }
    assert_eq!(
        rules().difference(&shown).collect::<Vec<_>>(),
        Vec::<&u32>::new(),
        "without a case"
    );
}

fn rules() -> BTreeSet<u32> {
    let page = include_str!("../../../docs/semantics.md");
    let number = |line: &str| line.split_once(". ")?.0.parse().ok();
    let rules: BTreeSet<u32> = page.lines().filter_map(number).collect();
    assert!(
        rules.len() >= 25,
        "the rules of the page were not found: {rules:?}"
    );
    rules
}

#[test]
fn a_wrong_answer_is_found() {
    let text = "events\n2025-06-09T10:00:00 ann pageview\n\
        rule 2: wrong on purpose\n{\"metrics\":[\"pageviews\"],\"date_range\":\"7d\"}\n| 2\n";
    let scenario = reference::read(text).unwrap();
    let oracle = Oracle::new(scenario.events.clone());
    let difference = reference::check(&scenario, &oracle).unwrap_err();
    assert!(difference.contains("| 1"), "{difference}");
}
