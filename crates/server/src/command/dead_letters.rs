//! `almanac dead-letters`: look at the records that could not be stored, give them to the queue
//! again, or forget them.

use std::io::{BufRead, BufReader};

use serde_json::json;

use crate::cli::{DeadLettersCommand, ExitCode, Failure, World};
use crate::dead_letters::{DeadLetters, Letter};
use crate::local::RunningServer;
use crate::wiring;

/// Does the command.
pub(crate) fn run(command: &DeadLettersCommand, world: &mut World<'_>) -> anyhow::Result<()> {
    let letters = DeadLetters::open(&world.config.data.dir)?;
    match command {
        DeadLettersCommand::List { limit } => list(&letters, *limit, world),
        DeadLettersCommand::Show { id } => show(&find(&letters, *id)?, world),
        DeadLettersCommand::Replay { id } => replay(&letters, *id, world),
        DeadLettersCommand::Drop { id, yes } => {
            let letter = find(&letters, *id)?;
            if !*yes {
                confirm(&letter, world)?;
            }
            letters.forget(&letter)?;
            say(
                world,
                json!({ "dropped": [id] }),
                &format!("dead letter {id} is forgotten"),
            )
        }
    }
}

fn find(letters: &DeadLetters, id: u64) -> anyhow::Result<Letter> {
    letters
        .list()?
        .into_iter()
        .find(|letter| letter.id == id)
        .ok_or_else(|| {
            let text = format!("there is no dead letter {id}; see `almanac dead-letters list`");
            Failure::new(ExitCode::NotFound, text).into()
        })
}

/// Asks before a record is lost for ever; without an answer it is not.
fn confirm(letter: &Letter, world: &mut World<'_>) -> anyhow::Result<()> {
    let (id, reason) = (letter.id, &letter.reason);
    let bytes = letter.record.len();
    write!(
        world.output.to,
        "forget dead letter {id} ({bytes} bytes: {reason}) for ever? [y/N] "
    )?;
    world.output.to.flush()?;
    let mut answer = String::new();
    BufReader::new(&mut world.input).read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    let text = format!("dead letter {id} stays; answer y, or add --yes, to forget it");
    Err(Failure::new(ExitCode::Usage, text).into())
}

fn list(letters: &DeadLetters, limit: u64, world: &mut World<'_>) -> anyhow::Result<()> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let all: Vec<Letter> = letters.list()?.into_iter().rev().take(limit).collect();
    let shape = |letter: &Letter| {
        let bytes = letter.record.len();
        json!({ "id": letter.id, "bytes": bytes, "reason": letter.reason })
    };
    let lines: Vec<String> = all
        .iter()
        .map(|letter| {
            format!(
                "{}  {} bytes  {}",
                letter.id,
                letter.record.len(),
                letter.reason
            )
        })
        .collect();
    let text = if lines.is_empty() {
        "there are no dead letters".to_owned()
    } else {
        lines.join("\n")
    };
    say(
        world,
        json!({ "dead_letters": all.iter().map(shape).collect::<Vec<_>>() }),
        &text,
    )
}

fn show(letter: &Letter, world: &mut World<'_>) -> anyhow::Result<()> {
    let hex: String = letter
        .record
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("{}\n{}\n{hex}", letter.id, letter.reason);
    say(
        world,
        json!({ "id": letter.id, "reason": letter.reason, "record_hex": hex }),
        &text,
    )
}

fn replay(letters: &DeadLetters, id: Option<u64>, world: &mut World<'_>) -> anyhow::Result<()> {
    let chosen = match id {
        Some(id) => vec![find(letters, id)?],
        None => letters.list()?,
    };
    let server = RunningServer::find(&world.config.data.dir);
    let queue = match &server {
        Some(_) => None,
        None => Some(wiring::engine(&world.config)?.queue),
    };
    for letter in &chosen {
        match (&server, &queue) {
            (Some(server), _) => {
                let (status, _) = server.post("/api/local/replay", &[], &letter.envelope()[..])?;
                anyhow::ensure!(
                    status == 200,
                    "the server did not take dead letter {}",
                    letter.id
                );
            }
            (None, Some(queue)) => drop(queue.append_blocking(vec![letter.envelope().into()])?),
            (None, None) => {}
        }
        letters.forget(letter)?;
    }
    if let Some(queue) = queue {
        queue.close()?;
    }
    let ids: Vec<u64> = chosen.iter().map(|letter| letter.id).collect();
    say(
        world,
        json!({ "replayed": ids }),
        &format!("{} dead letters are in the queue again", ids.len()),
    )
}

fn say(world: &mut World<'_>, value: serde_json::Value, text: &str) -> anyhow::Result<()> {
    if world.output.as_json {
        writeln!(world.output.to, "{value:#}")?;
    } else {
        writeln!(world.output.to, "{text}")?;
    }
    Ok(())
}
