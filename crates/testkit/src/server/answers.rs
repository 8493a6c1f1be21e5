//! What a test asks of a running server: projects and keys, events, questions, its books.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::{PATIENCE, TestServer, browser};
use crate::http::{Reply, Request};
use crate::wait::until;

/// Rows asked for at once.
const PAGE_ROWS: usize = 10_000;

/// A project of the server, with the keys to it.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its only host.
    pub host: String,
    /// A key for questions.
    pub stats_key: String,
    /// A key for events.
    pub ingest_key: String,
    /// Accepted events of kinds that questions do not count.
    uncounted: u64,
}

/// What the server says has become of a project's events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Events that came.
    pub received: u64,
    /// Events that were taken.
    pub accepted: u64,
    /// Events that had been taken before.
    pub duplicate: u64,
    /// Events that were not taken, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Events on disk that questions do not see yet.
    pub pending: u64,
}

impl TestServer {
    /// Adds a project by the command line; the server may be running.
    pub fn add_project(&mut self, host: &str) -> Project {
        self.add_project_in(host, "UTC")
    }

    /// The same with days of a zone.
    pub fn add_project_in(&mut self, host: &str, zone: &str) -> Project {
        let arguments = ["project", "add", "--name", host, "--host", host];
        let made = self.run_json(&[&arguments[..], &["--time-zone", zone]].concat());
        let id = text(&made["project"]["id"]);
        let key = |scope| {
            let arguments = ["key", "add", "--project", &id, "--scope", scope];
            text(&self.run_json(&arguments)["key"])
        };
        let project = Project {
            stats_key: key("stats"),
            ingest_key: key("ingest"),
            host: host.to_owned(),
            uncounted: 0,
            id,
        };
        self.projects.push(project.clone());
        project
    }

    /// Sends one event, or several, as a browser.
    pub fn send(&self, event: &Value) -> Reply {
        let mut request = Request::post("/api/event", event);
        for (name, value) in browser(1) {
            request = request.header(name, value);
        }
        self.call(&request)
    }

    /// Asks a question as the owner; `question` needs no `site_id`.
    pub fn ask(&self, project: &Project, question: &Value) -> Value {
        let mut question = question.clone();
        question["site_id"] = json!(project.id);
        let request = Request::post("/api/v2/query", &question).header("cookie", self.cookie());
        let reply = self.call(&request);
        assert_eq!(reply.status, 200, "{question}: {}", reply.text());
        reply.json()
    }

    /// Events in the store, of all days.
    pub fn events(&self, project: &Project) -> u64 {
        let question = json!({ "metrics": ["events"], "date_range": "all" });
        let answer = self.ask(project, &question);
        answer["results"][0]["metrics"][0].as_u64().unwrap_or(0)
    }

    /// Events in the store by page, of all days.
    pub fn events_by_page(&self, project: &Project) -> BTreeMap<String, u64> {
        let mut pages = BTreeMap::new();
        loop {
            let answer = self.ask(
                project,
                &json!({
                    "metrics": ["events"],
                    "date_range": "all",
                    "dimensions": ["event:page"],
                    "order_by": [["event:page", "asc"]],
                    "pagination": { "limit": PAGE_ROWS, "offset": pages.len() },
                }),
            );
            let rows = answer["results"].as_array().map_or(&[][..], Vec::as_slice);
            for row in rows {
                let count = row["metrics"][0].as_u64().unwrap_or(0);
                pages.insert(text(&row["dimensions"][0]), count);
            }
            if rows.len() < PAGE_ROWS {
                return pages;
            }
        }
    }

    /// What the server says has become of a project's events.
    pub fn accounts(&self, project: &Project) -> Accounts {
        let health = self.health(project);
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        Accounts {
            received: number(&health["received"]),
            accepted: number(&health["accepted"]),
            duplicate: number(&health["duplicate"]),
            refused: by_reason(&health["refused"]),
            pending: number(&health["queue"]["pending_events"]),
        }
    }

    /// Refusals of events of no known project and of requests that could not be read, by reason,
    /// as the health page of any project shows them.
    pub fn unattributed(&self, project: &Project) -> BTreeMap<String, u64> {
        by_reason(&self.health(project)["unattributed"])
    }

