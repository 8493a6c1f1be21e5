//! Loads a synthetic year's worth of days into a store and times the most common questions, cold
//! and warm: `cargo run --release -p almanac-store --example scan [EVENTS] [DAYS] [FOLDER]`. A
//! folder is kept, and filled only once.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::path::PathBuf;
use std::time::Instant as Stopwatch;

use almanac_model::time::SECOND_US;
use almanac_model::{
    Dimension, Event, EventId, Filter, Identity, Instant, Kind, Match, MatchOp, Metric,
    NumberColumn, ProjectId, ProjectSettings, TextColumn, TimeRange, TimeUnit, VisitorId,
};
use almanac_query::{Cancel, Engine, Order, OrderBy, Plan, Table};
use almanac_store::{Store, StoreOptions};
use jiff::tz::TimeZone;

type Failure = Box<dyn std::error::Error>;

const PROJECT: ProjectId = ProjectId(1);
const DAY_US: i64 = 86_400 * SECOND_US;
/// 2025-01-01T00:00:00Z.
const BEGIN: Instant = Instant(1_735_689_600 * SECOND_US);
const PATHS: usize = 20_000;
const EVENTS_PER_VISIT: f64 = 3.3;
const WARM_RUNS: usize = 11;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: usize| arguments.next().map_or(Ok(default), |text| text.parse());
    let (events, days) = (number(5_000_000)?, number(60)?);
    let folder = arguments.next();
    let temporary = tempfile::tempdir()?;
    let dir = folder.map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let store = Store::open(&dir, StoreOptions::default())?;
    let mut project = ProjectSettings::new(PROJECT, Vec::new(), TimeZone::UTC);
    store.put_project(project.clone())?;
    if store.usage(PROJECT).rows == 0 {
        load(&store, events, days)?;
    }
    drop(store);

    let begun = Stopwatch::now();
    drop(Store::open(&dir, StoreOptions::default())?);
    println!("open: {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    for keeps_answers in [false, true] {
        let options = StoreOptions {
            keeps_answers,
            ..StoreOptions::default()
        };
        let store = Store::open(&dir, options)?;
        let how = if keeps_answers { "totals" } else { "scan" };
        for identity in [Identity::Cookieless, Identity::Stable] {
            project.identity = identity;
            for (name, metrics, dimensions, filter) in questions() {
                let plan = plan(&project, days, metrics, dimensions, filter);
                ask(&store, &format!("{how} {identity:?} {name}"), plan)?;
            }
        }
    }
    Ok(())
}

fn load(store: &Store, events: usize, days: usize) -> Result<(), Failure> {
    let mut random = Random(1);
    let names = Names::new();
    let (mut made, mut seconds) = (0, 0.0);
    for day in 0..days {
        let batch = make_day(&mut random, &names, day, events / days);
        made += batch.len();
        let begun = Stopwatch::now();
        store.load(PROJECT, batch)?;
        seconds += begun.elapsed().as_secs_f64();
    }
    let usage = store.usage(PROJECT);
    println!("load: {made} events, {:.0} events/s", made as f64 / seconds);
    println!(
        "size: {:.1} bytes/event",
        usage.bytes as f64 / usage.rows as f64
    );
    Ok(())
}

