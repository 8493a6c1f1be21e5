//! How well each way of forecasting did at past origins, and which of them may replace the one that
//! serves. Pure figures; who keeps them and who acts on them is the business of others.

use super::history::History;
use super::model::Model;
use super::produce::{PastForecast, Step};

/// Share by which a challenger must err less than the one that serves before it replaces it: below,
/// the difference is the luck of eight weeks.
pub const PROMOTION_MARGIN: f64 = 0.02;

/// Who forecasts: the weighted mean of all models, or one of them alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipe {
    /// The ensemble.
    Ensemble,
    /// One model.
    Single(Model),
}

impl Recipe {
    /// Every recipe, the ensemble first.
    pub fn all() -> impl Iterator<Item = Recipe> {
        std::iter::once(Recipe::Ensemble).chain(Model::ALL.map(Recipe::Single))
    }

    /// How it is called in files, answers and tables.
    pub fn name(self) -> &'static str {
        match self {
            Recipe::Ensemble => "ensemble",
            Recipe::Single(model) => model.name(),
        }
    }

    /// The recipe of a name.
    pub fn of_name(name: &str) -> Option<Recipe> {
        Recipe::all().find(|recipe| recipe.name() == name)
    }

    /// The members of the ensemble that it stands for.
    pub fn models(self) -> Vec<Model> {
        match self {
            Recipe::Ensemble => Model::DEFAULT.to_vec(),
            Recipe::Single(model) => vec![model],
        }
    }
}

/// Figures of one recipe over all steps of all origins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Who.
    pub recipe: Recipe,
    /// Steps with a measured value that were forecast.
    pub steps: usize,
    /// Sum of absolute errors as a share of the sum of values, percent; `None` where all values are
    /// 0. 100 less this is the accuracy.
    pub wmape: Option<f64>,
    /// Mean absolute error in units of the seasonal naive forecast's on what was known before the
    /// first origin (Hyndman & Koehler, *Another look at measures of forecast accuracy*, 2006);
    /// `None` where that one never erred. Below 1 is better than last week.
    pub mase: Option<f64>,
    /// Mean pinball loss over the quantiles 0.025, 0.1, 0.5, 0.9 and 0.975, in units of the values.
    pub pinball: f64,
    /// Share of values inside the 80 % interval, percent.
    pub coverage_80: f64,
    /// Share of values inside the 95 % interval, percent.
    pub coverage_95: f64,
}

/// Figures of the ensemble and of every model, the best mean absolute error first. Steps without a
/// measured value are left out.
pub fn figures(history: &History, past: &[PastForecast]) -> Vec<Figures> {
    let Some(first) = past.first() else {
        return Vec::new();
    };
    let scale = naive_error(&history.values[..first.cutoff], history.season);
    let mut sums: Vec<(Recipe, Sums)> = Vec::new();
    for each in past {
        let actual = &history.values[each.cutoff.min(history.values.len())..];
        let single = each
            .members
            .iter()
            .map(|(model, steps)| (Recipe::Single(*model), steps));
        for (recipe, steps) in
            std::iter::once((Recipe::Ensemble, &each.forecast.steps)).chain(single)
        {
            let at = match sums.iter().position(|(own, _)| *own == recipe) {
                Some(at) => at,
                None => {
                    sums.push((recipe, Sums::default()));
                    sums.len() - 1
                }
            };
            for (step, value) in steps.iter().zip(actual) {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    sums[at].1.add(step, value.max(0.0));
                }
            }
        }
    }
    let mut figures: Vec<Figures> = sums
        .iter()
        .filter(|(_, sums)| sums.count > 0.0)
        .map(|(recipe, sums)| sums.figures(*recipe, scale))
        .collect();
    figures.sort_by(|a, b| a.error().total_cmp(&b.error()));
    figures
}

/// Which recipe serves from now on. The ensemble begins; another replaces the one that serves only
/// when both were tried on the same steps and it errs less by more than [`PROMOTION_MARGIN`].
pub fn champion(figures: &[Figures], serving: Option<Recipe>) -> Recipe {
    let serving = serving.unwrap_or(Recipe::Ensemble);
    let Some(held) = figures.iter().find(|own| own.recipe == serving) else {
        return Recipe::Ensemble;
    };
    figures
        .iter()
        .find(|own| {
            own.steps == held.steps && own.error() < held.error() * (1.0 - PROMOTION_MARGIN)
        })
        .map_or(serving, |own| own.recipe)
}

impl Figures {
    /// Pinball loss: it judges the middle and the intervals at once.
    fn error(&self) -> f64 {
        self.pinball
    }
}

