//! Small dense systems: ridge regression through the normal equations and Cholesky. For a few dozen
//! columns; not for anything large.

/// Weighted ridge regression: minimises Σ wᵢ (yᵢ − xᵢβ)² + Σ λⱼ βⱼ². `rows` holds `penalties.len()`
/// numbers for each value of `target`. A column without variation gets coefficient 0.
pub fn ridge(rows: &[f64], target: &[f64], weights: &[f64], penalties: &[f64]) -> Vec<f64> {
    let columns = penalties.len();
    let mut gram = vec![0.0; columns * columns];
    let mut moment = vec![0.0; columns];
    for ((row, value), weight) in rows.chunks_exact(columns).zip(target).zip(weights) {
        for (at, x) in row.iter().enumerate() {
            if *x == 0.0 {
                continue;
            }
            let scaled = x * weight;
            moment[at] += scaled * value;
            for (other, entry) in gram[at * columns..=at * columns + at]
                .iter_mut()
                .enumerate()
            {
                *entry += scaled * row[other];
            }
        }
    }
    for at in 0..columns {
        gram[at * columns + at] += penalties[at];
    }
    solve_symmetric(&mut gram, &moment)
}

/// Ordinary least squares with a tiny ridge for safety.
pub fn least_squares(rows: &[f64], target: &[f64], columns: usize) -> Vec<f64> {
    ridge(rows, target, &vec![1.0; target.len()], &vec![1e-9; columns])
}

/// Solves A x = b for a symmetric positive semidefinite A whose lower triangle is filled, by
/// Cholesky in place. Directions that A does not determine are set to 0.
pub fn solve_symmetric(lower: &mut [f64], right: &[f64]) -> Vec<f64> {
    let size = right.len();
    let largest = (0..size)
        .map(|at| lower[at * size + at])
        .fold(0.0, f64::max);
    let floor = largest * 1e-13;
    for row in 0..size {
        for column in 0..=row {
            let (head, tail) = (row * size, column * size);
            let product: f64 = (0..column)
                .map(|at| lower[head + at] * lower[tail + at])
                .sum();
            let rest = lower[head + column] - product;
            lower[head + column] = if row == column {
                if rest > floor { rest.sqrt() } else { 0.0 }
            } else if lower[tail + column] > 0.0 {
                rest / lower[tail + column]
            } else {
                0.0
            };
        }
    }
    let mut solution = right.to_vec();
    for row in 0..size {
        let known: f64 = (0..row)
            .map(|at| lower[row * size + at] * solution[at])
            .sum();
        let pivot = lower[row * size + row];
        solution[row] = if pivot > 0.0 {
            (solution[row] - known) / pivot
        } else {
            0.0
        };
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size)
            .map(|at| lower[at * size + row] * solution[at])
            .sum();
        let pivot = lower[row * size + row];
        solution[row] = if pivot > 0.0 {
            (solution[row] - known) / pivot
        } else {
            0.0
        };
    }
    solution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_exactly() {
        let rows: Vec<f64> = (0..10).flat_map(|x| [1.0, f64::from(x)]).collect();
        let target: Vec<f64> = (0..10).map(|x| 3.0 - 2.0 * f64::from(x)).collect();
        let found = least_squares(&rows, &target, 2);
        assert!((found[0] - 3.0).abs() < 1e-6 && (found[1] + 2.0).abs() < 1e-6);
    }

    #[test]
    fn an_empty_column_gets_no_weight() {
        let rows = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let found = ridge(&rows, &[2.0; 3], &[1.0; 3], &[0.0; 2]);
        assert!((found[0] - 2.0).abs() < 1e-12, "{found:?}");
        assert_eq!(found[1], 0.0);
    }

    #[test]
    fn a_penalty_draws_towards_zero() {
        let free = ridge(&[1.0; 4], &[8.0; 4], &[1.0; 4], &[0.0]);
        let drawn = ridge(&[1.0; 4], &[8.0; 4], &[1.0; 4], &[4.0]);
        assert!((free[0] - 8.0).abs() < 1e-12, "{free:?}");
        assert!((drawn[0] - 4.0).abs() < 1e-12, "{drawn:?}");
    }
}