    fn health(&self, project: &Project) -> Value {
        let path = format!("/api/projects/{}/health", project.id);
        let reply = self.call(&Request::get(path).header("cookie", self.cookie()));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    /// Waits until questions see everything that is on disk, and tells how long that took.
    pub fn await_drained(&self, project: &Project) -> Duration {
        let drained = || (self.accounts(project).pending == 0).then_some(());
        until("the queue is drained", PATIENCE, drained).1
    }

    /// Asserts that nothing waits, that everything received has a fate, and that what was accepted
    /// is in the store, neither more nor less: after kills as well, because what is counted is
    /// saved together with the place in the queue up to which it counts. In a process that was not
    /// started again, the counters of `/metrics` must say the same as the books.
    pub fn assert_balanced(&self) {
        for project in &self.projects {
            self.await_drained(project);
            let accounts = self.accounts(project);
            let refused: u64 = accounts.refused.values().sum();
            let fates = accounts.accepted + accounts.duplicate + refused;
            assert_eq!(accounts.received, fates, "{accounts:?}");
            let stored = self.events(project) + project.uncounted;
            assert_eq!(accounts.accepted, stored, "{accounts:?}");
        }
        if let (false, Some(any)) = (self.restarted, self.projects.first()) {
            self.assert_metrics_agree(any);
        }
    }

    fn assert_metrics_agree(&self, any: &Project) {
        let list = self.run_json(&["project", "list"]);
        let ids = list["projects"].as_array().into_iter().flatten();
        let mut booked = Accounts::default();
        for id in ids.map(|project| text(&project["id"])) {
            let accounts = self.accounts(&Project { id, ..any.clone() });
            booked.accepted += accounts.accepted;
            booked.duplicate += accounts.duplicate;
            for (reason, count) in accounts.refused {
                *booked.refused.entry(reason).or_default() += count;
            }
        }
        for (reason, count) in self.unattributed(any) {
            *booked.refused.entry(reason).or_default() += count;
        }
        let metrics = self.call(&Request::get("/metrics")).text();
        let counted = events_total(&metrics);
        let expected = [
            ("accepted", booked.accepted),
            ("duplicate", booked.duplicate),
        ];
        let expected = expected.map(|(fate, count)| (format!("{fate} "), count));
        let refused = booked.refused.into_iter();
        let refused = refused.map(|(reason, count)| (format!("refused {reason}"), count));
        let expected: BTreeMap<String, u64> = expected
            .into_iter()
            .chain(refused)
            .filter(|(_, count)| *count > 0)
            .collect();
        assert_eq!(counted, expected, "metrics and books differ");
    }

    /// The value of a metric without labels.
    pub fn metric(&self, name: &str) -> Option<f64> {
        metric(&self.call(&Request::get("/metrics")).text(), name)
    }

    /// Tells that so many accepted events of a project are of kinds that questions do not count.
    pub fn expect_uncounted(&mut self, project: &Project, events: u64) {
        for each in &mut self.projects {
            if each.id == project.id {
                each.uncounted += events;
            }
        }
    }

    /// The session of an owner, made by the command line when first needed.
    pub fn cookie(&self) -> &str {
        self.cookie.get_or_init(|| self.sign_in_as("owner"))
    }

    /// A session of a new user of that role, made by the command line.
    pub fn sign_in_as(&self, role: &str) -> String {
        let email = format!("{role}@test.example");
        let made = self.run_json(&["user", "add", "--email", &email, "--role", role]);
        let wish = json!({ "email": email, "password": made["password"] });
        let reply = self.call(&Request::post("/api/session", &wish));
        assert_eq!(reply.status, 200, "{}", reply.text());
        session_cookie(&reply)
    }
}

fn by_reason(refusals: &Value) -> BTreeMap<String, u64> {
    let refusals = refusals.as_array().into_iter().flatten();
    refusals
        .map(|each| (text(&each["reason"]), each["count"].as_u64().unwrap_or(0)))
        .collect()
}

/// The cookie that an answer sets, as a request sends it back.
pub fn session_cookie(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").unwrap_or_default();
    cookie.split(';').next().unwrap_or_default().to_owned()
}

/// The counters of events in a text of metrics, by fate and reason.
fn events_total(text: &str) -> BTreeMap<String, u64> {
    let lines = text.lines();
    let lines = lines.filter_map(|line| line.strip_prefix("almanac_events_total{"));
    let read = |line: &str| {
        let (labels, value) = line.split_once("} ")?;
        let label = |name: &str| {
            let after = labels.split_once(&format!("{name}=\""))?.1;
            after.split_once('"').map(|(value, _)| value.to_owned())
        };
        let key = format!("{} {}", label("fate")?, label("reason")?);
        Some((key, value.parse().ok()?))
    };
    lines.filter_map(read).collect()
}

fn metric(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(' '))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
