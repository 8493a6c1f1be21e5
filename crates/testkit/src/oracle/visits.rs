//! Visits, derived from events by rules 4 to 8, and the value that each dimension has for an event
//! of a visit.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use almanac_model::{Dimension, Event, Instant, Kind, NumberColumn, ProjectSettings, TextColumn};

/// A run of one visitor's events without a long gap, in order. Never empty.
#[derive(Debug, Clone)]
pub struct Visit<'a> {
    /// Its events of every kind, in the order of rule 4.
    pub events: Vec<&'a Event>,
    /// Which of all visits it is, to tell them apart.
    pub number: usize,
}

impl<'a> Visit<'a> {
    /// Its counted events (rule 1).
    pub fn counted(&self) -> impl Iterator<Item = &'a Event> + '_ {
        let events = self.events.iter().copied();
        events.filter(|event| event.kind.is_counted())
    }

    /// When it started.
    pub fn start(&self) -> Instant {
        self.events[0].time
    }

    /// How many page views it has.
    pub fn pageviews(&self) -> u64 {
        self.pages().count() as u64
    }

    /// Rule 6: one page view and nothing else done.
    pub fn is_bounce(&self) -> bool {
        self.pageviews() == 1 && !self.events.iter().any(|event| event.is_interaction())
    }

    /// Rules 5 and 6: whole seconds from the first event to the last, 0 for a bounce.
    pub fn duration_s(&self) -> i64 {
        let last = self.events[self.events.len() - 1];
        if self.is_bounce() {
            0
        } else {
            last.time.seconds() - self.start().seconds()
        }
    }

    /// Rule 16: whether the event lies on the page and host where the visit entered, as far as the
    /// question is split by them.
    pub fn entered_at(&self, event: &Event, dimensions: &[Dimension]) -> bool {
        dimensions.iter().all(|dimension| match dimension {
            Dimension::Event(column @ (TextColumn::Path | TextColumn::Hostname)) => {
                event.text[*column] == self.of_page(self.pages().next(), *column)
            }
            _ => true,
        })
    }

    fn pages(&self) -> impl DoubleEndedIterator<Item = &'a Event> + '_ {
        self.events
            .iter()
            .copied()
            .filter(|event| event.kind == Kind::Pageview)
    }

    fn of_page(&self, page: Option<&Event>, column: TextColumn) -> String {
        page.map(|event| event.text[column].clone())
            .unwrap_or_default()
    }
}

/// The visits of a project, by visitor and then by time. Those without a counted event are left
/// out (rule 8).
pub(super) fn derive<'a>(events: &'a [Event], project: &ProjectSettings) -> Vec<Visit<'a>> {
    let mut visitors: BTreeMap<_, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.project == project.id) {
        visitors.entry(event.visitor).or_default().push(event);
    }
    let mut runs: Vec<Vec<&Event>> = Vec::new();
    for mut own in visitors.into_values() {
        own.sort_by(|left, right| order(left, right));
        let mut previous: Option<&Event> = None;
        for event in own {
            let gap_s = previous.map(|before| event.time.seconds() - before.time.seconds());
            match runs.last_mut() {
                Some(run) if gap_s.is_some_and(|gap_s| gap_s <= project.visit_gap_s) => {
                    run.push(event);
                }
                _ => runs.push(vec![event]),
            }
            previous = Some(event);
        }
    }
    runs.into_iter()
        .filter(|run| run.iter().any(|event| event.kind.is_counted()))
        .enumerate()
        .map(|(number, events)| Visit { events, number })
        .collect()
}

/// Rule 4: by time, and at the same instant by what the events are.
fn order(left: &Event, right: &Event) -> Ordering {
    let texts = |event: &'_ Event| -> Vec<String> {
        TextColumn::ALL
            .iter()
            .map(|column| event.text[*column].clone())
            .collect()
    };
    let numbers = |event: &'_ Event| -> Vec<Option<i64>> {
        NumberColumn::ALL
            .iter()
            .map(|column| event.numbers[*column])
            .collect()
    };
    (left.time.cmp(&right.time))
        .then(left.kind.code().cmp(&right.kind.code()))
        .then(left.interactive.cmp(&right.interactive))
        .then_with(|| texts(left).cmp(&texts(right)))
        .then_with(|| numbers(left).cmp(&numbers(right)))
        .then_with(|| left.properties.cmp(&right.properties))
}

/// The value of a dimension for an event of a visit, blank as the empty text. Time has none here,
/// because metrics differ in the instant that they look at.
pub(super) fn value(dimension: &Dimension, event: &Event, visit: &Visit) -> String {
    match dimension {
        Dimension::Event(column) => event.text[*column].clone(),
        Dimension::Property(name) => event.property(name).unwrap_or_default().to_owned(),
        Dimension::Visit(column) => visit.events[0].text[*column].clone(),
        Dimension::EntryPage => visit.of_page(visit.pages().next(), TextColumn::Path),
        Dimension::ExitPage => visit.of_page(visit.pages().next_back(), TextColumn::Path),
        Dimension::EntryHostname => visit.of_page(visit.pages().next(), TextColumn::Hostname),
        Dimension::ExitHostname => visit.of_page(visit.pages().next_back(), TextColumn::Hostname),
        Dimension::Time(_) => String::new(),
    }
}
