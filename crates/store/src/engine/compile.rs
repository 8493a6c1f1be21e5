//! Turns a plan into what a scan works with: positions of columns, the facts of visits that are
//! needed, and flags for what is asked. Names end here.

use std::sync::Arc;

use almanac_model::{Dimension, Metric, ProjectId, TextColumn, TimeRange, TimeUnit};
use almanac_query::{EngineError, Plan};

use super::filter::{Leaf, Node};
use crate::dictionary::{CodeColumn, Dictionaries, Dictionary};
use crate::visits::At;

/// Where the value of a dimension comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The event's own row of that column.
    Event(usize),
    /// The fact of the visit at that position of [`Query::visit_facts`].
    Visit(usize),
    /// The bucket of local time.
    Time(TimeUnit),
}

/// A column that a question reads, with the dictionary of its codes.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) column: CodeColumn,
    pub(super) dictionary: Arc<Dictionary>,
}

/// A plan in terms of columns.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) range: TimeRange,
    pub(super) columns: Vec<Column>,
    /// The facts of visits that are needed: a column, read at one of the visit's events.
    pub(super) visit_facts: Vec<(usize, At)>,
    pub(super) dimensions: Vec<Slot>,
    /// Rule 16: an event's column and the fact of its visit that must agree for a whole visit to
    /// count.
    pub(super) entered_at: Vec<(usize, usize)>,
    pub(super) leaves: Vec<Leaf>,
    pub(super) filter: Node,
    /// The unit of time, when the answer is split by time.
    pub(super) time: Option<TimeUnit>,
    /// Whether something is asked that single events count for.
    pub(super) asks_events: bool,
    /// Whether visitors are asked.
    pub(super) asks_visitors: bool,
    /// Whether of what single events count, nothing else is.
    pub(super) asks_visitors_alone: bool,
    /// Whether visits are asked.
    pub(super) asks_visits: bool,
    /// Whether facts of whole visits are asked.
    pub(super) asks_whole_visits: bool,
}

impl Query {
    pub(super) fn compile(plan: &Plan, dictionaries: &Dictionaries) -> Result<Self, EngineError> {
        let asks = |wanted: &[Metric]| plan.metrics.iter().any(|metric| wanted.contains(metric));
        let mut compiler = Compiler::new(plan.project.id, dictionaries);
        let dimensions: Vec<Slot> = plan
            .dimensions
            .iter()
            .map(|dimension| compiler.slot(dimension))
            .collect();
        let asks_whole_visits = plan
            .metrics
            .iter()
            .any(|metric| metric.is_of_whole_visits());
        let mut entered_at = Vec::new();
        for dimension in plan.dimensions.iter().filter(|_| asks_whole_visits) {
            if let Dimension::Event(column @ (TextColumn::Path | TextColumn::Hostname)) = dimension
            {
                let column = compiler.column(CodeColumn::Text(*column));
                entered_at.push((column, compiler.visit_fact(column, At::Entry)));
            }
        }
        let filter = Node::compile(&plan.filter, &mut compiler)?;
        let time = plan
            .dimensions
            .iter()
            .find_map(|dimension| match dimension {
                Dimension::Time(unit) => Some(*unit),
                _ => None,
            });
        Ok(Self {
            range: plan.range,
            columns: compiler.columns,
            visit_facts: compiler.visit_facts,
            leaves: compiler.leaves,
            dimensions,
            entered_at,
            filter,
            time,
            asks_events: asks(&[Metric::Visitors, Metric::Pageviews, Metric::Events]),
            asks_visitors: asks(&[Metric::Visitors]),
            asks_visitors_alone: asks(&[Metric::Visitors])
                && !asks(&[Metric::Pageviews, Metric::Events]),
            asks_visits: asks(&[Metric::Visits]),
            asks_whole_visits,
        })
    }

    /// The parts of the filter that look at nothing but visits, and the others. All must hold.
    pub(super) fn split_filter(&self) -> (Vec<&Node>, Vec<&Node>) {
        let parts = self.filter.conjuncts().iter();
        parts.partition(|part| part.is_of_visits(&self.leaves))
    }

