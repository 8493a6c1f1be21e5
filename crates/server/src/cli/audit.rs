//! `almanac audit`: what was done by whom, and whether the log still says what was written.

use almanac_catalog::audit::{self, Entry, Filter};
use serde_json::{Value, json};

use super::arguments::AuditCommand;
use super::exit_code::ExitCode;
use super::failure::Failure;
use super::time;
use super::world::{World, existing_catalog};

pub(super) async fn run(command: &AuditCommand, world: &mut World<'_>) -> Result<(), Failure> {
    match command {
        AuditCommand::List {
            actor,
            action,
            subject,
            limit,
        } => {
            let filter = Filter {
                actor: actor.clone(),
                action: action.clone(),
                subject: subject.clone(),
                ..Filter::default()
            };
            list(&filter, *limit, world).await
        }
        AuditCommand::Verify { head } => verify(head.as_deref(), world).await,
    }
}

async fn list(filter: &Filter, limit: i64, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let entries = audit::list(&catalog, filter, limit).await;
    catalog.close().await;
    let entries = entries?;
    let value = json!({ "entries": entries.iter().map(written).collect::<Vec<_>>() });
    let row = |entry: Entry| {
        let who = match entry.actor.name.is_empty() {
            true => entry.actor.who,
            false => entry.actor.name,
        };
        let (id, at) = (entry.id.to_string(), time::written(entry.at));
        [id, at, who, entry.action, entry.subject, entry.after]
    };
    let rows: Vec<_> = entries.into_iter().map(row).collect();
    let heading = ["id", "at", "who", "action", "what", "since then"];
    Ok(world
        .output
        .table(&value, heading, &rows, "nothing was done yet")?)
}

async fn verify(head: Option<&str>, world: &mut World<'_>) -> Result<(), Failure> {
    let catalog = existing_catalog(&world.config.data).await?;
    let verdict = audit::verify(&catalog, head).await;
    catalog.close().await;
    let verdict = verdict?;
    if let Some((id, reason)) = verdict.broken {
        let message = format!("the audit log is broken at entry {id}: {reason}");
        return Err(Failure::new(ExitCode::Failed, message));
    }
    if verdict.has_known_head == Some(false) {
        let message = "the head is not in the audit log any more: entries were cut off";
        return Err(Failure::new(ExitCode::Failed, message));
    }
    let value = json!({ "entries": verdict.entries, "head": verdict.head });
    let text = format!(
        "{} entries are as they were written\nhead {}\n",
        verdict.entries, verdict.head
    );
    Ok(world.output.answer(&value, &text)?)
}

fn written(entry: &Entry) -> Value {
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    json!({
        "id": entry.id.to_string(),
        "at": time::written(entry.at),
        "actor": entry.actor.who,
        "actor_name": entry.actor.name,
        "place": entry.actor.place,
        "action": entry.action,
        "subject": entry.subject,
        "before": parsed(&entry.before),
        "after": parsed(&entry.after),
        "hash": entry.hash,
    })
}
