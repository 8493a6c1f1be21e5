//! `cargo xtask bench NAME`: benchmarks by name, each in a file of its own under `bench/`. Figures
//! belong into `docs/performance.md`; nothing here asserts a time.

use anyhow::{Result, bail};

/// One benchmark: its name, what it measures, and how it runs.
struct Bench {
    name: &'static str,
    measures: &'static str,
    run: fn(&[String]) -> Result<()>,
}

/// Every benchmark there is.
const BENCHES: &[Bench] = &[
    Bench {
        name: "anomaly",
        measures: "the detector on the Numenta Anomaly Benchmark, beside its simplest rival",
        run: anomaly::run,
    },
    Bench {
        name: "build",
        measures: "clean release build time and size of the binary",
        run: build::run,
    },
    Bench {
        name: "forecast",
        measures: "forecasts at past origins of a file of series, beside public models",
        run: forecast::run,
    },
    Bench {
        name: "ingest",
        measures: "durable events per second, latency of the acknowledgement, cores and memory",
        run: ingest::run,
    },
    Bench {
        name: "query",
        measures: "the same questions to Almanac, DuckDB and ClickHouse, sizes, rates of loading",
        run: query::run,
    },
];

mod anomaly;
mod build;
mod forecast;
mod ingest;
mod program;
mod query;

/// Runs one benchmark, or lists them.
pub(crate) fn run(name: Option<&str>, rest: &[String]) -> Result<()> {
    let Some(name) = name else {
        for bench in BENCHES {
            println!("{:<10} {}", bench.name, bench.measures);
        }
        return Ok(());
    };
    match BENCHES.iter().find(|bench| bench.name == name) {
        Some(bench) => (bench.run)(rest),
        None => bail!("there is no benchmark {name:?}; `cargo xtask bench` lists them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_refused_with_the_way_out() {
        let error = run(Some("speed"), &[]).unwrap_err().to_string();
        assert!(
            error.contains("\"speed\"") && error.contains("lists them"),
            "{error}"
        );
    }
}