    /// What the counts of a whole day depend on beside the day: the question without range, order
    /// and page, and the dictionaries that its codes belong to.
    pub(super) fn signature(&self, plan: &Plan) -> String {
        let asks = [
            self.asks_events,
            self.asks_visitors_alone,
            self.asks_visits,
            self.asks_whole_visits,
        ];
        let asked = (
            asks,
            &plan.dimensions,
            &plan.filter,
            plan.project.visit_gap_s,
        );
        let dictionaries = self.columns.iter().map(|column| column.dictionary.id);
        format!("{asked:?} {:?}", dictionaries.collect::<Vec<_>>())
    }

    /// Whether single events have to be looked at, whatever the range.
    pub(super) fn reads_events(&self) -> bool {
        let is_of_event = |slot: &Slot| matches!(slot, Slot::Event(_));
        self.dimensions.iter().any(is_of_event) || !self.split_filter().1.is_empty()
    }

    /// Whether visitors are asked and nothing beside them.
    pub(super) fn asks_visitors_only(&self) -> bool {
        self.asks_visitors_alone && !self.asks_visits && !self.asks_whole_visits
    }

    /// Whether nothing is asked or filtered by that takes more than one event at a time.
    pub(super) fn takes_events_one_by_one(&self) -> bool {
        let takes_more = self.asks_visitors || self.asks_visits || self.asks_whole_visits;
        !takes_more && self.visit_facts.is_empty()
    }

    /// Whether the column at that position is read from single events.
    pub(super) fn is_read_from_events(&self, column: usize) -> bool {
        let mut slots = self.leaves.iter().map(|leaf| &leaf.slot);
        slots.any(|slot| *slot == Slot::Event(column))
            || self.dimensions.contains(&Slot::Event(column))
            || self.entered_at.iter().any(|(own, _)| *own == column)
    }
}

/// Collects the columns and facts that a plan needs, each once.
pub(super) struct Compiler<'a> {
    project: ProjectId,
    dictionaries: &'a Dictionaries,
    columns: Vec<Column>,
    visit_facts: Vec<(usize, At)>,
    pub(super) leaves: Vec<Leaf>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(project: ProjectId, dictionaries: &'a Dictionaries) -> Self {
        Self {
            project,
            dictionaries,
            columns: Vec::new(),
            visit_facts: Vec::new(),
            leaves: Vec::new(),
        }
    }

    /// What was collected: columns, facts of visits and comparisons.
    pub(super) fn into_parts(self) -> (Vec<Column>, Vec<(usize, At)>, Vec<Leaf>) {
        (self.columns, self.visit_facts, self.leaves)
    }

    /// Where the value of a dimension will come from.
    pub(super) fn slot(&mut self, dimension: &Dimension) -> Slot {
        let (column, at) = match dimension {
            Dimension::Event(column) => return self.event(CodeColumn::Text(*column)),
            Dimension::Property(name) => return self.event(CodeColumn::Property(name.clone())),
            Dimension::Time(unit) => return Slot::Time(*unit),
            Dimension::Visit(column) => (*column, At::First),
            Dimension::EntryPage => (TextColumn::Path, At::Entry),
            Dimension::ExitPage => (TextColumn::Path, At::Exit),
            Dimension::EntryHostname => (TextColumn::Hostname, At::Entry),
            Dimension::ExitHostname => (TextColumn::Hostname, At::Exit),
        };
        let column = self.column(CodeColumn::Text(column));
        Slot::Visit(self.visit_fact(column, at))
    }

    /// The dictionary of the column that a slot reads; `None` for time.
    pub(super) fn dictionary(&self, slot: Slot) -> Option<Arc<Dictionary>> {
        let column = match slot {
            Slot::Event(column) => column,
            Slot::Visit(fact) => self.visit_facts[fact].0,
            Slot::Time(_) => return None,
        };
        Some(Arc::clone(&self.columns[column].dictionary))
    }

    fn event(&mut self, column: CodeColumn) -> Slot {
        Slot::Event(self.column(column))
    }

    fn column(&mut self, column: CodeColumn) -> usize {
        if let Some(known) = self.columns.iter().position(|known| known.column == column) {
            return known;
        }
        let dictionary = self.dictionaries.of(self.project, &column);
        self.columns.push(Column { column, dictionary });
        self.columns.len() - 1
    }

    /// The number of a fact of visits, read from that column.
    pub(super) fn visit_fact(&mut self, column: usize, at: At) -> usize {
        let fact = (column, at);
        if let Some(known) = self.visit_facts.iter().position(|known| *known == fact) {
            return known;
        }
        self.visit_facts.push(fact);
        self.visit_facts.len() - 1
    }
}
