//! `cargo xtask bench query`: the same events in Almanac, DuckDB and ClickHouse, the same questions
//! to each in one run, and the figures side by side. `--events 5m` takes a tenth of the events,
//! which are made once and kept, like the stores, under `target/bench-query`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::program;
use crate::process::{command, must, root};

/// Where the scripts that make events and ask the engines are.
const SCRIPTS: &str = "xtask/src/bench/query";
const FOLDER: &str = "target/bench-query";
/// What the scripts need; other engines are pinned by nothing but the day of the run.
const PACKAGES: &[&str] = &["numpy", "pyarrow", "duckdb", "chdb"];
/// How many events there may be, by name.
const SIZES: &[(&str, &str)] = &[("5m", "5000000"), ("50m", "50000000")];
const OTHERS: &[(&str, &str)] = &[("duck", "DuckDB"), ("ch", "ClickHouse")];

pub(super) fn run(arguments: &[String]) -> Result<()> {
    let size = match arguments {
        [] => "50m",
        [size] if size == "5" || size == "50" => &format!("{size}m"),
        [flag, size] if flag == "--events" => size.as_str(),
        _ => bail!("`bench query` takes 5 or 50, in millions of events, got {arguments:?}"),
    };
    let Some((name, events)) = SIZES.iter().find(|(name, _)| *name == size) else {
        bail!("`--events {size}` is neither 5m nor 50m");
    };
    let bench = Bench {
        folder: root().join(FOLDER).join(name),
        python: root().join(FOLDER).join("venv/bin/python"),
    };
    bench.prepare(events)?;
    bench.measure()
}

struct Bench {
    folder: PathBuf,
    python: PathBuf,
}

impl Bench {
    /// Makes what is missing: Python with the engines, and the events.
    fn prepare(&self, events: &str) -> Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        if !self.python.exists() {
            let venv = format!("{FOLDER}/venv");
            must(command("", "python3", &["-m", "venv", &venv]))?;
            let pip = ["-m", "pip", "install", "--quiet"];
            must(command("", &self.python, &[&pip[..], PACKAGES].concat()))?;
        }
        // Written last, so a run that was cut off makes the events anew.
        let made = self.folder.join("made");
        if !made.exists() {
            let script = script("gen_events.py");
            let prefix = self.folder.join("events");
            let words = [text(&script)?, text(&prefix)?, events];
            must(command("", &self.python, &words))?;
            std::fs::write(&made, events)?;
        }
        program::build(&["almanac-server"])?;
        Ok(())
    }

    fn measure(&self) -> Result<()> {
        let binary = program::path("almanac");
        let folder = text(&self.folder)?.to_owned();
        let own = |what: &str| self.script("almanac.py", &[what, text(&binary)?, &folder]);
        let mut figures = Figures::default();
        figures.take(&own("load")?)?;
        for (other, _) in OTHERS {
            let loaded = self.folder.join(format!("{other}.load"));
            if !loaded.exists() {
                let told = self.script("engines.py", &["load", other, &folder])?;
                std::fs::write(&loaded, told)?;
            }
            figures.take(&std::fs::read_to_string(&loaded)?)?;
        }
        figures.take(&own("query")?)?;
        figures.take(&own("cold")?)?;
        for (other, _) in OTHERS {
            figures.take(&self.script("engines.py", &["query", other, &folder])?)?;
        }
        figures.print();
        Ok(())
    }

    /// Runs a script and reads what it prints, a line of JSON per figure.
    fn script(&self, name: &str, arguments: &[&str]) -> Result<String> {
        println!("$ {name} {}", arguments.join(" "));
        let output = Command::new(&self.python)
            .arg(script(name))
            .args(arguments)
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot run {}", self.python.display()))?;
        ensure!(output.status.success(), "{name} {arguments:?} failed");
        Ok(String::from_utf8(output.stdout)?)
    }
}

fn script(name: &str) -> PathBuf {
    root().join(SCRIPTS).join(name)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str()
        .context("the path of the repository is no UTF-8")
}

/// What was measured: milliseconds by range and question, then by engine.
#[derive(Debug, Default)]
struct Figures {
    asked: BTreeMap<(String, String), BTreeMap<String, f64>>,
    others: Vec<String>,
}

impl Figures {
    fn take(&mut self, lines: &str) -> Result<()> {
        for line in lines.lines() {
            let told: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
            let word = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            match told["ms"].as_f64() {
                Some(ms) => {
                    let question = (word("range"), word("q"));
                    self.asked
                        .entry(question)
                        .or_default()
                        .insert(word("engine"), ms);
                }
                None => self.others.push(line.to_owned()),
            }
        }
        Ok(())
    }

    /// How many times as long the faster of the others took; none where none was asked.
    fn ratio(times: &BTreeMap<String, f64>) -> Option<f64> {
        let own = times.get("almanac")?;
        let others = OTHERS.iter().filter_map(|(other, _)| times.get(*other));
        others.copied().reduce(f64::min).map(|faster| faster / own)
    }

    fn print(&self) {
        self.others.iter().for_each(|line| println!("{line}"));
        println!("\n| range | question | Almanac ms | DuckDB ms | ClickHouse ms | times faster |");
        println!("|---|---|---|---|---|---|");
        for ((range, question), times) in &self.asked {
            let cell = |engine: &str| {
                let ms = times.get(engine);
                ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1}"))
            };
            let ratio = Self::ratio(times);
            let ratio = ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.1}"));
            let (own, duck, ch) = (cell("almanac"), cell("duck"), cell("ch"));
            println!("| {range} | {question} | {own} | {duck} | {ch} | {ratio} |");
        }
        for range in ["30d", "365d"] {
            let of_range = self.asked.iter().filter(|((own, _), _)| own == range);
            let ratios: Vec<f64> = of_range
                .filter_map(|(_, times)| Self::ratio(times))
                .collect();
            if let Some(mean) = geometric_mean(&ratios) {
                let least = ratios.iter().copied().reduce(f64::min).unwrap_or(mean);
                println!("{range}: geometric mean {mean:.1} times, least {least:.1} times");
            }
        }
    }
}

fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let logarithms: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (logarithms / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faster_of_the_others_is_what_counts() {
        let mut figures = Figures::default();
        let lines = r#"{"engine":"almanac","range":"30d","q":"Q1","ms":2.0}
{"engine":"duck","range":"30d","q":"Q1","ms":50.0}
{"engine":"ch","range":"30d","q":"Q1","ms":20.0}
{"engine":"almanac","range":"30d","q":"overview","ms":2.0}
{"engine":"duck","what":"load","rows":1}"#;
        figures.take(lines).unwrap();
        let ratios: Vec<_> = figures.asked.values().map(Figures::ratio).collect();
        assert_eq!(ratios, [Some(10.0), None]);
        assert_eq!(figures.others.len(), 1);
        assert!((geometric_mean(&[2.0, 8.0]).unwrap() - 4.0).abs() < 1e-9);
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn sizes_that_there_are_not_are_refused() {
        let asked = ["--events".to_owned(), "7m".to_owned()];
        let error = run(&asked).unwrap_err().to_string();
        assert!(error.contains("neither 5m nor 50m"), "{error}");
    }
}