#[derive(Debug, Default)]
struct Sums {
    count: f64,
    errors: f64,
    values: f64,
    pinball: f64,
    inside_80: f64,
    inside_95: f64,
}

impl Sums {
    fn add(&mut self, step: &Step, value: f64) {
        self.count += 1.0;
        self.errors += (value - step.expected).abs();
        self.values += value;
        let quantiles = [
            (0.025, step.low_95),
            (0.1, step.low_80),
            (0.5, step.expected),
            (0.9, step.high_80),
            (0.975, step.high_95),
        ];
        let losses = quantiles.map(|(probability, told)| {
            let error = value - told;
            (probability * error).max((probability - 1.0) * error)
        });
        self.pinball += losses.iter().sum::<f64>() / losses.len() as f64;
        self.inside_80 += f64::from((step.low_80..=step.high_80).contains(&value));
        self.inside_95 += f64::from((step.low_95..=step.high_95).contains(&value));
    }

    fn figures(&self, recipe: Recipe, scale: Option<f64>) -> Figures {
        let mean = |sum: f64| sum / self.count;
        Figures {
            recipe,
            steps: self.count as usize,
            wmape: (self.values > 0.0).then(|| 100.0 * self.errors / self.values),
            mase: scale.map(|scale| mean(self.errors) / scale),
            pinball: mean(self.pinball),
            coverage_80: 100.0 * mean(self.inside_80),
            coverage_95: 100.0 * mean(self.inside_95),
        }
    }
}

/// Mean distance of values one cycle apart.
fn naive_error(values: &[Option<f64>], season: usize) -> Option<f64> {
    let season = season.max(1);
    let distances: Vec<f64> = values
        .iter()
        .zip(values.iter().skip(season))
        .filter_map(|(earlier, later)| Some(((*later)? - (*earlier)?).abs()))
        .collect();
    let mean = crate::numeric::order::mean(&distances);
    (mean > 0.0).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::super::produce::{Options, backtest, backtest_while};
    use super::*;

    fn history() -> History {
        let values = (0..200)
            .map(|at: i64| Some((200 + at % 7 * 30 + at * at * 31 % 17) as f64))
            .collect();
        History {
            values,
            first_step: 20_000,
            season: 7,
            is_daily: true,
            holidays: Vec::new(),
        }
    }

    #[test]
    fn every_model_is_judged_on_the_same_steps() {
        let history = history();
        let past = backtest(&history, &Options::default(), 4);
        let found = figures(&history, &past);
        assert_eq!(found.len(), 1 + Model::DEFAULT.len());
        for each in &found {
            assert_eq!(each.steps, 28, "{each:?}");
            assert!(each.wmape.unwrap() < 10.0, "{each:?}");
            assert!(each.mase.is_some());
            assert!((0.0..=100.0).contains(&each.coverage_80));
            assert!(each.coverage_95 >= each.coverage_80);
        }
        assert!(
            found
                .windows(2)
                .all(|pair| pair[0].pinball <= pair[1].pinball)
        );
    }

    #[test]
    fn a_backtest_can_be_stopped() {
        let mut told = Vec::new();
        let stopped = backtest_while(&history(), &Options::default(), 2, |done, all| {
            told.push((done, all));
            done < 3
        });
        assert_eq!(stopped, None);
        assert_eq!(told, [(0, 22), (1, 22), (2, 22), (3, 22)]);
    }

    #[test]
    fn a_challenger_must_be_clearly_better() {
        let figure = |recipe, pinball| Figures {
            recipe,
            steps: 56,
            wmape: None,
            mase: None,
            pinball,
            coverage_80: 80.0,
            coverage_95: 95.0,
        };
        let (ets, own) = (Recipe::Single(Model::Ets), Recipe::Ensemble);
        let close = [figure(ets, 0.99), figure(own, 1.0)];
        let far = [figure(ets, 0.90), figure(own, 1.0)];
        assert_eq!(champion(&close, None), own);
        assert_eq!(champion(&far, None), ets);
        // The one that serves is asked to leave by the same margin.
        let back = [figure(own, 0.99), figure(ets, 1.0)];
        assert_eq!(champion(&back, Some(ets)), ets);
        assert_eq!(champion(&[], Some(ets)), own);
    }

    #[test]
    fn what_was_not_measured_is_not_judged() {
        let mut history = history();
        let past = backtest(&history, &Options::default(), 1);
        *history.values.last_mut().unwrap() = None;
        assert_eq!(figures(&history, &past)[0].steps, 6);
    }

    #[test]
    fn recipes_are_called_by_one_name() {
        for recipe in Recipe::all() {
            assert_eq!(Recipe::of_name(recipe.name()), Some(recipe));
        }
        assert_eq!(Recipe::of_name("oracle"), None);
    }
}
