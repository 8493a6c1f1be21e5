//! What is happening in a project right now, asked of the engine like any other question, and the
//! signal that something new can be seen.

use almanac_model::time::SECOND_US;
use almanac_model::{
    Dimension, Filter, Instant, Metric, ProjectSettings, TextColumn, TimeRange, TimeUnit,
};
use almanac_query::{Cancel, Engine, EngineError, Order, OrderBy, Plan, ResultSet, Table};
use jiff::tz::TimeZone;
use serde::Serialize;

/// Minutes that the live series shows.
const MINUTES: i64 = 30;
/// A visitor is live for this long after the last event, minutes.
const LIVE_MINUTES: i64 = 5;
/// Rows of each live list.
const ROWS_MAX: usize = 10;
const MINUTE_US: i64 = 60 * SECOND_US;

/// The present of one project.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(example = json!({
    "visitors": 3, "events_last_minute": 7, "minutes": [0, 1, 3],
    "pages": [{"page": "/", "visitors": 2}], "sources": [{"source": "Google", "visitors": 1}],
    "first_event_at": "2026-11-21T08:00:00Z", "last_event_at": "2026-11-21T09:00:00Z"
}))]
pub(crate) struct Live {
    /// Distinct visitors with a counted event in the last five minutes.
    pub(crate) visitors: u64,
    /// Counted events in the last minute.
    pub(crate) events_last_minute: u64,
    /// Visitors in each of the last 30 minutes, oldest first.
    pub(crate) minutes: Vec<u64>,
    pub(crate) pages: Vec<LivePage>,
    pub(crate) sources: Vec<LiveSource>,
    #[schema(required)]
    pub(crate) first_event_at: Option<String>,
    #[schema(required)]
    pub(crate) last_event_at: Option<String>,
}

/// A page that is being read.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct LivePage {
    page: String,
    visitors: u64,
}

/// A source that sends visitors now.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct LiveSource {
    source: String,
    visitors: u64,
}

/// Asks for the present.
pub(crate) fn look(
    engine: &dyn Engine,
    project: &ProjectSettings,
    now: Instant,
) -> Result<Live, EngineError> {
    let end = now.plus_us(1);
    let lately = TimeRange {
        start: now.plus_us(-LIVE_MINUTES * MINUTE_US),
        end,
    };
    let first_minute = now.0.div_euclid(MINUTE_US) - (MINUTES - 1);
    let shown = TimeRange {
        start: Instant(first_minute * MINUTE_US),
        end,
    };
    let ask = |range, metric, dimension: Option<Dimension>| {
        engine.run(&plan(project, range, metric, dimension), &Cancel::default())
    };
    let last_minute = TimeRange {
        start: now.plus_us(-MINUTE_US),
        end,
    };
    let pages = ask(
        lately,
        Metric::Visitors,
        Some(Dimension::Event(TextColumn::Path)),
    )?;
    let sources = ask(
        lately,
        Metric::Visitors,
        Some(Dimension::Visit(TextColumn::Source)),
    )?;
    let minutes = ask(
        shown,
        Metric::Visitors,
        Some(Dimension::Time(TimeUnit::Minute)),
    )?;
    Ok(Live {
        visitors: total(&ask(lately, Metric::Visitors, None)?),
        events_last_minute: total(&ask(last_minute, Metric::Events, None)?),
        minutes: by_minute(&minutes, first_minute, &project.zone),
        pages: pages
            .rows
            .iter()
            .map(|row| LivePage {
                page: label(row),
                visitors: count(row),
            })
            .collect(),
        sources: sources
            .rows
            .iter()
            .map(|row| LiveSource {
                source: source_label(row),
                visitors: count(row),
            })
            .collect(),
        first_event_at: None,
        last_event_at: None,
    })
}

fn plan(
    project: &ProjectSettings,
    range: TimeRange,
    metric: Metric,
    dimension: Option<Dimension>,
) -> Plan {
    let by_time = matches!(dimension, Some(Dimension::Time(_)));
    let by = if by_time {
        OrderBy::Dimension(0)
    } else {
        OrderBy::Metric(0)
    };
    Plan {
        project: project.clone(),
        range,
        filter: Filter::everything(),
        metrics: vec![metric],
        dimensions: dimension.into_iter().collect(),
        order: vec![Order {
            by,
            descending: !by_time,
        }],
        limit: if by_time {
            MINUTES as usize + 1
        } else {
            ROWS_MAX
        },
        offset: 0,
        table: Table::Events,
    }
}

fn by_minute(minutes: &ResultSet, first_minute: i64, zone: &TimeZone) -> Vec<u64> {
    let label = |minute: i64| {
        let local = zone.to_datetime(Instant(minute * MINUTE_US).timestamp());
        local.strftime("%Y-%m-%d %H:%M:00").to_string()
    };
    (first_minute..first_minute + MINUTES)
        .map(|minute| {
            let wanted = label(minute);
            let row = minutes
                .rows
                .iter()
                .find(|row| row.dimensions.first() == Some(&wanted));
            row.map_or(0, count)
        })
        .collect()
}

fn total(answer: &ResultSet) -> u64 {
    answer.rows.first().map_or(0, count)
}

fn count(row: &almanac_query::Row) -> u64 {
    row.metrics
        .first()
        .copied()
        .flatten()
        .unwrap_or_default()
        .round() as u64
}

fn label(row: &almanac_query::Row) -> String {
    row.dimensions.first().cloned().unwrap_or_default()
}

fn source_label(row: &almanac_query::Row) -> String {
    let source = label(row);
    if source.is_empty() {
        "Direct / None".to_owned()
    } else {
        source
    }
}
