//! Nelder & Mead's simplex search (*A simplex method for function minimization*, 1965) for
//! functions of a few parameters without derivatives. Deterministic; the caller maps its bounds.

/// Minimises `value` from `start`, each parameter first moved by its entry of `steps`, with at most
/// `evaluations_max` calls. Values that are not finite count as infinitely bad.
pub fn minimise(
    start: &[f64],
    steps: &[f64],
    evaluations_max: usize,
    mut value: impl FnMut(&[f64]) -> f64,
) -> Vec<f64> {
    let size = start.len();
    let mut evaluate = |point: &[f64]| {
        let found = value(point);
        if found.is_finite() { found } else { f64::MAX }
    };
    let mut corners: Vec<Corner> = vec![(evaluate(start), start.to_vec())];
    for at in 0..size {
        let mut corner = start.to_vec();
        corner[at] += steps[at];
        corners.push((evaluate(&corner), corner));
    }
    let mut evaluations = size + 1;
    while evaluations < evaluations_max {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (corners[0].0, corners[size].0);
        if worst - best <= 1e-9 * (best.abs() + 1e-9) {
            break;
        }
        let centre = centre_of(&corners[..size]);
        let towards = |factor: f64, corner: &[f64]| -> Vec<f64> {
            centre
                .iter()
                .zip(corner)
                .map(|(middle, end)| middle + factor * (middle - end))
                .collect()
        };
        let last = corners[size].1.clone();
        let reflected = towards(1.0, &last);
        let reflected_value = evaluate(&reflected);
        evaluations += 1;
        if reflected_value < best {
            let expanded = towards(2.0, &last);
            let expanded_value = evaluate(&expanded);
            evaluations += 1;
            corners[size] = if expanded_value < reflected_value {
                (expanded_value, expanded)
            } else {
                (reflected_value, reflected)
            };
            continue;
        }
        if reflected_value < corners[size - 1].0 {
            corners[size] = (reflected_value, reflected);
            continue;
        }
        let contracted = towards(if reflected_value < worst { 0.5 } else { -0.5 }, &last);
        let contracted_value = evaluate(&contracted);
        evaluations += 1;
        if contracted_value < worst.min(reflected_value) {
            corners[size] = (contracted_value, contracted);
            continue;
        }
        halve(&mut corners, &mut evaluate);
        evaluations += size;
    }
    corners.sort_by(|a, b| a.0.total_cmp(&b.0));
    corners.swap_remove(0).1
}

/// A value and where it was found.
type Corner = (f64, Vec<f64>);

/// The middle of the corners, parameter by parameter.
fn centre_of(corners: &[Corner]) -> Vec<f64> {
    let size = corners.len();
    let mean = |at: usize| corners.iter().map(|corner| corner.1[at]).sum::<f64>() / size as f64;
    (0..size).map(mean).collect()
}

/// Moves every corner half of its way to the first.
fn halve(corners: &mut [Corner], evaluate: &mut impl FnMut(&[f64]) -> f64) {
    let Some(((_, anchor), others)) = corners.split_first_mut() else {
        return;
    };
    for (value, corner) in others {
        for (coordinate, towards) in corner.iter_mut().zip(anchor.iter()) {
            *coordinate = towards + 0.5 * (*coordinate - towards);
        }
        *value = evaluate(corner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let valley = |p: &[f64]| (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2);
        let found = minimise(&[-1.2, 1.0], &[0.5, 0.5], 2_000, valley);
        assert!((found[0] - 1.0).abs() < 1e-3, "{found:?}");
        assert!((found[1] - 1.0).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn values_that_are_no_numbers_are_avoided() {
        let fenced = |p: &[f64]| {
            if p[0] < 0.0 {
                f64::NAN
            } else {
                (p[0] - 0.1).abs()
            }
        };
        assert!((minimise(&[2.0], &[-1.0], 200, fenced)[0] - 0.1).abs() < 1e-3);
    }
}
