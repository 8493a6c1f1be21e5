//! Random questions about what visitors did one after another.

use almanac_model::time::SECOND_US;
use almanac_model::{Dimension, Filter, TextColumn, TimeUnit};
use almanac_query::{AttributionPlan, FunnelPlan, JourneyPlan, RetentionPlan};
use regex::Regex;

use super::plans::{dimension, filter, range};
use super::{Random, Scene, values_of};

/// Spans of time that matter to funnels and to credit, microseconds.
const SPANS_US: [i64; 4] = [
    SECOND_US,
    90 * SECOND_US,
    3_600 * SECOND_US,
    86_400 * SECOND_US,
];

/// A filter that lets something pass more often than a random one.
fn wide_filter(random: &mut Random) -> Filter {
    match random.below(3) {
        0 => Filter::everything(),
        1 => Filter::Or(vec![filter(random, 1), filter(random, 1)]),
        _ => filter(random, 2),
    }
}

/// A random funnel.
pub fn funnel(random: &mut Random, scene: &Scene) -> FunnelPlan {
    let steps = 2 + random.below(3);
    FunnelPlan {
        project: scene.project.clone(),
        range: range(random, scene),
        filter: wide_filter(random),
        steps: (0..steps).map(|_| wide_filter(random)).collect(),
        is_strict: random.one_in(3),
        window_us: random.one_in(2).then(|| *random.pick(&SPANS_US)),
        breakdown: random.one_in(2).then(|| dimension(random)),
    }
}

/// A random question for retention.
pub fn retention(random: &mut Random, scene: &Scene) -> RetentionPlan {
    RetentionPlan {
        project: scene.project.clone(),
        range: range(random, scene),
        unit: *random.pick(&[TimeUnit::Day, TimeUnit::Week, TimeUnit::Month]),
        start: wide_filter(random),
        back: wide_filter(random),
    }
}

/// A random question for journeys.
pub fn journey(random: &mut Random, scene: &Scene) -> JourneyPlan {
    let by = *random.pick(&[TextColumn::Path, TextColumn::Name]);
    let anchor = (*random.pick(values_of(by))).to_owned();
    // Both expressions are written here and known to compile.
    let blog = Regex::new("^/blog")
        .into_iter()
        .map(|blog| (blog, "Blog".to_owned()));
    JourneyPlan {
        project: scene.project.clone(),
        range: range(random, scene),
        filter: wide_filter(random),
        by: Dimension::Event(by),
        groups: blog.filter(|_| random.one_in(3)).collect(),
        anchor: random.one_in(2).then_some(anchor),
        is_backward: random.one_in(2),
        depth: 1 + random.below(4),
        names_max: 1 + random.below(4),
    }
}

/// A random question for attribution.
pub fn attribution(random: &mut Random, scene: &Scene) -> AttributionPlan {
    let columns = [
        TextColumn::Source,
        TextColumn::UtmCampaign,
        TextColumn::Country,
    ];
    AttributionPlan {
        project: scene.project.clone(),
        range: range(random, scene),
        conversion: wide_filter(random),
        by: match random.below(4) {
            0 => Dimension::EntryPage,
            _ => Dimension::Visit(*random.pick(&columns)),
        },
        lookback_us: *random.pick(&SPANS_US),
        half_life_us: *random.pick(&SPANS_US),
    }
}
