//! What was read of each page view of a segment: how long it was looked at, and how deep it was
//! scrolled (rules 29 to 31 of `docs/semantics.md`). Derived from the events of the day alone.

use std::collections::HashMap;
use std::sync::Arc;

use almanac_model::{Kind, NumberColumn, TextColumn, limits};
use foldhash::fast::RandomState;

use super::Segment;
use crate::StoreError;
use crate::cache::{Key, Part};
use crate::dictionary::CodeColumn;
use crate::run::INTERACTIVE;

/// What is not known of a page view.
const UNKNOWN: i64 = i64::MIN;
/// The deepest scroll position, percent.
const DEPTH_MAX: i64 = 100;

/// What was read of each page view, row by row; unknown for other events.
#[derive(Debug, Default)]
pub(crate) struct PageViews {
    looked_us: Vec<i64>,
    depths: Vec<i8>,
}

impl PageViews {
    /// Microseconds that the page view in a row was looked at.
    #[inline]
    pub(crate) fn looked_us(&self, row: usize) -> Option<i64> {
        Some(self.looked_us[row]).filter(|looked_us| *looked_us != UNKNOWN)
    }

    /// How deep it was scrolled, percent.
    #[inline]
    pub(crate) fn depth(&self, row: usize) -> Option<i64> {
        Some(i64::from(self.depths[row])).filter(|depth| *depth >= 0)
    }

    fn bytes(&self) -> usize {
        9 * self.looked_us.len()
    }
}

impl Segment<'_> {
    /// What was read of each page view, given the longest gap inside a visit in seconds.
    pub(crate) fn page_views(&self, gap_s: i64) -> Result<Arc<PageViews>, StoreError> {
        let key = Key {
            of: self.number(),
            part: Part::PageViews(gap_s),
        };
        let make = || self.derive_page_views(gap_s);
        self.store.cache.get_or_make(key, PageViews::bytes, make)
    }

    fn derive_page_views(&self, gap_s: i64) -> Result<PageViews, StoreError> {
        let codes = |column: TextColumn| {
            let column = CodeColumn::Text(column);
            let dictionary = self.store.dictionaries.of(self.project, &column);
            self.codes(&column, &dictionary)
        };
        let (hosts, paths) = (codes(TextColumn::Hostname)?, codes(TextColumn::Path)?);
        let engaged_ms = self.numbers(NumberColumn::EngagedMs)?;
        let depths = self.numbers(NumberColumn::ScrollDepth)?;
        let (kinds, times, pieces) = (self.kinds()?, self.times()?, self.pieces(gap_s)?);
        let mut found = PageViews {
            looked_us: vec![UNKNOWN; kinds.len()],
            depths: vec![-1; kinds.len()],
        };
        // Engaged time goes before the time to the next page, so it is summed up apart.
        let mut engaged_us: HashMap<usize, i64, RandomState> = HashMap::default();
        let mut shown: HashMap<(u32, u32), usize, RandomState> = HashMap::default();
        for piece in 0..pieces.len() {
            shown.clear();
            let mut last_view = None;
            for row in pieces.rows(piece) {
                let kind = kinds[row] & !INTERACTIVE;
                let page = (hosts.get(row), paths.get(row));
                if kind == Kind::Pageview.code() {
                    if let Some(before) = last_view.replace(row) {
                        found.looked_us[before] = times[row] - times[before];
                    }
                    shown.insert(page, row);
                } else if kind == Kind::Engagement.code()
                    && let Some(view) = shown.get(&page)
                {
                    if let Some(ms) = engaged_ms.get(row) {
                        let sum = engaged_us.entry(*view).or_default();
                        *sum += ms.clamp(0, limits::ENGAGED_MS_MAX) * 1_000;
                    }
                    if let Some(depth) = depths.get(row) {
                        let depth = depth.clamp(0, DEPTH_MAX) as i8;
                        found.depths[*view] = found.depths[*view].max(depth);
                    }
                }
            }
        }
        for (view, sum) in engaged_us {
            found.looked_us[view] = sum;
        }
        Ok(found)
    }
}
