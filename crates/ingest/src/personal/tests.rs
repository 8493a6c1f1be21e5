//! The labelled cases, and how often the guard errs on them.

use std::collections::BTreeMap;

use super::*;

/// What it is, and the value: a sort or `none`; with `name:` before it, the name of a field.
const CASES: &str = include_str!("../../../../testdata/personal/cases.tsv");
/// Cases that there are at least.
const CASES_MIN: usize = 300;
/// Errors that are known, such as `icon@2x.png` for an e-mail address and `jane -at- example.com` for
/// none. They may become fewer; then the numbers here and in `docs/privacy.md` change.
const FALSE_ALARMS: usize = 5;
const MISSED: usize = 3;

/// One count for each of the four outcomes.
#[derive(Default)]
struct Tally {
    found: usize,
    missed: Vec<&'static str>,
    alarms: Vec<&'static str>,
    quiet: usize,
}

/// Measures precision (of what was found, how much was there) and recall (of what was there, how
/// much was found), and holds the errors to those that are known.
#[test]
fn precision_and_recall_on_the_labelled_cases() {
    let mut tally = Tally::default();
    let mut sorts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for line in CASES.lines().filter(|line| !line.starts_with('#')) {
        let (label, value) = line.split_once('\t').unwrap();
        let found = match label.strip_prefix("name:") {
            Some(_) => in_name(value).is_some(),
            None => find(value).is_some(),
        };
        let is_there = !label.ends_with("none");
        let (right, all) = sorts.entry(label).or_default();
        *all += 1;
        *right += usize::from(found == is_there);
        match (is_there, found) {
            (true, true) => tally.found += 1,
            (true, false) => tally.missed.push(value),
            (false, true) => tally.alarms.push(value),
            (false, false) => tally.quiet += 1,
        }
    }
    let (missed, alarms) = (tally.missed.len(), tally.alarms.len());
    let percent = |part: usize, errors: usize| 100.0 * part as f64 / (part + errors) as f64;
    println!(
        "{} cases: precision {:.1} %, recall {:.1} %",
        tally.found + missed + alarms + tally.quiet,
        percent(tally.found, alarms),
        percent(tally.found, missed),
    );
    for (label, (right, all)) in sorts {
        println!("{label}: {right} of {all}");
    }
    println!("false alarms {:?}, missed {:?}", tally.alarms, tally.missed);
    assert!(tally.found + missed + alarms + tally.quiet >= CASES_MIN);
    assert_eq!((alarms, missed), (FALSE_ALARMS, MISSED));
}

#[test]
fn a_sort_is_told_by_what_it_is() {
    let cases = [
        ("write to jane@example.com", Sort::Email),
        ("+49 30 1234567", Sort::Phone),
        ("4111 1111 1111 1111", Sort::Card),
        ("DE89 3704 0044 0532 0130 00", Sort::Account),
        ("52.52000, 13.40495", Sort::Position),
        ("from 203.0.113.7:443", Sort::Address),
        ("password: hunter2", Sort::Secret),
        ("d41d8cd98f00b204e9800998ecf8427e", Sort::Opaque),
        ("C:\\Users\\jane", Sort::HomeFolder),
    ];
    for (value, sort) in cases {
        assert_eq!(find(value), Some(sort), "{value}");
    }
    assert_eq!(find_in_property("d41d8cd98f00b204e9800998ecf8427e"), None);
}
