//! The network learns a week, tells the same twice, survives being saved, and says no to what it
//! cannot learn from.

use almanac_insights::forecast::{self, History, Model, backtest, figures};
use almanac_lstm::{HORIZON_DAYS, Options, ReadError, Sample, TrainError, Trained, train, try_out};

fn week(count: usize) -> Vec<f64> {
    let week = [5.0, 5.1, 5.2, 5.1, 5.0, 4.0, 3.9];
    (0..count)
        .map(|at| week[at % 7] + (at * at * 31 % 17) as f64 / 170.0)
        .collect()
}

fn sample(values: &[f64]) -> Sample<'_> {
    Sample {
        values,
        first_step: 20_000,
        season: 7,
        is_daily: true,
        holidays: &[],
    }
}

fn short(seed: u64) -> Options {
    Options {
        seed,
        epochs_max: 12,
    }
}

#[test]
fn a_week_is_learnt_and_survives_being_saved() {
    let values = week(300);
    let (trained, report) = train(&sample(&values), short(1), |_| true).unwrap();
    let losses = &report.validation_losses;
    assert!(losses[report.best_epoch] < 0.3 * losses[0], "{losses:?}");
    let outlook = trained.outlook(&sample(&values), HORIZON_DAYS).unwrap();
    let coming = week(300 + HORIZON_DAYS);
    for (told, came) in outlook.mean.iter().zip(&coming[300..]) {
        assert!((told - came).abs() < 0.6, "{told} {came}");
    }
    let far = trained.outlook(&sample(&values), 17).unwrap();
    assert_eq!(far.mean[..HORIZON_DAYS], outlook.mean[..]);
    assert!(
        far.mean.len() == 17 && far.sigma[16] > 1.5 * far.sigma[2],
        "{far:?}"
    );
    assert_eq!(trained.outlook(&sample(&values[..29]), 1), None);

    let bytes = trained.to_bytes().unwrap();
    let again = Trained::from_bytes(&bytes).unwrap();
    assert_eq!(again.outlook(&sample(&values), HORIZON_DAYS), Some(outlook));

    assert!(matches!(
        Trained::from_bytes(b"PK"),
        Err(ReadError::Foreign)
    ));
    let mut newer = bytes.clone();
    newer[7] += 1;
    assert!(matches!(
        Trained::from_bytes(&newer),
        Err(ReadError::Version { found: 2 })
    ));
    let cut = Trained::from_bytes(&bytes[..bytes.len() / 2]);
    assert!(matches!(cut, Err(ReadError::Weights(_))));
}

#[test]
fn the_seed_decides_alone() {
    let values = week(160);
    let told = |seed| {
        let options = Options {
            seed,
            epochs_max: 2,
        };
        let (trained, _) = train(&sample(&values), options, |_| true).unwrap();
        trained.outlook(&sample(&values), HORIZON_DAYS).unwrap()
    };
    let first = told(7);
    assert_eq!(first, told(7));
    assert_ne!(first, told(8));
}

#[test]
fn what_cannot_be_learnt_is_refused() {
    let values = week(115);
    let error = train(&sample(&values), short(0), |_| true).unwrap_err();
    assert_eq!(
        error,
        TrainError::Short {
            days: 115,
            needed: 116
        }
    );
    let values = week(116);
    let error = train(&sample(&values), short(0), |epoch| epoch < 1).unwrap_err();
    assert_eq!(error, TrainError::Cancelled);
}

#[test]
fn the_network_is_tried_on_past_weeks_that_it_does_not_know() {
    let logs = week(200);
    let history = |wild_from: usize| History {
        values: logs
            .iter()
            .enumerate()
            .map(|(at, log)| Some(if at < wild_from { log.exp() } else { 1e6 }))
            .collect(),
        first_step: 20_000,
        season: 7,
        is_daily: true,
        holidays: Vec::new(),
    };
    let told = forecast::Options {
        models: vec![Model::SeasonalNaive],
        ..forecast::Options::default()
    };
    let tried = |wild_from| {
        let history = history(wild_from);
        let mut past = backtest(&history, &told, 2);
        let options = Options {
            seed: 3,
            epochs_max: 2,
        };
        let report = try_out(&history, &mut past, &told, options, |_| true).unwrap();
        assert_eq!(report.days, 200 - 2 * HORIZON_DAYS);
        let compared = figures(&history, &past);
        assert!(compared.iter().any(|own| own.recipe.name() == "lstm"));
        past.iter()
            .map(|origin| origin.members.last().cloned().unwrap())
            .collect::<Vec<_>>()
    };
    let (plain, wild) = (tried(200), tried(200 - HORIZON_DAYS - 3));
    assert_eq!(plain[0], wild[0], "the first week was not known");
    assert_ne!(
        plain[1], wild[1],
        "before the second one, three of them were"
    );
}
