//! Every rewrite of the optimiser leaves the answer as it is, on random plans over random events.

use almanac_query::optimise::optimise;
use almanac_query::{Cancel, Engine};
use almanac_testkit::{Oracle, Random, random};

#[test]
fn an_optimised_plan_has_the_same_answer() {
    let mut changed = 0;
    for seed in 0..2_000 {
        let mut random = Random::new(seed);
        let scene = random::scene(&mut random, 30);
        let plan = random::plan(&mut random, &scene);
        let optimised = optimise(plan.clone());
        changed += usize::from(!optimised.steps.is_empty());
        let oracle = Oracle::new(scene.events);
        let expected = oracle.run(&plan, &Cancel::default()).unwrap();
        let found = oracle.run(&optimised.plan, &Cancel::default()).unwrap();
        assert_eq!(
            found, expected,
            "seed {seed}, steps {:?}\n{plan:#?}",
            optimised.steps
        );
    }
    assert!(changed > 200, "only {changed} of 2000 plans were changed");
}
