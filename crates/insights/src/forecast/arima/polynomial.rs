//! Lag polynomials: from partial autocorrelations to stationary coefficients, and their products.

use super::Orders;

/// Both sides of a model: φ(B) Φ(Bᵐ) and θ(B) Θ(Bᵐ), lag 0 first, which is 1.
#[derive(Debug, Clone)]
pub(super) struct Polynomials {
    pub(super) autoregressive: Vec<f64>,
    pub(super) moving: Vec<f64>,
}

impl Polynomials {
    /// From the free parameters p, q, P, Q in this order.
    pub(super) fn of(free: &[f64], orders: Orders, season: usize) -> Polynomials {
        let (plain_ar, rest) = free.split_at(orders.p);
        let (plain_ma, rest) = rest.split_at(orders.q);
        let (seasonal_ar, seasonal_ma) = rest.split_at(orders.seasonal_p);
        let side = |plain: &[f64], seasonal: &[f64]| {
            multiply(&stable(plain, 1), &stable(seasonal, season))
        };
        Polynomials {
            autoregressive: side(plain_ar, seasonal_ar),
            moving: side(plain_ma, seasonal_ma),
        }
    }
}

/// 1 − Σ cⱼ B^(j·lag), its roots outside of the unit circle: Levinson's recursion over tanh of the
/// free numbers. Moving averages have the same form, so that θⱼ = −cⱼ.
fn stable(free: &[f64], lag: usize) -> Vec<f64> {
    let mut coefficients: Vec<f64> = Vec::with_capacity(free.len());
    for number in free {
        let partial = number.tanh() * 0.999;
        let previous = coefficients.clone();
        for (at, coefficient) in coefficients.iter_mut().enumerate() {
            *coefficient -= partial * previous[previous.len() - 1 - at];
        }
        coefficients.push(partial);
    }
    let mut polynomial = vec![0.0; free.len() * lag + 1];
    polynomial[0] = 1.0;
    for (at, coefficient) in coefficients.iter().enumerate() {
        polynomial[(at + 1) * lag] = -coefficient;
    }
    polynomial
}

/// (1 − B)ᵈ (1 − Bᵐ)ᴰ.
pub(super) fn differencing(orders: Orders, season: usize) -> Vec<f64> {
    let mut seasonal = vec![0.0; season + 1];
    seasonal[0] = 1.0;
    seasonal[season] -= 1.0;
    let start = (0..orders.d).fold(vec![1.0], |product, _| multiply(&product, &[1.0, -1.0]));
    (0..orders.seasonal_d).fold(start, |product, _| multiply(&product, &seasonal))
}

pub(super) fn multiply(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; a.len() + b.len() - 1];
    for (at, x) in a.iter().enumerate() {
        for (by, y) in b.iter().enumerate() {
            product[at + by] += x * y;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_differences_has_the_printed_coefficients() {
        let orders = Orders {
            p: 0,
            d: 1,
            q: 0,
            seasonal_p: 0,
            seasonal_d: 1,
            seasonal_q: 0,
            mean: false,
        };
        assert_eq!(differencing(orders, 3), [1.0, -1.0, 0.0, -1.0, 1.0]);
    }

    #[test]
    fn any_free_numbers_are_stationary() {
        // Two real roots: φ₁ = r₁ (1 − r₂), φ₂ = r₂.
        let polynomial = stable(&[5.0, -5.0], 1);
        let (a, b) = (-polynomial[1], -polynomial[2]);
        assert!(a + b < 1.0 && b - a < 1.0 && b.abs() < 1.0, "{a} {b}");
    }
}