type Question = (&'static str, Vec<Metric>, Vec<Dimension>, Filter);

fn questions() -> Vec<Question> {
    let is = |column, value: &str| {
        Filter::Match(Match {
            dimension: Dimension::Visit(column),
            op: MatchOp::Is,
            values: vec![value.to_owned()],
            case_sensitive: true,
        })
    };
    let filter = Filter::And(vec![
        is(TextColumn::Country, "C1"),
        is(TextColumn::Device, "Mobile"),
    ]);
    let totals = [
        Metric::Visitors,
        Metric::Visits,
        Metric::Pageviews,
        Metric::BounceRate,
        Metric::VisitDuration,
    ];
    let by_day = vec![Dimension::Time(TimeUnit::Day)];
    let pages = vec![Dimension::Event(TextColumn::Path)];
    let referrers = vec![Dimension::Visit(TextColumn::Referrer)];
    let everything = Filter::everything;
    vec![
        ("Q1 totals", totals.to_vec(), Vec::new(), everything()),
        (
            "Q2 by day",
            vec![Metric::Visitors, Metric::Pageviews],
            by_day,
            everything(),
        ),
        ("Q3 top pages", vec![Metric::Visitors], pages, everything()),
        (
            "Q4 referrers, filtered",
            vec![Metric::Visitors],
            referrers,
            filter,
        ),
        (
            "Q5 entry pages",
            vec![Metric::Visits],
            vec![Dimension::EntryPage],
            everything(),
        ),
    ]
}

fn plan(
    project: &ProjectSettings,
    days: usize,
    metrics: Vec<Metric>,
    dimensions: Vec<Dimension>,
    filter: Filter,
) -> Plan {
    let range = TimeRange {
        start: BEGIN,
        end: BEGIN.plus_us(days as i64 * DAY_US),
    };
    let order = vec![Order {
        by: OrderBy::Metric(0),
        descending: true,
    }];
    let project = project.clone();
    let table = Table::Events;
    Plan {
        project,
        range,
        filter,
        metrics,
        dimensions,
        order,
        limit: 10,
        offset: 0,
        table,
    }
}

/// Asks once with whatever the questions before left in the cache, and then some times more, each
/// time for one more row, so that no whole answer is kept.
fn ask(store: &Store, name: &str, mut plan: Plan) -> Result<(), Failure> {
    let mut times_ms = Vec::new();
    let mut first = None;
    for _ in 0..=WARM_RUNS {
        let begun = Stopwatch::now();
        plan.limit += 1;
        let answer = store.run(&plan, &Cancel::default())?;
        times_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        first.get_or_insert(answer);
    }
    let cold_ms = times_ms.remove(0);
    times_ms.sort_by(f64::total_cmp);
    let (least_ms, warm_ms) = (times_ms[0], times_ms[times_ms.len() / 2]);
    let row = first.and_then(|answer| answer.rows.into_iter().next());
    let row = row.map(|row| (row.dimensions, row.metrics));
    println!(
        "{name}: first {cold_ms:.1} ms, warm {warm_ms:.1} ms, least {least_ms:.1} ms  {row:?}"
    );
    Ok(())
}

/// The texts that events take.
struct Names {
    paths: Vec<String>,
}

impl Names {
    fn new() -> Self {
        let sections = [
            "blog", "docs", "product", "help", "shop", "news", "user", "category",
        ];
        let path = |at: usize| format!("/{}/item-{at:05}", sections[at % sections.len()]);
        Self {
            paths: (0..PATHS).map(path).collect(),
        }
    }
}

fn make_day(random: &mut Random, names: &Names, day: usize, count: usize) -> Vec<Event> {
    let mut events = Vec::with_capacity(count);
    let start = BEGIN.plus_us(day as i64 * DAY_US);
    while events.len() < count {
        let person = day * 4_000 + random.below(count / 2);
        let visitor = VisitorId(mixed(person as u64));
        let mut time = start.plus_us(1_000 * (random.unit() * (DAY_US / 1_000) as f64) as i64);
        let mut traits = Random(visitor.0);
        let utm = random.unit() < 0.15;
        let referrer = random.skewed(3_000);
        loop {
            let id = EventId(u128::from(random.next()) << 64 | u128::from(random.next()));
            let is_page = random.unit() < 0.8;
            let kind = if is_page {
                Kind::Pageview
            } else {
                Kind::Custom
            };
            let mut event = Event::new(id, PROJECT, time, visitor, kind);
            describe(&mut event, random, names, utm, referrer);
            describe_visitor(&mut event, &mut traits.clone());
            events.push(event);
            // Clocks of clients tell milliseconds.
            time = time.plus_us(1_000 * (200 - (random.unit().ln() * 45e3) as i64));
            if random.unit() < 1.0 / EVENTS_PER_VISIT || time >= start.plus_us(DAY_US) {
                break;
            }
        }
        traits.next();
    }
    events
}

fn describe(event: &mut Event, random: &mut Random, names: &Names, utm: bool, referrer: usize) {
    let path = &names.paths[random.skewed(PATHS)];
    let text = &mut event.text;
    text[TextColumn::Hostname] = "site1.example.com".to_owned();
    text[TextColumn::Title] = format!("Page {}", path.replace(['/', '-'], " "));
    text[TextColumn::Path] = path.clone();
    text[TextColumn::Name] = "pageview".to_owned();
    if event.kind == Kind::Custom {
        text[TextColumn::Name] = format!("event {}", random.skewed(20));
        text[TextColumn::Tool] = format!("tool_{:02}", random.skewed(30));
        event.numbers[NumberColumn::DurationUs] = Some((random.unit() * 9e6) as i64);
        let value = format!("v{}", random.skewed(1_000));
        event.properties = vec![("plan".to_owned(), value)];
    }
    if referrer > 0 {
        text[TextColumn::Referrer] = format!("site{referrer}.example/r/{}", referrer % 500);
        text[TextColumn::Source] = format!("site{referrer}.example");
    }
    text[TextColumn::Channel] = ["Direct", "Referral"][usize::from(referrer > 0)].to_owned();
    if utm {
        text[TextColumn::UtmSource] = format!("source {}", referrer % 10);
        text[TextColumn::UtmMedium] = format!("medium {}", referrer % 6);
        text[TextColumn::UtmCampaign] = format!("campaign-{:03}", referrer % 200);
        text[TextColumn::UtmTerm] = format!("term {}", referrer % 500);
        text[TextColumn::UtmContent] = format!("content-{}", referrer % 100);
    }
}

fn describe_visitor(event: &mut Event, random: &mut Random) {
    let (country, os) = (random.skewed(150), random.skewed(6));
    let text = &mut event.text;
    text[TextColumn::Country] = format!("C{country}");
    text[TextColumn::Region] = format!("C{country}-{:02}", random.skewed(12));
    text[TextColumn::City] = format!("City {country} {}", random.skewed(60));
    text[TextColumn::Browser] = format!("Browser {}", random.skewed(8));
    text[TextColumn::BrowserVersion] = format!("{}.0", 100 + random.skewed(40));
    text[TextColumn::Os] = format!("System {os}");
    text[TextColumn::OsVersion] = format!("{}", 8 + random.skewed(20));
    text[TextColumn::Device] = ["Desktop", "Mobile"][os % 2].to_owned();
    text[TextColumn::Screen] = format!("{}x{}", 800 + 8 * random.skewed(90), 600);
    text[TextColumn::Language] = format!("x{}-XX", random.skewed(40));
}

/// SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `end`, small ones far more often (log-uniform, close to Zipf's law).
    fn skewed(&mut self, end: usize) -> usize {
        ((end as f64).powf(self.unit()) as usize - 1).min(end - 1)
    }
}

fn mixed(value: u64) -> u64 {
    let mut mixed = value;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
