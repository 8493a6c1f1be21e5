//! What is counted: one entry per group, where a group is a combination of codes. Visitors and
//! visits come one after another, so counting each once takes a stamp and no set.

use super::compile::Query;
use crate::options::DENSE_CODES_MAX;
use crate::visits::{Chain, Chains, Facts};

/// The counts of one group, as an answer needs them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visitors: u64,
    pub(crate) pageviews: u64,
    pub(crate) events: u64,
    pub(crate) visits: u64,
    pub(crate) whole_visits: u64,
    pub(crate) bounces: u64,
    /// Seconds that the whole visits lasted together.
    pub(crate) duration_s: i64,
    /// Page views of the whole visits.
    pub(crate) views: u64,
}

/// What single events count in one group, and who was counted there last. Groups are many and met
/// in any order, so what is counted together lies together, and nothing else.
#[derive(Debug, Clone, Default)]
struct EventCounts {
    visitors: u64,
    pageviews: u64,
    events: u64,
    last_visitor: Stamp,
}

/// What single events count where visitors alone are asked for: half of the memory, so that the
/// groups of a common question stay near the processor.
#[derive(Debug, Clone, Default)]
struct Seen {
    visitors: u64,
    last_visitor: Stamp,
}

/// What visits count in one group.
#[derive(Debug, Clone, Default)]
struct VisitCounts {
    visits: u64,
    last_visit: Stamp,
}

/// What the facts of whole visits count in one group.
#[derive(Debug, Clone, Default)]
struct WholeCounts {
    counts: Counts,
    last_visit: Stamp,
}

/// Something that is counted once, numbered from 1 in the order of a scan.
pub(super) type Stamp = u32;

/// The counts of all groups found so far, by one thread.
#[derive(Debug)]
pub(super) struct Tally {
    width: usize,
    /// The codes of each group, `width` per group.
    keys: Vec<u32>,
    /// The counts of each group, as far as they are asked for; otherwise empty.
    events: Vec<EventCounts>,
    seen: Vec<Seen>,
    visits: Vec<VisitCounts>,
    whole_visits: Vec<WholeCounts>,
    asks: Asks,
    groups: usize,
    /// Group plus one of a code, for groups of one code.
    dense: Vec<u32>,
    /// Group plus one by the hash of its codes; open addressing, at most half full.
    sparse: Vec<u32>,
    sparse_used: usize,
    /// Chains and the groups they count in, possibly several times.
    chain_visits: Vec<(u32, u32)>,
    chain_whole_visits: Vec<(u32, u32)>,
}

/// Which counts are asked for.
#[derive(Debug, Clone, Copy)]
struct Asks {
    /// Visitors, and page views or events beside them.
    events: bool,
    /// Visitors alone.
    seen: bool,
    visits: bool,
    whole_visits: bool,
}

/// The groups of an answer and their counts.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) keys: Vec<u32>,
    pub(super) counts: Vec<Counts>,
}

/// Slots of the first hash table.
const SPARSE_SLOTS_MIN: usize = 64;

impl Tally {
    /// An empty tally; a question without dimensions has its one group from the start.
    pub(super) fn new(query: &Query) -> Self {
        let asks = Asks {
            events: query.asks_events && !query.asks_visitors_alone,
            seen: query.asks_visitors_alone,
            visits: query.asks_visits,
            whole_visits: query.asks_whole_visits,
        };
        Self::of(query, asks)
    }

    /// An empty tally of visitors, whatever else is asked.
    pub(super) fn of_visitors(query: &Query) -> Self {
        let asks = Asks {
            events: false,
            seen: true,
            visits: false,
            whole_visits: false,
        };
        Self::of(query, asks)
    }

    fn of(query: &Query, asks: Asks) -> Self {
        let mut tally = Self {
            width: query.dimensions.len(),
            keys: Vec::new(),
            events: Vec::new(),
            seen: Vec::new(),
            visits: Vec::new(),
            whole_visits: Vec::new(),
            asks,
            groups: 0,
            dense: Vec::new(),
            sparse: Vec::new(),
            sparse_used: 0,
            chain_visits: Vec::new(),
            chain_whole_visits: Vec::new(),
        };
        if tally.width == 0 {
            tally.add_group(&[]);
        }
        tally
    }

