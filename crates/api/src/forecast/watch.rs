//! The watch: looks at the newest hours of every project from time to time and keeps what is
//! strange in them, so that it is known before somebody asks. It tells nobody; whoever sends
//! messages reads what was kept.

use std::sync::Arc;

use almanac_catalog::anomaly::{self, Noticed};
use almanac_model::Metric;
use serde_json::json;

use super::anomalies::shape;
use super::series::Series;
use super::steps::{self, Interval};
use crate::app::App;
use crate::directory::Entry;
use crate::error::ApiError;

/// What is watched of every project.
const METRICS: [Metric; 4] = [
    Metric::Visitors,
    Metric::Pageviews,
    Metric::Events,
    Metric::Errors,
];
/// An anomaly that ended longer ago than this is history and no news, microseconds.
const NEWS_US: i64 = 2 * 86_400 * 1_000_000;

/// Looks at every project once. One that cannot be watched is logged and does not keep the others
/// from it.
pub async fn watch(app: &Arc<App>) {
    // Before everything from the last run can be seen, hours look empty that are not.
    if app.ready.clone().wait_for(|ready| *ready).await.is_err() {
        return;
    }
    let directory = app.directory();
    for entry in directory.entries() {
        for metric in METRICS {
            if let Err(error) = watch_one(app, entry, metric).await {
                let (project, error) = (entry.project.id.0, error.text());
                let metric = metric.name();
                tracing::error!(project, metric, error, "a metric was not watched");
            }
        }
    }
}

async fn watch_one(app: &Arc<App>, entry: &Arc<Entry>, metric: Metric) -> Result<(), ApiError> {
    let series = Series {
        metric,
        filters: json!([]),
    };
    let steps = steps::history(app, entry, &series, Interval::Hour).await?;
    let now = app.now();
    for own in &steps.anomalies() {
        if steps.end_of(own).0 < now.0 - NEWS_US {
            continue;
        }
        let noticed = Noticed {
            metric: metric.name().to_owned(),
            started_at: steps.start_of(own),
            noticed_at: now,
            details: shape(own, &steps).to_string(),
        };
        if anomaly::keep(&app.catalog, entry.project.id, &noticed).await? {
            let (project, metric, kind) = (entry.project.id.0, metric.name(), own.kind.name());
            tracing::info!(project, metric, kind, "an anomaly was noticed");
            metrics::counter!("almanac_anomalies_total", "kind" => kind).increment(1);
        }
    }
    Ok(())
}
