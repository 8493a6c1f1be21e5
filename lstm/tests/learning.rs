//! The network learns a week, tells the same twice, survives being saved, and says no to what it
//! cannot learn from.

use almanac_lstm::{HORIZON_DAYS, Options, ReadError, Sample, TrainError, Trained, train};

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
