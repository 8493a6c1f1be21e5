//! Holds the random cases and the oracle to what they promise: cases are repeatable and difficult,
//! and the order in which events arrive changes no answer.

use almanac_model::Kind;
use almanac_query::{Cancel, Engine};
use almanac_testkit::{Oracle, Random, agree, random};

#[test]
fn a_seed_gives_the_same_case_again() {
    let make = || {
        let mut random = Random::new(7);
        let scene = random::scene(&mut random, 40);
        let plan = random::plan(&mut random, &scene);
        (scene.events, format!("{plan:?}"))
    };
    assert_eq!(make(), make());
}

#[test]
fn the_order_of_arrival_changes_no_answer() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let scene = random::scene(&mut random, 40);
        let plan = random::plan(&mut random, &scene);
        let mut reversed = scene.events.clone();
        reversed.reverse();
        let other = Oracle::new(reversed);
        if let Err(difference) = agree(&other, &Oracle::new(scene.events), &plan) {
            panic!("seed {seed}: {difference}");
        }
    }
}

#[test]
fn random_plans_are_not_all_empty() {
    let mut answered = 0;
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let scene = random::scene(&mut random, 40);
        kinds.extend(scene.events.iter().map(|event| event.kind));
        let plan = random::plan(&mut random, &scene);
        let result = Oracle::new(scene.events)
            .run(&plan, &Cancel::default())
            .unwrap();
        let counts = |row: &almanac_query::Row| row.metrics.iter().any(|m| m.unwrap_or(0.0) > 0.0);
        answered += usize::from(result.rows.iter().any(counts));
    }
    assert!(
        answered > 100,
        "only {answered} of 300 plans found anything"
    );
    assert!(kinds.len() >= Kind::ALL.len() - 1, "only {kinds:?}");
}

#[test]
fn a_cancelled_plan_has_no_answer() {
    let mut random = Random::new(3);
    let scene = random::scene(&mut random, 40);
    let plan = random::plan(&mut random, &scene);
    let cancel = Cancel::default();
    cancel.cancel();
    assert!(!scene.events.is_empty());
    assert!(Oracle::new(scene.events).run(&plan, &cancel).is_err());
}
