//! `wrk` as the peer generator, where it is installed: closed loop, 64 connections, one thread,
//! each request an event of another visitor.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::script;

/// What wrk measured.
pub(super) struct Found {
    pub(super) requests_s: f64,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    /// Answers that were no acknowledgement.
    pub(super) not_taken: u64,
}

pub(super) fn is_installed() -> bool {
    Command::new("wrk").arg("-v").output().is_ok()
}

pub(super) fn run(address: &str, seconds: u32) -> Result<Found> {
    let output = Command::new("wrk")
        .args(["-t1", "-c64", "--latency", "-s"])
        .arg(script("wrk.lua"))
        .args(["-d", &format!("{seconds}s"), &format!("http://{address}")])
        .output()?;
    ensure!(output.status.success(), "wrk failed");
    read(&String::from_utf8_lossy(&output.stdout))
}

fn read(text: &str) -> Result<Found> {
    let after = |label: &str| {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(label));
        line.map(str::trim)
    };
    let not_taken = after("Non-2xx or 3xx responses:").map(str::parse);
    Ok(Found {
        requests_s: after("Requests/sec:")
            .context("wrk told no rate")?
            .parse()?,
        p50_ms: after("50%").and_then(milliseconds),
        p99_ms: after("99%").and_then(milliseconds),
        not_taken: not_taken.transpose()?.unwrap_or(0),
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("s", 1e3)];
    let (number, scale) = units
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)))?;
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrk_prints_is_read() {
        let text = "  Latency Distribution\n     50%    4.58ms\n     99%   15.73ms\n  \
                    117282 requests in 10.03s\n  Non-2xx or 3xx responses: 7\nRequests/sec:  11688.56\n";
        let found = read(text).unwrap();
        assert_eq!(found.requests_s, 11_688.56);
        assert_eq!((found.p50_ms, found.p99_ms), (Some(4.58), Some(15.73)));
        assert_eq!(found.not_taken, 7);
        assert_eq!(milliseconds("900.00us"), Some(0.9));
        assert_eq!(milliseconds("1.50s"), Some(1_500.0));
    }
}