    /// About how many bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        let codes = self.keys.capacity() + self.dense.capacity() + self.sparse.capacity();
        let chains = self.chain_visits.capacity() + self.chain_whole_visits.capacity();
        let counts = size_of::<EventCounts>() * self.events.capacity()
            + size_of::<Seen>() * self.seen.capacity()
            + size_of::<VisitCounts>() * self.visits.capacity()
            + size_of::<WholeCounts>() * self.whole_visits.capacity();
        4 * codes + counts + 8 * chains
    }

    /// The number of the group with these codes.
    pub(super) fn group(&mut self, key: &[u32]) -> usize {
        match *key {
            [] => 0,
            [code] => self.group_of_code(code),
            _ => self.group_of_key(key),
        }
    }

    /// The number of the group with this one code.
    #[inline]
    pub(super) fn group_of_code(&mut self, code: u32) -> usize {
        match self.dense.get(code as usize) {
            Some(group) if *group > 0 => *group as usize - 1,
            _ => self.first_of_code(code),
        }
    }

    #[cold]
    fn first_of_code(&mut self, code: u32) -> usize {
        let at = code as usize;
        if at >= DENSE_CODES_MAX {
            return self.group_of_key(&[code]);
        }
        if at >= self.dense.len() {
            self.dense.resize(at + 1, 0);
        }
        let group = self.add_group(&[code]);
        self.dense[at] = group as u32 + 1;
        group
    }

    fn group_of_key(&mut self, key: &[u32]) -> usize {
        if 2 * (self.sparse_used + 1) > self.sparse.len() {
            self.grow();
        }
        let slot = self.slot(key);
        if self.sparse[slot] == 0 {
            self.sparse[slot] = self.add_group(key) as u32 + 1;
            self.sparse_used += 1;
        }
        self.sparse[slot] as usize - 1
    }

    /// Where a key is in the hash table, or where it belongs.
    fn slot(&self, key: &[u32]) -> usize {
        let mask = self.sparse.len() - 1;
        let mut slot = hash(key) as usize & mask;
        loop {
            match self.sparse[slot] as usize {
                0 => return slot,
                group if self.key(group - 1) == key => return slot,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        let slots = (2 * self.sparse.len()).max(SPARSE_SLOTS_MIN);
        let old = std::mem::replace(&mut self.sparse, vec![0; slots]);
        for group in old.into_iter().filter(|group| *group > 0) {
            let slot = self.slot(self.key(group as usize - 1));
            self.sparse[slot] = group;
        }
    }

    fn key(&self, group: usize) -> &[u32] {
        &self.keys[group * self.width..(group + 1) * self.width]
    }

    fn add_group(&mut self, key: &[u32]) -> usize {
        self.keys.extend_from_slice(key);
        self.groups += 1;
        let grow = |is_asked: bool| if is_asked { self.groups } else { 0 };
        self.events
            .resize_with(grow(self.asks.events), EventCounts::default);
        self.seen.resize_with(grow(self.asks.seen), Seen::default);
        self.visits
            .resize_with(grow(self.asks.visits), VisitCounts::default);
        self.whole_visits
            .resize_with(grow(self.asks.whole_visits), WholeCounts::default);
        self.groups - 1
    }

    /// Counts matching events inside the range, given how many and how many page views among them.
    #[inline]
    pub(super) fn count_events(&mut self, group: usize, events: u64, views: u64, visitor: Stamp) {
        if let Some(seen) = self.seen.get_mut(group) {
            seen.visitors += u64::from(seen.last_visitor != visitor);
            seen.last_visitor = visitor;
            return;
        }
        let counts = &mut self.events[group];
        counts.events += events;
        counts.pageviews += views;
        counts.visitors += u64::from(counts.last_visitor != visitor);
        counts.last_visitor = visitor;
    }

    /// Counts a visit once. A visit of several pieces is settled at the end.
    #[inline]
    pub(super) fn count_visit(&mut self, group: usize, visit: Stamp, chain: Option<u32>) {
        let counts = &mut self.visits[group];
        if counts.last_visit != visit {
            counts.last_visit = visit;
            match chain {
                Some(chain) => self.chain_visits.push((chain, group as u32)),
                None => counts.visits += 1,
            }
        }
    }

    /// Counts the facts of a whole visit once.
    #[inline]
    pub(super) fn count_whole_visit(
        &mut self,
        group: usize,
        visit: Stamp,
        chain: Option<u32>,
        facts: &Facts,
    ) {
        let whole = &mut self.whole_visits[group];
        if whole.last_visit != visit {
            whole.last_visit = visit;
            match chain {
                Some(chain) => self.chain_whole_visits.push((chain, group as u32)),
                None => whole.counts.add_whole_visit(facts),
            }
        }
    }

    /// Adds the counts of a group that were made elsewhere.
    #[inline]
    pub(super) fn add(&mut self, group: usize, counts: &Counts) {
        if let Some(events) = self.events.get_mut(group) {
            events.visitors += counts.visitors;
            events.pageviews += counts.pageviews;
            events.events += counts.events;
        }
        if let Some(seen) = self.seen.get_mut(group) {
            seen.visitors += counts.visitors;
        }
        if let Some(visits) = self.visits.get_mut(group) {
            visits.visits += counts.visits;
        }
        if let Some(whole) = self.whole_visits.get_mut(group) {
            whole.counts.add_whole_visits(counts);
        }
    }

    /// All counts of a group; those that were not asked for are 0.
    fn counts(&self, group: usize) -> Counts {
        let whole = self.whole_visits.get(group).map(|whole| whole.counts);
        let mut counts = whole.unwrap_or_default();
        if let Some(events) = self.events.get(group) {
            counts.visitors = events.visitors;
            counts.pageviews = events.pageviews;
            counts.events = events.events;
        }
        if let Some(seen) = self.seen.get(group) {
            counts.visitors = seen.visitors;
        }
        counts.visits = self.visits.get(group).map_or(0, |visits| visits.visits);
        counts
    }

    /// Adds what another thread counted.
    pub(super) fn absorb(&mut self, other: Self) {
        let mut groups = Vec::with_capacity(other.groups);
        for at in 0..other.groups {
            let group = self.group(other.key(at));
            groups.push(group as u32);
            self.add(group, &other.counts(at));
        }
        let moved = |(chain, group): (u32, u32)| (chain, groups[group as usize]);
        self.chain_visits
            .extend(other.chain_visits.into_iter().map(moved));
        self.chain_whole_visits
            .extend(other.chain_whole_visits.into_iter().map(moved));
    }

    /// What several threads counted together; `None` without any.
    pub(super) fn sum(tallies: impl Iterator<Item = Self>) -> Option<Self> {
        tallies.reduce(|mut one, other| {
            one.absorb(other);
            one
        })
    }

    /// Takes the visitors of another tally in place of its own.
    pub(super) fn take_visitors(&mut self, other: &Self) {
        for counts in &mut self.events {
            counts.visitors = 0;
        }
        for seen in &mut self.seen {
            seen.visitors = 0;
        }
        for at in 0..other.groups {
            let group = self.group(other.key(at));
            let visitors = other.counts(at).visitors;
            if let Some(counts) = self.events.get_mut(group) {
                counts.visitors = visitors;
            }
            if let Some(seen) = self.seen.get_mut(group) {
                seen.visitors = visitors;
            }
        }
    }

    /// Settles what was counted in several segments.
    pub(super) fn finish(mut self, chains: &Chains) -> Groups {
        for (_, group) in distinct(std::mem::take(&mut self.chain_visits)) {
            self.visits[group as usize].visits += 1;
        }
        for (chain, group) in distinct(std::mem::take(&mut self.chain_whole_visits)) {
            let Chain { facts, .. } = &chains.all[chain as usize];
            self.whole_visits[group as usize]
                .counts
                .add_whole_visit(facts);
        }
        self.into_groups()
    }

    /// What was counted, where no visit has several pieces.
    pub(super) fn into_groups(self) -> Groups {
        let counts = (0..self.groups).map(|group| self.counts(group)).collect();
        Groups {
            keys: self.keys,
            counts,
        }
    }
}

impl Counts {
    /// Counts one whole visit.
    pub(crate) fn add_whole_visit(&mut self, facts: &Facts) {
        self.whole_visits += 1;
        self.bounces += u64::from(facts.is_bounce());
        self.duration_s += facts.duration_s();
        self.views += facts.pageviews;
    }

    /// Adds what was counted of whole visits elsewhere.
    pub(crate) fn add_whole_visits(&mut self, other: &Self) {
        self.whole_visits += other.whole_visits;
        self.bounces += other.bounces;
        self.duration_s += other.duration_s;
        self.views += other.views;
    }
}

/// A hash of codes: multiply and fold, which spreads small numbers well enough for a table that is
/// half empty. Nobody outside chooses codes, so it need not resist anybody.
fn hash(key: &[u32]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    key.iter().fold(ODD, |hash, code| {
        let mixed = (hash ^ u64::from(*code)).wrapping_mul(ODD);
        mixed ^ (mixed >> 32)
    })
}

fn distinct<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
