//! Normal and Student distributions, to about 1e-9. Formulas: Abramowitz & Stegun, *Handbook of
//! Mathematical Functions*; the normal quantile is Acklam's rational approximation with one Halley
//! step; the incomplete beta function is evaluated as a continued fraction (Lentz).

use std::f64::consts::{PI, SQRT_2};

const FRACTION_STEPS_MAX: usize = 300;
const TINY: f64 = 1e-300;

/// Φ(z), the probability that a standard normal number is below `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// log₁₀ of the upper tail 1 − Φ(z); stays finite where the tail itself would be 0.
pub fn normal_tail_log10(z: f64) -> f64 {
    if z < 10.0 {
        return normal_cdf(-z).log10();
    }
    // Mills' ratio: the tail is φ(z)/z to first order.
    -(z * z / 2.0 + (z * (2.0 * PI).sqrt()).ln()) / std::f64::consts::LN_10
}

/// Φ⁻¹(p) for p strictly between 0 and 1; outside it is clamped to ±8.2.
pub fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const LOW: f64 = 0.02425;
    let p = p.clamp(1.2e-16, 1.0 - 1.2e-16);
    let z = if p < LOW {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    } else if p > 1.0 - LOW {
        let q = (-2.0 * (1.0 - p).ln()).sqrt();
        -polynomial(&C, q) / polynomial(&D, q)
    } else {
        let q = p - 0.5;
        q * polynomial(&A, q * q) / polynomial(&B, q * q)
    };
    let error = (normal_cdf(z) - p) * (2.0 * PI).sqrt() * (z * z / 2.0).exp();
    z - error / (1.0 + z * error / 2.0)
}

/// Probability that a Student variable with `freedom` degrees is further from 0 than `t`, on either
/// side.
pub fn student_two_sided(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// Complementary error function: series near 0, continued fraction further out.
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.0 {
        let mut term = x;
        let mut sum = x;
        for n in 1..FRACTION_STEPS_MAX {
            term *= -x * x / n as f64;
            let part = term / (2 * n + 1) as f64;
            sum += part;
            if part.abs() < 1e-17 * sum.abs() {
                break;
            }
        }
        return 1.0 - 2.0 / PI.sqrt() * sum;
    }
    let mut fraction = 0.0;
    for n in (1..=60).rev() {
        fraction = n as f64 / 2.0 / (x + fraction);
    }
    (-x * x).exp() / PI.sqrt() / (x + fraction)
}

/// log Γ(x) for positive x (Lanczos, g = 7, nine terms).
fn ln_gamma(x: f64) -> f64 {
    const G: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let base = x + 7.5;
    let sum = G
        .iter()
        .enumerate()
        .skip(1)
        .fold(G[0], |sum, (at, g)| sum + g / (x + at as f64));
    0.5 * (2.0 * PI).ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// Regularised incomplete beta function Iₓ(a, b).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front =
        (a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d, mut fraction) = (1.0, 0.0, 1.0);
    for step in 0..FRACTION_STEPS_MAX {
        let m = (step / 2) as f64;
        let numerator = if step == 0 {
            1.0
        } else if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / kept(1.0 + numerator * d);
        c = kept(1.0 + numerator / c);
        fraction *= c * d;
        if (1.0 - c * d).abs() < 1e-14 {
            break;
        }
    }
    (front * (fraction - 1.0)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_distribution_has_its_printed_values() {
        for (z, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_543),
            (1.959_963_984_540_054, 0.975),
            (-3.0, 0.001_349_898_031_630),
        ] {
            assert!((normal_cdf(z) - p).abs() < 1e-10, "{z}");
            assert!((normal_quantile(p) - z).abs() < 1e-8, "{p}");
        }
    }

    #[test]
    fn the_tail_goes_on_without_a_step() {
        let (before, after) = (normal_tail_log10(9.999_999), normal_tail_log10(10.000_001));
        assert!((before - after).abs() < 0.01, "{before} {after}");
        assert!(normal_tail_log10(60.0).is_finite());
    }

    #[test]
    fn the_student_distribution_has_its_printed_values() {
        for (t, freedom, p) in [
            (2.228_138_85, 10.0, 0.05),
            (12.706_204_74, 1.0, 0.05),
            (0.0, 5.0, 1.0),
            (1.0, 3.0, 0.391_002_219),
        ] {
            let found = student_two_sided(t, freedom);
            assert!((found - p).abs() < 1e-7, "{t} {freedom}: {found}");
        }
    }
}
