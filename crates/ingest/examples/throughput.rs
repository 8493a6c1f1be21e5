//! How fast drafts become events and records on one thread: `cargo run --release -p almanac-ingest
//! --example throughput`. Prints figures; asserts nothing about time.
#![expect(clippy::print_stdout, reason = "a program to be run by hand")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant as Moment;

use almanac_ingest::{
    Agents, Context, Draft, Origin, Places, Rules, Salts, Sender, Signals, process, record,
};
use almanac_model::{EventId, Instant, ProjectId, ProjectSettings, VisitorId};
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
    };
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
            random_id: EventId(u128::from(round)),
        };
        let event = process(&draft(round), &sender, &context)?;
        if round % 100 == 0 {
            events.push(event);
        } else {
            black_box(event);
        }
    }
    println!(
        "process: {:.0} events/s",
        f64::from(ROUNDS) / start.elapsed().as_secs_f64()
    );

    let start = Moment::now();
    let mut bytes = 0;
    for event in &events {
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
        properties: vec![("plan".to_owned(), "free".to_owned())],
        ..Draft::default()
    }
}
