//! The parts of an export, one file a day in a folder beside the file that they will become. A part
//! is there whole or not at all. The last of them is written again when an export goes on, for its
//! day may have been today.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use almanac_model::ProjectId;
use anyhow::Context;
use jiff::civil::Date;

use super::source::Batches;
use crate::bulk::Format;
use crate::bulk::write::{Writer, join};
use crate::cli::{ExitCode, Failure};

/// The parts that there are.
pub(super) struct Parts {
    dir: PathBuf,
    file: PathBuf,
    format: Format,
    found: BTreeMap<Date, PathBuf>,
}

/// The file in the folder that says what the parts are of.
const ABOUT: &str = "about";

impl Parts {
    /// The parts of a file that an earlier run left, or none.
    pub(super) fn open(file: &Path, format: Format, project: ProjectId) -> anyhow::Result<Self> {
        let mut name = file
            .file_name()
            .context("the output is no file")?
            .to_owned();
        name.push(".parts");
        let dir = file.with_file_name(name);
        let about = format!("project {} as {format:?}\n", project.0);
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let known = dir.join(ABOUT);
        if known.exists() {
            let other = fs::read_to_string(&known)?;
            if other != about {
                let text = format!(
                    "{} holds the parts of another export ({}); remove it, or export to \
                     another file",
                    dir.display(),
                    other.trim_end()
                );
                return Err(Failure::new(ExitCode::Invalid, text).into());
            }
        } else {
            fs::write(&known, &about)?;
        }
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            let day = path.file_name().and_then(|name| name.to_str());
            if let Some(Ok(day)) = day.map(str::parse) {
                found.insert(day, path);
            }
        }
        Ok(Self {
            dir,
            file: file.to_owned(),
            format,
            found,
        })
    }

    /// The last day that there is a part of.
    pub(super) fn last(&self) -> Option<Date> {
        self.found.last_key_value().map(|(day, _)| *day)
    }

    /// Writes the part of a day.
    pub(super) fn write(&mut self, day: Date, batches: &mut Batches<'_>) -> anyhow::Result<()> {
        let unfinished = self.dir.join("unfinished");
        let mut writer = Writer::new(
            self.format,
            BufWriter::new(File::create(&unfinished)?),
            false,
        )?;
        for batch in batches {
            writer.write(&batch?)?;
        }
        let file = writer.finish()?.into_inner()?;
        file.sync_all()?;
        let path = self.dir.join(day.to_string());
        fs::rename(&unfinished, &path)?;
        self.found.insert(day, path);
        Ok(())
    }

    /// Puts the parts of those days together and removes them. Answers with how many days there
    /// were and how many bytes there are.
    pub(super) fn finish(self, days: RangeInclusive<Date>) -> anyhow::Result<(usize, u64)> {
        let parts: Vec<PathBuf> = self
            .found
            .range(days)
            .map(|(_, path)| path.clone())
            .collect();
        let whole = self.dir.join("whole");
        let file = join(self.format, &parts, File::create(&whole)?)?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        fs::rename(&whole, &self.file)?;
        fs::remove_dir_all(&self.dir)?;
        Ok((parts.len(), bytes))
    }
}
