//! Means, medians, quantiles, ranks and other sums over a slice. Every function takes finite
//! numbers and answers a finite one; what an empty slice answers is said at each.

/// Makes the median absolute deviation of a normal sample its standard deviation: 1 / Φ⁻¹(¾).
pub const MAD_TO_SIGMA: f64 = 1.482_602_218_505_602;

/// Arithmetic mean; 0 for an empty slice.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample variance with divisor n − 1; 0 for fewer than two values.
pub fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let centre = mean(values);
    let sum: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    sum / (values.len() - 1) as f64
}

/// The values in ascending order.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut ordered = values.to_vec();
    ordered.sort_by(f64::total_cmp);
    ordered
}

/// Quantile of values in ascending order, linear between neighbours (type 7 of Hyndman & Fan,
/// *Sample quantiles in statistical packages*, 1996); 0 for an empty slice.
pub fn quantile_of_sorted(ordered: &[f64], probability: f64) -> f64 {
    let Some(last) = ordered.len().checked_sub(1) else {
        return 0.0;
    };
    let position = probability.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let share = position - below as f64;
    ordered[below] + share * (ordered[above] - ordered[below])
}

/// Quantile of values in any order; 0 for an empty slice.
pub fn quantile(values: &[f64], probability: f64) -> f64 {
    quantile_of_sorted(&sorted(values), probability)
}

/// Median; 0 for an empty slice.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Standard deviation as estimated from the median absolute deviation from the median; half of the
/// values may be wild without moving it much. 0 for an empty slice.
pub fn robust_sigma(values: &[f64]) -> f64 {
    let centre = median(values);
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    median(&distances) * MAD_TO_SIGMA
}

/// Autocorrelation at `lag`, biased estimator; 0 where it is not defined.
pub fn autocorrelation(values: &[f64], lag: usize) -> f64 {
    if lag >= values.len() {
        return 0.0;
    }
    let centre = mean(values);
    let square: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    if square <= f64::EPSILON * centre.powi(2) * values.len() as f64 {
        return 0.0;
    }
    let product: f64 = values[lag..]
        .iter()
        .zip(values)
        .map(|(later, earlier)| (later - centre) * (earlier - centre))
        .sum();
    product / square
}

/// Ranks from 1, ties sharing their mean rank.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start]];
        let tied = order[start..]
            .iter()
            .take_while(|&&at| values[at] <= value)
            .count();
        let shared = start as f64 + (tied as f64 + 1.0) / 2.0;
        for &at in &order[start..start + tied] {
            ranks[at] = shared;
        }
        start += tied;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let values = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(median(&values), 2.5);
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 1.0), 4.0);
        assert_eq!(quantile(&values, 1.0 / 3.0), 2.0);
        assert_eq!(median(&[]), 0.0);
    }

    #[test]
    fn half_of_the_values_may_be_wild() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 1e9, 1e9];
        // The median is 4, and the distances from it are 0, 1, 1, 2, 3 and two wild ones.
        assert!((robust_sigma(&values) - 2.0 * MAD_TO_SIGMA).abs() < 1e-9);
    }

    #[test]
    fn ties_share_their_mean_rank() {
        assert_eq!(ranks(&[10.0, 20.0, 10.0, 30.0]), [1.5, 3.0, 1.5, 4.0]);
    }

    #[test]
    fn a_wave_correlates_with_itself_one_period_later() {
        let wave: Vec<f64> = (0..70).map(|at| f64::from(at % 7)).collect();
        assert!(autocorrelation(&wave, 7) > 0.85);
        assert!(autocorrelation(&wave, 3) < 0.0);
        assert_eq!(autocorrelation(&[5.0; 20], 3), 0.0);
    }
}
