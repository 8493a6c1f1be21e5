//! One connection that is kept alive: writes a request, reads its answer, takes the next moment. As
//! little work as possible, because the server shares the machine. What an event is on the wire
//! stands here too.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::histogram::Histogram;
use crate::schedule::Schedule;
use crate::wire::Wire;
use crate::{DRAIN, Settings};

/// The browser that visitors seem to use.
pub(crate) const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/141.0 Safari/537.36";
/// Addresses that visitors seem to come from, through the trusted loopback proxy.
const VISITORS: u32 = 100_000;

/// What became of the requests of one connection, or of all.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) latencies: Histogram,
    pub(crate) accepted: u64,
    pub(crate) shed: u64,
    pub(crate) other: u64,
    pub(crate) broken: u64,
    pub(crate) took: Duration,
}

impl Outcome {
    pub(crate) fn add(&mut self, other: Self) {
        self.latencies.add(&other.latencies);
        self.accepted += other.accepted;
        self.shed += other.shed;
        self.other += other.other;
        self.broken += other.broken;
        self.took = self.took.max(other.took);
    }

    fn note(&mut self, status: u16, latency: Duration) {
        match status {
            200..=299 => {
                self.accepted += 1;
                self.latencies.record(latency);
            }
            429 | 503 => self.shed += 1,
            _ => self.other += 1,
        }
    }
}

/// Sends until the schedule is over.
pub(crate) async fn run(
    settings: Settings,
    schedule: Schedule,
    number: u32,
) -> anyhow::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut wire = Wire::connect(settings.address).await?;
    let mut request = String::new();
    let mut sent = number;
    while let Some(moment) = schedule.next() {
        sleep_until(Instant::from_std(moment)).await;
        sent = sent.wrapping_add(settings.connections);
        write_request(&mut request, &settings, sent);
        let deadline = Instant::from_std(moment) + DRAIN;
        match timeout_at(deadline, wire.exchange(&request)).await {
            Ok(Ok(status)) => outcome.note(status, moment.elapsed()),
            Ok(Err(_)) | Err(_) => {
                outcome.broken += 1;
                wire = Wire::connect(settings.address).await?;
            }
        }
    }
    outcome.took = schedule.elapsed();
    Ok(outcome)
}

fn write_request(request: &mut String, settings: &Settings, sent: u32) {
    let event = |number: u32| {
        let id = uuid::Uuid::new_v4();
        format!(
            r#"{{"n":"pageview","u":"https://{}/page/{}","d":"{}","r":"https://www.google.com/","id":"{id}"}}"#,
            settings.domain,
            number % 997,
            settings.domain,
        )
    };
    let body = if settings.batch == 1 {
        event(sent)
    } else {
        let events: Vec<String> = (0..settings.batch).map(|more| event(sent + more)).collect();
        format!("[{}]", events.join(","))
    };
    let visitor = sent % VISITORS;
    request.clear();
    // Writing to a `String` cannot fail.
    let written = write!(
        request,
        "POST /api/event HTTP/1.1\r\nhost: {}\r\nuser-agent: {AGENT}\r\n\
         x-forwarded-for: 198.{}.{}.{}\r\ncontent-type: text/plain\r\n\
         content-length: {}\r\n\r\n{body}",
        settings.address,
        18 + visitor / 65_536,
        visitor / 256 % 256,
        visitor % 256,
        body.len(),
    );
    debug_assert!(written.is_ok());
}
