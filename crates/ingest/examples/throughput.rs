//! How fast drafts become events and records on one thread: `cargo run --release -p almanac-ingest
//! --example throughput`. Prints figures; asserts nothing about time.
#![expect(clippy::print_stdout, reason = "a program to be run by hand")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant as Moment;

use almanac_ingest::{
    Agents, Context, DataCentres, Draft, Hints, Origin, Places, Rules, Salts, Sender, Signals,
    personal, process, record,
};
use almanac_model::{Event, EventId, Instant, ProjectId, ProjectSettings, TextColumn, VisitorId};
use jiff::tz::TimeZone;

const ROUNDS: u32 = 500_000;
const BROWSERS: u32 = 300;
const MILLION: f64 = 1e6;

fn main() -> Result<(), Box<dyn Error>> {
    let start = Moment::now();
    let agents = Agents::new()?;
    println!("agents ready after {:?}", start.elapsed());
    let start = Moment::now();
    for minor in 0..1_000 {
        black_box(agents.recognise(&user_agent(10_000 + minor)));
    }
    println!(
        "user agent, not cached: {:.1} us",
        start.elapsed().as_secs_f64() * MILLION / 1e3
    );

    let hosts = vec!["shop.example".to_owned()];
    let project = ProjectSettings::new(ProjectId(1), hosts, TimeZone::get("Europe/Berlin")?);
    let (rules, places) = (Rules::default(), Places::from_time_zones());
    let salts = Salts {
        today: [2; 16],
        yesterday: Some([1; 16]),
    };
    let mut sender = Sender {
        ip: "203.0.113.7".parse().ok(),
        user_agent: String::new(),
        received: Instant(1_795_262_400_000_000),
        origin: Origin::Client,
        signals: Signals::default(),
        hints: Hints::default(),
    };
    let (hurried, data_centres) = (|_: VisitorId, _: Instant| false, DataCentres::default());
    let recent = |_: VisitorId, _: Instant| false;
    let mut events = Vec::with_capacity(ROUNDS as usize);
    let start = Moment::now();
    for round in 0..ROUNDS {
        sender.user_agent = user_agent(round % BROWSERS);
        let context = Context {
            project: &project,
            rules: &rules,
            salts: &salts,
            places: &places,
            agents: &agents,
            recent: &recent,
            hurried: &hurried,
            data_centres: &data_centres,
            random_id: EventId(u128::from(round)),
        };
        let event = process(&draft(round), &sender, &context)?;
        if round % 100 == 0 {
            events.push(event);
        } else {
            black_box(event);
        }
    }
    let whole_us = start.elapsed().as_secs_f64() * MILLION / f64::from(ROUNDS);
    println!(
        "process: {:.0} events/s, {whole_us:.2} us each",
        MILLION / whole_us
    );
    let guard_us = guard(&events);
    println!(
        "of that the guard against personal data: {guard_us:.2} us, {:.0} %",
        100.0 * guard_us / whole_us
    );

    report_records(&events)?;
    Ok(())
}

/// What writing an event as a record and reading it again costs.
fn report_records(events: &[Event]) -> Result<(), Box<dyn Error>> {
    let start = Moment::now();
    let mut bytes = 0;
    for event in events {
        let mut out = Vec::with_capacity(512);
        record::encode(event, &mut out);
        black_box(record::decode(&out)?);
        bytes += out.len();
    }
    let each = start.elapsed().as_secs_f64() * MILLION / events.len() as f64;
    println!(
        "encode + decode: {each:.2} us, {} bytes each",
        bytes / events.len()
    );
    Ok(())
}

/// What looking for personal data costs for one event, microseconds: the texts in which the steps
/// look for it, and nothing else of the steps.
fn guard(events: &[Event]) -> f64 {
    const LOOKED_AT: [TextColumn; 9] = [
        TextColumn::Title,
        TextColumn::Source,
        TextColumn::UtmSource,
        TextColumn::UtmMedium,
        TextColumn::UtmCampaign,
        TextColumn::UtmTerm,
        TextColumn::UtmContent,
        TextColumn::User,
        TextColumn::Referrer,
    ];
    let rounds = ROUNDS as usize / events.len().max(1);
    let start = Moment::now();
    for event in events.iter().cycle().take(rounds * events.len()) {
        for (name, value) in &event.properties {
            black_box(personal::in_name(name));
            black_box(personal::find_in_property(value));
        }
        for column in LOOKED_AT {
            black_box(personal::find_in_property(&event.text[column]));
        }
    }
    start.elapsed().as_secs_f64() * MILLION / (rounds * events.len()).max(1) as f64
}

fn user_agent(version: u32) -> String {
    format!(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/142.0.{version}.0 Safari/537.36"
    )
}

fn draft(round: u32) -> Draft {
    Draft {
        name: "pageview".to_owned(),
        url: format!(
            "https://www.shop.example/products/{}?utm_source=google",
            round % 1_000
        ),
        referrer: "https://www.google.com/search?q=shoes".to_owned(),
        title: "Shoes and boots".to_owned(),
        screen: "1920x1080".to_owned(),
        language: "de-DE".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        properties: [
            ("plan", "free".to_owned()),
            ("article", format!("shoe-{round}-b")),
            (
                "note",
                "Lieferung am 21.11. an der Haustür, bitte klingeln".to_owned(),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec(),
        ..Draft::default()
    }
}
