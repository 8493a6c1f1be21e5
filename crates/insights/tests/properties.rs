//! What must hold for every series: forecasts and trends move with the scale, constants stay,
//! nothing becomes a number that is none, and what came later changes nothing that was said before.

use almanac_insights::anomaly::Detector;
use almanac_insights::changepoint::{SEGMENT_STEPS_MIN, changepoints};
use almanac_insights::correlation::{Method, benjamini_hochberg, correlate, lagged};
use almanac_insights::forecast::{History, Model, Options, Sample, backtest, forecast};
use almanac_insights::numeric::order;
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

/// Models whose answer is linear in what they are given.
fn linear() -> Options {
    Options {
        models: vec![
            Model::SeasonalNaive,
            Model::Usual,
            Model::Calendar,
            Model::Steady,
            Model::Lags,
        ],
        ..Options::default()
    }
}

/// A stretch of days as models are given it.
fn logs(values: &[f64]) -> Sample<'_> {
    Sample {
        values,
        first_step: 20_000,
        season: 7,
        is_daily: true,
        holidays: &[20_010, 20_040],
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
    fn linear_models_move_with_scale_and_shift(
        values in prop::collection::vec(0.0..10.0_f64, 120..150),
        scale in 0.2..5.0_f64,
        shift in -5.0..5.0_f64,
    ) {
        // Without noise there is no scale that robust weights could follow.
        prop_assume!(order::robust_sigma(&values) > 0.5);
        for (model, scale) in [
            (Model::SeasonalNaive, scale),
            (Model::Usual, scale),
            (Model::Calendar, scale),
            (Model::Steady, scale),
            // Its columns are values too, and its penalty does not follow their scale.
            (Model::Lags, 1.0),
        ] {
            let moved: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
            let first = model.forecast(&logs(&values), 7).unwrap();
            let second = model.forecast(&logs(&moved), 7).unwrap();
            for (before, after) in first.mean.iter().zip(&second.mean) {
                let expected = before * scale + shift;
                prop_assert!((expected - after).abs() < 1e-3 * scale, "{:?} {}", model, after);
            }
            for (before, after) in first.sigma.iter().zip(&second.sigma) {
                prop_assert!((before * scale - after).abs() < 1e-3 * scale, "{:?}", model);
            }
        }
    }

    #[test]
    fn a_forecast_of_large_counts_moves_with_their_scale(
        values in prop::collection::vec(1e5..2e5_f64, 130..140),
        scale in 2.0..10.0_f64,
    ) {
        let told = |factor: f64| {
            let values = values.iter().map(|value| Some(value * factor)).collect();
            forecast(&history(values), &linear()).unwrap().steps
        };
        for (before, after) in told(1.0).iter().zip(&told(scale)) {
            for (low, high) in [
                (before.expected, after.expected),
                (before.low_80, after.low_80),
                (before.high_95, after.high_95),
            ] {
                prop_assert!((low * scale / high - 1.0).abs() < 1e-2, "{:?} {:?}", before, after);
            }
        }
    }

    #[test]
    fn changes_of_level_move_with_scale_and_shift(
        levels in prop::collection::vec(-50.0..50.0_f64, 1..4),
        noise in prop::collection::vec(-1.0..1.0_f64, 120..121),
        scale in 0.5..4.0_f64,
        shift in -1e3..1e3_f64,
    ) {
        let span = noise.len().div_ceil(levels.len());
        let values: Vec<f64> = noise
            .iter()
            .enumerate()
            .map(|(at, own)| levels[at / span] + own)
            .collect();
        let moved: Vec<f64> = values.iter().map(|value| value * scale + shift).collect();
        let places = |values: &[f64]| -> Vec<usize> {
            changepoints(values, 1).iter().map(|change| change.at).collect()
        };
        prop_assert_eq!(places(&values), places(&moved));
        let (first, second) = (changepoints(&values, 1), changepoints(&moved, 1));
        for (before, after) in first.iter().zip(&second) {
            prop_assert!((before.before * scale + shift - after.before).abs() < 1e-6);
            prop_assert!((before.sigmas - after.sigmas).abs() < 1e-6 * before.sigmas.max(1.0));
        }
    }

    #[test]
    fn anomalies_know_no_scale(
        values in prop::collection::vec(0.0..100.0_f64, 200..260),
        power in 1..5_i32,
    ) {
        // Powers of two, so that no rounding differs.
        let scale = 2_f64.powi(power);
        let scores = |values: Vec<f64>| -> Vec<f64> {
            let mut detector = Detector::new();
            let step = |(at, value): (usize, f64)| detector.next(at as i64 * 3_600, value).score;
            values.into_iter().enumerate().map(step).collect()
        };
        let moved = values.iter().map(|value| value * scale).collect();
        for (before, after) in scores(values.clone()).iter().zip(scores(moved)) {
            prop_assert!((before - after).abs() < 1e-9);
        }
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

#[test]
fn a_holiday_is_expected_to_be_what_holidays_were() {
    use almanac_insights::{day, holiday};
    // A year and a half of a shop that is closed on German holidays, up to the eve of one.
    let first = 19_700;
    let closed = holiday::days("DE").unwrap();
    let coming = *closed.iter().find(|at| **at > first + 540).unwrap();
    let value = |at: i64| {
        let noise = (at * at * 31 % 17) as f64 * 4.0;
        let open = 200.0 + noise + 20.0 * day::weekday(at) as f64;
        Some(if closed.binary_search(&at).is_ok() {
            20.0
        } else {
            open
        })
    };
    let told = |holidays: Vec<i64>| {
        let history = History {
            values: (first..coming).map(value).collect(),
            first_step: first,
            season: 7,
            is_daily: true,
            holidays,
        };
        let options = Options {
            models: vec![Model::Calendar],
            ..Options::default()
        };
        forecast(&history, &options).unwrap().steps[0].expected
    };
    let (knowing, ignorant) = (told(closed.clone()), told(Vec::new()));
    assert!(knowing < 60.0 && ignorant > 150.0, "{knowing} {ignorant}");
}

#[test]
fn a_network_that_is_handed_in_is_told_and_judged_like_every_other() {
    use almanac_insights::forecast::{Outlook, figures, forecast_from, join};
    let values: Vec<Option<f64>> = (0..120).map(|at| Some(f64::from(50 + at % 7))).collect();
    let mut history = history(values);
    history.values[0] = None;
    let options = quick();
    let mut past = backtest(&history, &options, 3);
    // It says the last week again, from nothing but what is known at each origin.
    let again = |sample: &Sample<'_>| {
        let last = &sample.values[sample.values.len() - 7..];
        Some(Outlook {
            mean: last.to_vec(),
            sigma: vec![0.1; 7],
        })
    };
    join(&mut past, &history, Model::Lstm, again, &options);
    let judged = figures(&history, &past);
    let name = |model: Model| judged.iter().find(|own| own.recipe.name() == model.name());
    let own = name(Model::Lstm).unwrap();
    assert_eq!((own.steps, own.wmape.map(f64::round)), (21, Some(0.0)));
    let told = forecast_from(&history, Model::Lstm, again, &options).unwrap();
    assert_eq!(told.champion, Some(Model::Lstm));
    assert!(
        (told.steps[0].expected - 51.0).abs() < 1e-6,
        "{:?}",
        told.steps[0]
    );
    let nothing = forecast_from(&history, Model::Lstm, |_| None, &options);
    assert_eq!(nothing, None);
}

#[test]
fn one_wild_last_day_does_not_make_a_model_run_away() {
    let mut values = vec![0.0; 130];
    values[129] = 9.9;
    for model in Model::DEFAULT {
        let told = model.forecast(&logs(&values), 30).unwrap();
        for mean in told.mean {
            assert!((-10.0..=20.0).contains(&mean), "{model:?}: {mean}");
        }
    }
}
