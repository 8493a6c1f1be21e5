//! The whole pipeline as one sentence. Whoever has a request body and a project asks here.

use almanac_model::ProjectSettings;
use serde_json::Value;

use crate::build::{Facts, build};
use crate::mask::Mask;
use crate::parse::parse;
use crate::refusal::Refusal;
use crate::run::run;
use crate::saved::Saved;
use crate::shape::shape;
use crate::{Cancel, Engine, EngineError};

/// What a question is asked about, beside its own words.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The project, with the zone, identity and visit gap that decide what numbers mean.
    pub project: &'a ProjectSettings,
    /// Its goals and segments.
    pub saved: &'a Saved,
    /// What of it whoever asks may not see.
    pub mask: &'a Mask,
    /// The present.
    pub facts: Facts,
}

/// Answers a question about a project: parse, build, optimise, run, shape. Blocks the calling
/// thread for as long as the engine works.
///
/// # Errors
/// [`AskError::Refused`] when the question itself is wrong, [`AskError::Engine`] when it has no
/// answer for another reason.
pub fn ask(
    engine: &dyn Engine,
    body: &Value,
    setting: Setting,
    cancel: &Cancel,
) -> Result<Value, AskError> {
    let question = parse(body)?;
    let built = build(&question, setting)?;
    let engine = engine.snapshot(setting.project.id)?;
    let answer = run(&*engine, &built, cancel)?;
    Ok(shape(&question, &built, &answer, setting.facts))
}

/// Whether a question can be asked at all; nothing is worked out.
///
/// # Errors
/// At the first mistake, with its place.
pub fn check(body: &Value, setting: Setting) -> Result<(), Refusal> {
    build(&parse(body)?, setting).map(|_| ())
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The caller's mistake; the text says where it is and what would be right.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The engine's trouble.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
