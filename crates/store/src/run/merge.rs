//! Merges sorted runs into one. The result depends on the rows alone, not on how they were split
//! into runs.

use almanac_model::{NumberColumn, TextColumn};

use super::{Properties, Run, Text, cmp_content};
use crate::dictionary::Interner;

/// Where a row of the merged run comes from: which run and which of its rows.
type Origin = (u32, u32);

/// The run of all rows of these runs.
pub(crate) fn merge(runs: &[&Run]) -> Run {
    let origins = order(runs);
    let pick = |values: fn(&Run) -> &Vec<u64>| {
        origins
            .iter()
            .map(|(run, row)| values(runs[*run as usize])[*row as usize])
            .collect()
    };
    Run {
        visitors: pick(|run| &run.visitors),
        times: origins
            .iter()
            .map(|(run, row)| runs[*run as usize].times[*row as usize])
            .collect(),
        kinds: origins
            .iter()
            .map(|(run, row)| runs[*run as usize].kinds[*row as usize])
            .collect(),
        text: (0..TextColumn::COUNT)
            .map(|at| {
                let parts: Vec<_> = runs.iter().map(|run| run.text.get(at)?.as_ref()).collect();
                merge_text(&parts, &origins)
            })
            .collect(),
        numbers: (0..NumberColumn::COUNT)
            .map(|at| merge_numbers(runs, at, &origins))
            .collect(),
        properties: merge_properties(runs, &origins),
    }
}

/// The rows of all runs in order. A stable sort merges runs that are sorted already in few passes.
fn order(runs: &[&Run]) -> Vec<Origin> {
    let mut origins: Vec<Origin> = (0u32..)
        .zip(runs)
        .flat_map(|(number, run)| (0..run.rows() as u32).map(move |row| (number, row)))
        .collect();
    origins.sort_by(|left, right| {
        let (one, two) = (runs[left.0 as usize], runs[right.0 as usize]);
        let (at, other) = (left.1 as usize, right.1 as usize);
        (one.visitors[at], one.times[at])
            .cmp(&(two.visitors[other], two.times[other]))
            .then_with(|| cmp_content((one, at), (two, other)))
    });
    origins
}

fn merge_text(parts: &[Option<&Text>], origins: &[Origin]) -> Option<Text> {
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let mut interner = Interner::default();
    let maps: Vec<Vec<u32>> = parts
        .iter()
        .map(|part| codes_of(&mut interner, *part))
        .collect();
    let codes = origins
        .iter()
        .map(|(run, row)| match parts[*run as usize] {
            Some(text) => maps[*run as usize][text.codes[*row as usize] as usize],
            None => 0,
        })
        .collect();
    Some(Text {
        values: interner.into_values(),
        codes,
    })
}

/// The merged code of each value of a part.
fn codes_of(interner: &mut Interner, part: Option<&Text>) -> Vec<u32> {
    part.map_or_else(Vec::new, |text| {
        text.values
            .iter()
            .map(|value| interner.code_of_shared(value))
            .collect()
    })
}

fn merge_numbers(runs: &[&Run], at: usize, origins: &[Origin]) -> Option<Vec<Option<i64>>> {
    let parts: Vec<_> = runs
        .iter()
        .map(|run| run.numbers.get(at)?.as_ref())
        .collect();
    if parts.iter().all(Option::is_none) {
        return None;
    }
    let value = |(run, row): &Origin| parts[*run as usize].and_then(|all| all[*row as usize]);
    Some(origins.iter().map(value).collect())
}

fn merge_properties(runs: &[&Run], origins: &[Origin]) -> Option<Properties> {
    if runs.iter().all(|run| run.properties.is_none()) {
        return None;
    }
    let (mut names, mut values) = (Interner::default(), Interner::default());
    let maps: Vec<_> = runs
        .iter()
        .map(|run| {
            let parts = run.properties.as_ref();
            let name_map = codes_of(&mut names, parts.map(|all| &all.names));
            (
                name_map,
                codes_of(&mut values, parts.map(|all| &all.values)),
            )
        })
        .collect();
    let (mut offsets, mut name_codes, mut value_codes) = (vec![0], Vec::new(), Vec::new());
    for (run, row) in origins {
        if let Some(all) = &runs[*run as usize].properties {
            let (name_map, value_map) = &maps[*run as usize];
            let row = *row as usize;
            for entry in all.offsets[row] as usize..all.offsets[row + 1] as usize {
                name_codes.push(name_map[all.names.codes[entry] as usize]);
                value_codes.push(value_map[all.values.codes[entry] as usize]);
            }
        }
        offsets.push(name_codes.len() as u32);
    }
    Some(Properties {
        offsets,
        names: Text {
            values: names.into_values(),
            codes: name_codes,
        },
        values: Text {
            values: values.into_values(),
            codes: value_codes,
        },
    })
}
