//! What a web event is made of: which columns describe the page and which describe the visit.
//! Parsing addresses belongs to ingestion.

use crate::TextColumn;

/// Name that a page view always carries.
pub const PAGEVIEW: &str = "pageview";
/// Name that an engagement event always carries.
pub const ENGAGEMENT: &str = "engagement";

/// Columns that describe the page itself, event by event.
pub const PAGE_COLUMNS: &[TextColumn] =
    &[TextColumn::Hostname, TextColumn::Path, TextColumn::Title];
