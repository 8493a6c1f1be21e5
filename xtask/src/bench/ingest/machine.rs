//! What the machine as a whole does meanwhile, from `/proc`: a figure of a busy machine is worth
//! only as much as it says how busy.

use std::fs;

use anyhow::{Context, Result};

/// The kernel counts processor time in these parts of a second.
pub(super) const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of the machine so far.
pub(super) struct Machine {
    busy_s: f64,
}

impl Machine {
    pub(super) fn now() -> Result<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let first = stat.lines().next().context("an empty /proc/stat")?;
        let ticks: Vec<f64> = first
            .split_whitespace()
            .skip(1)
            .filter_map(|field| field.parse().ok())
            .collect();
        // user, nice, system, then after idle and iowait: irq, softirq, steal.
        let busy = [0, 1, 2, 5, 6, 7]
            .iter()
            .filter_map(|field| ticks.get(*field));
        Ok(Self {
            busy_s: busy.sum::<f64>() / TICKS_PER_SECOND,
        })
    }

    /// Seconds of all cores since then.
    pub(super) fn busy_since(&self) -> Result<f64> {
        Ok(Self::now()?.busy_s - self.busy_s)
    }
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Of the last minute.
pub(super) fn load_average() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}

/// Seconds that the children of this process which have ended took of all cores.
pub(super) fn children_s() -> Result<f64> {
    process_s("self", &[13, 14])
}

/// Seconds that a process took of all cores.
pub(super) fn own_s(pid: u32) -> Result<f64> {
    process_s(&pid.to_string(), &[11, 12])
}

/// Fields of `/proc/PID/stat` behind the name, counted from 0.
fn process_s(pid: &str, fields: &[usize]) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(')').context("an odd /proc/PID/stat")?.1;
    let values: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = fields
        .iter()
        .filter_map(|field| values.get(*field)?.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
}
