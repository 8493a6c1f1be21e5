//! Erases what lies beside store and catalog, when somebody who erases asks: dead letters, and the
//! records in the queue's files that are stored already. One wish after another.

use std::sync::Arc;

use almanac_api::{App, Sweep, Swept};
use tokio::sync::mpsc;

use super::{JobParts, forget, rotate, save_ledger, seal};

/// Sweeps from one wish to the next until the server stops.
pub(super) async fn run(app: Arc<App>, parts: JobParts, mut wishes: mpsc::Receiver<Sweep>) {
    let mut stop = app.stop.clone();
    loop {
        let wish = tokio::select! {
            wish = wishes.recv() => wish,
            _ = stop.wait_for(|stopping| *stopping) => None,
        };
        let Some(wish) = wish else { return };
        let swept = sweep(&app, &parts, &wish).await;
        let told = swept.map_err(|error| format!("{error:#}"));
        // Whoever gave up waiting does not need the answer.
        drop(wish.reply.send(told));
    }
}

async fn sweep(app: &Arc<App>, parts: &JobParts, wish: &Sweep) -> anyhow::Result<Swept> {
    let (dead, project) = (Arc::clone(&parts.dead), wish.project);
    let (what, dry_run) = (wish.what.clone(), wish.dry_run);
    let letters = move || dead.erase(project, &what, dry_run);
    let mut swept = tokio::task::spawn_blocking(letters).await??;
    if dry_run {
        return Ok(swept);
    }
    let end = rotate(app).await?;
    // The old files can go once the pump is past them, and what it counted is saved.
    app.seen.clone().wait_for(|seen| *seen >= end).await?;
    save_ledger(app).await;
    let (sealing, parts) = (Arc::clone(app), parts.clone());
    let seal_all = move || {
        seal(&sealing, &parts.log, &parts.dead)?;
        // There may have been nothing to seal, and still something to forget.
        let position = sealing.store.confirm_position()?;
        forget(&sealing, &parts.dead, position.min(parts.log.sync()?))
    };
    tokio::task::spawn_blocking(seal_all).await??;
    swept.is_queue_emptied = app.queue.stats().oldest >= end;
    Ok(swept)
}
