//! What must hold for every series: forecasts and trends move with the scale, constants stay,
//! nothing becomes a number that is none, and what came later changes nothing that was said before.

use almanac_insights::anomaly::Detector;
use almanac_insights::changepoint::{SEGMENT_STEPS_MIN, changepoints};
use almanac_insights::correlation::{Method, benjamini_hochberg, correlate, lagged};
use almanac_insights::forecast::{History, Model, Options, backtest, forecast};
use almanac_insights::seasonality;
use almanac_insights::trend::trend;
use proptest::prelude::*;

fn history(values: Vec<Option<f64>>) -> History {
    History {
        values,
        first_step: 20_000,
        season: 7,
        is_daily: true,
        holidays: vec![20_010, 20_040],
    }
}

/// Models that fit in a moment, so that many cases can be tried.
fn quick() -> Options {
    Options {
        models: vec![
            Model::SeasonalNaive,
            Model::Theta,
            Model::Calendar,
            Model::Usual,
        ],
        ..Options::default()
    }
}

fn counts(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.0..1e6_f64, length)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_forecast_is_made_of_numbers_in_order(
        values in prop::collection::vec(prop::option::weighted(0.9, 0.0..1e9_f64), 1..150),
    ) {
        let measured = values.iter().flatten().count();
        let found = forecast(&history(values), &quick());
        prop_assert_eq!(found.is_some(), measured > 0);
        for step in found.iter().flat_map(|found| &found.steps) {
            let numbers =
                [0.0, step.low_95, step.low_80, step.expected, step.high_80, step.high_95];
            prop_assert!(numbers.iter().all(|number| number.is_finite()), "{:?}", step);
            prop_assert!(numbers.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", step);
        }
    }

    #[test]
    fn what_came_later_changes_no_earlier_forecast(
        values in counts(120..140),
        later in counts(7..8),
    ) {
        let known = values.len() - 7;
        let mut changed = values.clone();
        changed[known..].copy_from_slice(&later);
        let at = |values: Vec<f64>| {
            let values = values.into_iter().map(Some).collect();
            backtest(&history(values), &quick(), 2)
        };
        let (first, second) = (at(values), at(changed));
        prop_assert_eq!(first[1].cutoff, known);
        prop_assert_eq!(&first[..], &second[..]);
    }

    #[test]
    fn a_score_knows_nothing_of_what_follows(values in counts(60..200), share in 0.1..0.9_f64) {
        let cut = (values.len() as f64 * share) as usize;
        let score = |values: &[f64]| -> Vec<f64> {
            let mut detector = Detector::new();
            let at = |(step, value): (usize, &f64)| detector.next(step as i64 * 300, *value).score;
            values.iter().enumerate().map(at).collect()
        };
        let whole = score(&values);
        prop_assert_eq!(&whole[..cut], &score(&values[..cut])[..]);
        prop_assert!(whole.iter().all(|score| (0.0..=1.0).contains(score)));
    }

    #[test]
    fn a_trend_moves_with_scale_and_shift(
        values in prop::collection::vec(-1e3..1e3_f64, 8..60),
        scale in 0.1..10.0_f64,
        shift in -1e3..1e3_f64,
    ) {
        let moved: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
        let (first, second) = (trend(&values, 1).unwrap(), trend(&moved, 1).unwrap());
        prop_assert!((first.slope * scale - second.slope).abs() < 1e-6);
        prop_assert!((first.level * scale + shift - second.level).abs() < 1e-6);
        let falling: Vec<f64> = values.iter().map(|value| -value).collect();
        prop_assert!((trend(&falling, 1).unwrap().slope + first.slope).abs() < 1e-9);
        prop_assert!((0.0..=1.0).contains(&first.p_value));
    }

    #[test]
    fn correlation_knows_neither_scale_nor_shift(
        pairs in prop::collection::vec((-1e3..1e3_f64, -1e3..1e3_f64), 5..40),
        scale in 0.1..10.0_f64,
        shift in -1e3..1e3_f64,
    ) {
        let (left, right): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let moved: Vec<f64> = left.iter().map(|value| value * scale + shift).collect();
        for method in [Method::Pearson, Method::Spearman] {
            let first = correlate(&left, &right, method).unwrap();
            let second = correlate(&moved, &right, method).unwrap();
            prop_assert!((first.coefficient - second.coefficient).abs() < 1e-6);
            prop_assert!((0.0..=1.0).contains(&first.p_value));
            let own = correlate(&left, &moved, method).unwrap();
            prop_assert!((own.coefficient - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn corrected_p_values_are_no_smaller_and_keep_their_order(
        p_values in prop::collection::vec(0.0..=1.0_f64, 1..40),
    ) {
        let corrected = benjamini_hochberg(&p_values);
        for (p, q) in p_values.iter().zip(&corrected) {
            prop_assert!(q >= p && *q <= 1.0);
        }
        for (a, b) in p_values.iter().zip(&corrected).zip(p_values.iter().zip(&corrected).skip(1))
            .map(|((p, q), (other_p, other_q))| (p - other_p, q - other_q))
        {
            prop_assert!(a * b >= 0.0);
        }
    }

    #[test]
    fn a_profile_is_centred_and_explains_a_share(values in counts(14..80)) {
        let found = seasonality::weekly(&values, 20_000).unwrap();
        prop_assert!(found.effects.iter().sum::<f64>().abs() < 1e-3);
        prop_assert!((0.0..=1.0).contains(&found.strength));
    }

    #[test]
    fn changes_of_level_are_in_order_and_apart(values in counts(14..120)) {
        let found = changepoints(&values, 7);
        for pair in found.windows(2) {
            prop_assert!(pair[1].at >= pair[0].at + SEGMENT_STEPS_MIN);
        }
        for change in found {
            prop_assert!(change.at < values.len() && change.sigmas.is_finite());
        }
    }
}

#[test]
fn a_constant_is_forecast_as_itself() {
    for value in [0.0, 1.0, 250.0, 1e7] {
        let found = forecast(&history(vec![Some(value); 120]), &Options::default()).unwrap();
        for step in found.steps {
            assert!(
                (step.expected - value).abs() <= 1e-3 * value,
                "{value}: {step:?}"
            );
        }
    }
}

#[test]
fn one_point_is_forecast_with_a_warning() {
    let found = forecast(&history(vec![Some(12.0)]), &Options::default()).unwrap();
    assert_eq!(found.steps.len(), 7);
    assert!((found.steps[0].expected - 12.0).abs() < 1e-9);
    assert_eq!(found.champion, None);
    assert!(!found.notes.is_empty());
    assert!(forecast(&history(vec![None; 40]), &Options::default()).is_none());
}

#[test]
fn hardly_anything_is_no_reason_to_fail() {
    for values in [&[][..], &[1.0][..], &[f64::NAN; 30][..]] {
        assert_eq!(trend(values, 7), None);
        assert_eq!(changepoints(values, 7), []);
        assert_eq!(seasonality::profile(values, 7), None);
        assert_eq!(correlate(values, values, Method::Pearson), None);
        assert!(lagged(values, values, 7, Method::Spearman).is_empty());
    }
}
