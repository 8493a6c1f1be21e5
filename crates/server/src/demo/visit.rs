//! Writes the events of one invented visit, in order. It knows how an event looks, not why a
//! visitor does anything.

use almanac_model::kind::web;
use almanac_model::time::SECOND_US;
use almanac_model::{
    Event, EventId, Instant, Kind, NumberColumn, ProjectId, TextColumn, VisitorId,
};

use super::people::{Person, Way};
use super::rng::Rng;

/// A visit that is being written.
pub(super) struct Visit<'a> {
    events: &'a mut Vec<Event>,
    project: ProjectId,
    host: &'static str,
    visitor: u64,
    person: Person,
    way: Way,
    now: Instant,
    page: (&'static str, &'static str),
    ids: Rng,
}

impl<'a> Visit<'a> {
    pub(super) fn begin(
        events: &'a mut Vec<Event>,
        (project, host): (ProjectId, &'static str),
        visitor: u64,
        person: Person,
        way: Way,
        at: Instant,
    ) -> Self {
        let ids = Rng::of(&[u64::from(project.0), visitor, at.0.unsigned_abs()]);
        Self {
            events,
            project,
            host,
            visitor,
            person,
            way,
            now: at,
            page: ("/", ""),
            ids,
        }
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, seconds: f64) {
        self.now = self
            .now
            .plus_us((seconds.clamp(1.0, 1_500.0) * SECOND_US as f64) as i64);
    }

    /// Opens a page.
    pub(super) fn open(&mut self, path: &'static str, title: &'static str) {
        self.page = (path, title);
        self.write(Kind::Pageview, web::PAGEVIEW, |_| {});
    }

    /// Reads the page for some time, as the SDK reports it.
    pub(super) fn read(&mut self, seconds: f64, depth: i64) {
        self.wait(seconds);
        self.write(Kind::Engagement, web::ENGAGEMENT, |event| {
            event.numbers[NumberColumn::EngagedMs] = Some((seconds * 1000.0) as i64);
            event.numbers[NumberColumn::ScrollDepth] = Some(depth.clamp(0, 100));
        });
    }

    /// Does something that the site's owner named. Properties come sorted by name.
    pub(super) fn act(&mut self, name: &str, properties: &[(&str, &str)]) {
        self.write(Kind::Custom, name, |event| {
            event.properties = properties
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect();
        });
    }

    /// Pays.
    pub(super) fn pay(&mut self, cents: i64, properties: &[(&str, &str)]) {
        self.act("Purchase", properties);
        if let Some(event) = self.events.last_mut() {
            event.numbers[NumberColumn::RevenueMicros] = Some(cents * 10_000);
            event.text[TextColumn::Currency].push_str("EUR");
        }
    }

    fn write(&mut self, kind: Kind, name: &str, fill: impl FnOnce(&mut Event)) {
        let id = EventId(u128::from(self.ids.next()) << 64 | u128::from(self.ids.next()));
        let mut event = Event::new(id, self.project, self.now, VisitorId(self.visitor), kind);
        self.person.describe(&mut event, &self.way);
        event.text[TextColumn::Name].push_str(name);
        event.text[TextColumn::Hostname].push_str(self.host);
        event.text[TextColumn::Path].push_str(self.page.0);
        event.text[TextColumn::Title].push_str(self.page.1);
        fill(&mut event);
        self.events.push(event);
    }
}
