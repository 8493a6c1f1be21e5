//! The order in which the rows of several runs become one: by visitor, time and content. It reads
//! nothing but visitors and times, and of rows that these do not tell apart, the content.

use std::sync::Arc;

use crate::StoreError;
use crate::file::FileRun;
use crate::run::{Run, cmp_content};

/// Where each row of the merged run is among the rows of all runs, one after another: first those
/// of the files, then those in memory.
pub(crate) fn order(files: &[Arc<FileRun>], hot: &[&Run]) -> Result<Vec<u32>, StoreError> {
    let of_files = files.iter().map(|file| file.entry.rows as usize);
    let rows = of_files.chain(hot.iter().map(|run| run.rows())).sum();
    let (mut keys, mut starts) = (Vec::with_capacity(rows), Vec::new());
    for file in files {
        starts.push(keys.len());
        keys.extend(file.visitors()?.into_iter().zip(file.times()?));
    }
    for run in hot {
        starts.push(keys.len());
        let times = run.times.iter().copied();
        keys.extend(run.visitors.iter().copied().zip(times));
    }
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    // A stable sort merges runs that are sorted already in few passes.
    order.sort_by_key(|at| keys[*at as usize]);
    settle_ties(&mut order, &keys, &starts, files, hot)?;
    Ok(order)
}

/// Orders rows of one visitor and instant by content where they come from different runs. They are
/// few, so of them whole rows are read.
fn settle_ties(
    order: &mut [u32],
    keys: &[(u64, i64)],
    starts: &[usize],
    files: &[Arc<FileRun>],
    hot: &[&Run],
) -> Result<(), StoreError> {
    let run_of = |at: u32| starts.partition_point(|start| *start <= at as usize) - 1;
    let is_tie =
        |group: &[u32]| group.len() > 1 && group.iter().any(|at| run_of(*at) != run_of(group[0]));
    let same = |one: &u32, two: &u32| keys[*one as usize] == keys[*two as usize];
    let mut tied: Vec<Vec<u32>> = vec![Vec::new(); starts.len()];
    for at in order.chunk_by(same).filter(|group| is_tie(group)).flatten() {
        let run = run_of(*at);
        tied[run].push(at - starts[run] as u32);
    }
    if tied.iter().all(Vec::is_empty) {
        return Ok(());
    }
    for rows in &mut tied {
        rows.sort_unstable();
    }
    let mut picked = Vec::with_capacity(starts.len());
    for (file, rows) in files.iter().zip(&tied) {
        picked.push(file.pick(rows)?);
    }
    picked.extend(
        hot.iter()
            .zip(&tied[files.len()..])
            .map(|(run, rows)| run.pick(rows)),
    );
    let row = |at: u32| {
        let run = run_of(at);
        let place = tied[run].binary_search(&(at - starts[run] as u32));
        (&picked[run], place.unwrap_or_default())
    };
    for group in order.chunk_by_mut(same).filter(|group| is_tie(group)) {
        group.sort_by(|one, two| cmp_content(row(*one), row(*two)));
    }
    Ok(())
}
