//! How long after its acknowledgement an event is part of an answer: one event at a time, each on a
//! page of its own, and a question about that page until it is there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Settings;
use crate::histogram::Histogram;
use crate::wire::Wire;

/// Pause between two looks at the same question.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// An event that is not visible by then never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends so many probes.
pub(crate) async fn run(settings: &Settings, key: &str) -> anyhow::Result<Histogram> {
    let mut wire = Wire::connect(settings.address).await?;
    let mut visible = Histogram::default();
    let run = uuid::Uuid::new_v4().simple();
    for number in 0..settings.probes {
        let page = format!("/probe/{run}/{number}");
        let url = format!("https://{}{page}", settings.domain);
        let event = json!({ "n": "pageview", "u": url, "d": settings.domain });
        let agent = format!("user-agent: {}\r\n", crate::connection::AGENT);
        let status = wire
            .exchange(&request(settings, "/api/event", &agent, &event))
            .await?;
        anyhow::ensure!(status == 202, "a probe was answered with {status}");
        let acknowledged = Instant::now();
        let question = json!({
            "site_id": settings.domain,
            "metrics": ["events"],
            "date_range": "day",
            "filters": [["is", "event:page", [page]]],
        });
        let key = format!("authorization: Bearer {key}\r\n");
        let question = request(settings, "/api/v2/query", &key, &question);
        while !is_there(&mut wire, &question).await? {
            anyhow::ensure!(acknowledged.elapsed() < PATIENCE, "{page} is never visible");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        visible.record(acknowledged.elapsed());
    }
    Ok(visible)
}

async fn is_there(wire: &mut Wire, question: &str) -> anyhow::Result<bool> {
    let status = wire.exchange(question).await?;
    let answer: Value = serde_json::from_slice(wire.body()).unwrap_or_default();
    anyhow::ensure!(
        status == 200,
        "a question was answered with {status}: {answer}"
    );
    Ok(answer["results"][0]["metrics"][0] == 1)
}

fn request(settings: &Settings, path: &str, header: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {}\r\n{header}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        settings.address,
        body.len(),
    )
}
