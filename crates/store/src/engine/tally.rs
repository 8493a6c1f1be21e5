//! What is counted: one entry per group, where a group is a combination of codes. Within a segment
//! visitors and visits come one after another, so counting each once takes a stamp and no set.

use std::collections::HashMap;

use super::compile::Query;
use crate::options::DENSE_CODES_MAX;
use crate::visits::{Chain, Chains, Facts};

/// The counts of one group.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts {
    pub(super) visitors: u64,
    pub(super) pageviews: u64,
    pub(super) events: u64,
    pub(super) visits: u64,
    pub(super) whole_visits: u64,
    pub(super) bounces: u64,
    /// Seconds that the whole visits lasted together.
    pub(super) duration_s: i64,
    /// Page views of the whole visits.
    pub(super) views: u64,
    last_visitor: Stamp,
    last_visit: Stamp,
    last_whole_visit: Stamp,
}

/// Something of a segment that is counted once: its position plus one; 0 is nothing.
type Stamp = u32;

/// The counts of all groups found so far.
#[derive(Debug)]
pub(super) struct Tally {
    width: usize,
    /// The codes of each group, `width` per group.
    keys: Vec<u32>,
    counts: Vec<Counts>,
    /// Group plus one of a code, for groups of one code.
    dense: Vec<u32>,
    sparse: HashMap<Box<[u32]>, u32>,
    /// The visitors of each group, when they are told apart over days.
    visitors: Option<Vec<Vec<u64>>>,
    /// Chains and the groups they count in, possibly several times.
    chain_visits: Vec<(u32, u32)>,
    chain_whole_visits: Vec<(u32, u32)>,
}

/// The groups of an answer and their counts.
#[derive(Debug)]
pub(super) struct Groups {
    pub(super) width: usize,
    pub(super) keys: Vec<u32>,
    pub(super) counts: Vec<Counts>,
}

impl Tally {
    /// An empty tally; a question without dimensions has its one group from the start.
    pub(super) fn new(query: &Query, tells_visitors_over_days: bool) -> Self {
        let mut tally = Self {
            width: query.dimensions.len(),
            keys: Vec::new(),
            counts: Vec::new(),
            dense: Vec::new(),
            sparse: HashMap::new(),
            visitors: (tells_visitors_over_days && query.asks_visitors).then(Vec::new),
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
        let visitors = self
            .visitors
            .iter()
            .flatten()
            .map(|all| 24 + 8 * all.len())
            .sum::<usize>();
        self.keys.len() * 4
            + self.counts.len() * size_of::<Counts>()
            + self.dense.len() * 4
            + self.sparse.len() * (32 + 4 * self.width)
            + visitors
            + 8 * (self.chain_visits.len() + self.chain_whole_visits.len())
    }

    /// The number of the group with these codes.
    pub(super) fn group(&mut self, key: &[u32]) -> usize {
        match *key {
            [] => 0,
            [code] if (code as usize) < DENSE_CODES_MAX => {
                let code = code as usize;
                if code >= self.dense.len() {
                    self.dense.resize(code + 1, 0);
                }
                if self.dense[code] == 0 {
                    self.dense[code] = self.add_group(key) as u32 + 1;
                }
                self.dense[code] as usize - 1
            }
            _ => match self.sparse.get(key) {
                Some(group) => *group as usize,
                None => {
                    let group = self.add_group(key);
                    self.sparse.insert(key.into(), group as u32);
                    group
                }
            },
        }
    }

    fn add_group(&mut self, key: &[u32]) -> usize {
        self.keys.extend_from_slice(key);
        self.counts.push(Counts::default());
        if let Some(visitors) = &mut self.visitors {
            visitors.push(Vec::new());
        }
        self.counts.len() - 1
    }

    /// Counts matching events inside the range, given how many and how many page views among them.
    /// `stamp` is the visitor's in the segment.
    pub(super) fn count_events(
        &mut self,
        group: usize,
        (events, pageviews): (u64, u64),
        stamp: Stamp,
        visitor: u64,
    ) {
        let counts = &mut self.counts[group];
        counts.events += events;
        counts.pageviews += pageviews;
        if counts.last_visitor != stamp {
            counts.last_visitor = stamp;
            counts.visitors += 1;
            if let Some(visitors) = &mut self.visitors {
                visitors[group].push(visitor);
            }
        }
    }

    /// Counts a visit once. `stamp` is its piece's in the segment; a visit of several pieces is
    /// settled at the end.
    pub(super) fn count_visit(&mut self, group: usize, stamp: Stamp, chain: Option<u32>) {
        let counts = &mut self.counts[group];
        if counts.last_visit != stamp {
            counts.last_visit = stamp;
            match chain {
                Some(chain) => self.chain_visits.push((chain, group as u32)),
                None => counts.visits += 1,
            }
        }
    }

    /// Counts the facts of a whole visit once.
    pub(super) fn count_whole_visit(
        &mut self,
        group: usize,
        stamp: Stamp,
        chain: Option<u32>,
        facts: &Facts,
    ) {
        let counts = &mut self.counts[group];
        if counts.last_whole_visit != stamp {
            counts.last_whole_visit = stamp;
            match chain {
                Some(chain) => self.chain_whole_visits.push((chain, group as u32)),
                None => counts.add_whole_visit(facts),
            }
        }
    }

    /// Adds what was counted in another segment.
    pub(super) fn absorb(&mut self, other: Self) {
        let mut groups = Vec::with_capacity(other.counts.len());
        let mut other_visitors = other.visitors.unwrap_or_default().into_iter();
        for (at, counts) in other.counts.iter().enumerate() {
            let group = self.group(&other.keys[at * other.width..(at + 1) * other.width]);
            groups.push(group as u32);
            self.counts[group].add(counts);
            if let (Some(visitors), Some(added)) = (&mut self.visitors, other_visitors.next()) {
                visitors[group].extend(added);
            }
        }
        let moved = |(chain, group): (u32, u32)| (chain, groups[group as usize]);
        self.chain_visits
            .extend(other.chain_visits.into_iter().map(moved));
        self.chain_whole_visits
            .extend(other.chain_whole_visits.into_iter().map(moved));
    }

    /// Settles what was counted in several segments.
    pub(super) fn finish(mut self, chains: &Chains) -> Groups {
        for (_, group) in distinct(self.chain_visits) {
            self.counts[group as usize].visits += 1;
        }
        for (chain, group) in distinct(self.chain_whole_visits) {
            let Chain { facts, .. } = &chains.all[chain as usize];
            self.counts[group as usize].add_whole_visit(facts);
        }
        for (counts, visitors) in self
            .counts
            .iter_mut()
            .zip(self.visitors.into_iter().flatten())
        {
            counts.visitors = distinct(visitors).len() as u64;
        }
        Groups {
            width: self.width,
            keys: self.keys,
            counts: self.counts,
        }
    }
}

impl Counts {
    fn add_whole_visit(&mut self, facts: &Facts) {
        self.whole_visits += 1;
        self.bounces += u64::from(facts.is_bounce());
        self.duration_s += facts.duration_s();
        self.views += facts.pageviews;
    }

    /// Adds the counts of another segment. Stamps stay behind: they mean nothing there.
    fn add(&mut self, other: &Self) {
        self.visitors += other.visitors;
        self.pageviews += other.pageviews;
        self.events += other.events;
        self.visits += other.visits;
        self.whole_visits += other.whole_visits;
        self.bounces += other.bounces;
        self.duration_s += other.duration_s;
        self.views += other.views;
    }
}

fn distinct<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}
