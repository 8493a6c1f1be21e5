//! What every handler shares: the parts of the running server, given to it by whoever wired them.
//! It starts nothing and stops nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use almanac_catalog::{Catalog, CatalogError, salt};
use almanac_ingest::{AddressRange, Agents, DataCentres, Places, Refusal, Salts};
use almanac_model::{Clock, Instant, ProjectId, ProjectSettings};
use almanac_queue::Queue;
use almanac_store::Store;
use jiff::civil::Date;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::account::throttle::Throttle;
use crate::collect::around::IN_FLIGHT_MAX;
use crate::dedupe::Dedupe;
use crate::directory::Directory;
use crate::erasing::Sweep;
use crate::forecast::{Outlooks, Trainer};
use crate::ledger::{Fate, Ledger, NOBODY};
use crate::mail::Mailer;
use crate::oidc::{Fetch, OidcSettings, Provider};
use crate::outbound::Outbound;
use crate::question::Gate;
use crate::rate_limit::{Allowances, RateLimits};
use crate::recent::RecentVisitors;

/// Settings of the HTTP interface.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address under which browsers reach this server, without a slash at the end.
    pub base_url: String,
    /// The one name, beside those of this machine and addresses, by which the interface may be
    /// asked; none: any name.
    pub own_host: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// Largest request body, bytes, after decompression.
    pub body_bytes_max: usize,
    /// Within so many seconds the same doing of the same visitor, sent without an id, is a copy; 0:
    /// never.
    pub content_window_s: i64,
    /// Page views of one visitor in ten seconds that a person may have; none: any number.
    pub views_per_span_max: Option<u16>,
    /// Longest a question may take, milliseconds.
    pub question_timeout_ms: u64,
    /// Questions that are answered at the same time.
    pub questions_max: usize,
    /// Longest that one more waits for its turn.
    pub question_wait: Duration,
    /// Longest that the body of a request may take to come.
    pub body_timeout: Duration,
    /// How often one client may ask; none: as often as it likes.
    pub rate_limits: Option<Allowances>,
    /// Seconds for which an access token is good.
    pub access_token_s: i64,
    /// Whether `/metrics` answers only to this machine.
    pub metrics_local_only: bool,
}

/// The shared parts.
#[expect(
    missing_debug_implementations,
    reason = "its parts are threads, files and secrets"
)]
pub struct App {
    pub catalog: Catalog,
    pub queue: Queue,
    pub store: Arc<Store>,
    pub agents: Agents,
    pub places: Places,
    /// Where programs live, as far as the operator says so.
    pub data_centres: DataCentres,
    pub clock: Clock,
    pub http: HttpSettings,
    pub ledger: Ledger,
    pub dedupe: Dedupe,
    pub recent: RecentVisitors,
    /// Counts upwards whenever new events can be seen by questions.
    pub seen: watch::Receiver<u64>,
    /// Whether the server is fit to take requests.
    pub ready: watch::Receiver<bool>,
    /// Whether the server is stopping; long answers end then.
    pub stop: watch::Receiver<bool>,
    /// Writes all metrics in the Prometheus text format.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Opens everything to programs of this machine that may read the data directory.
    pub(crate) local_token: String,
    pub started_at: Instant,
    /// Trainings of forecasts, one at a time.
    pub trainer: Trainer,
    pub(crate) outlooks: Outlooks,
    pub(crate) rate_limits: Option<RateLimits>,
    /// Slows down who guesses passwords.
    pub(crate) throttle: Throttle,
    /// Sends letters, where mail is set up.
    pub(crate) mailer: Option<Mailer>,
    /// Sends every request that the server makes itself.
    pub outbound: Outbound,
    /// Who vouches for people at the sign-in, where somebody does.
    pub(crate) provider: Option<Provider>,
    /// Places for questions.
    pub(crate) questions: Gate,
    /// Places for requests whose events are being stored.
    pub(crate) in_flight: Semaphore,
    /// The one place for erasing at a visitor's wish.
    pub(crate) erasing: Semaphore,
    /// Where wishes go to erase what lies beside store and catalog.
    pub(crate) sweeper: mpsc::Sender<Sweep>,
    directory: RwLock<Arc<Directory>>,
    salts: RwLock<HashMap<(ProjectId, Date), [u8; 16]>>,
}

/// The parts that [`App::new`] needs from outside.
#[expect(
    missing_debug_implementations,
    reason = "its parts are threads, files and secrets"
)]
pub struct Parts {
    pub catalog: Catalog,
    pub queue: Queue,
    pub store: Arc<Store>,
    pub agents: Agents,
    pub places: Places,
    /// Where programs live, as far as the operator says so.
    pub data_centres: DataCentres,
    pub clock: Clock,
    pub http: HttpSettings,
    pub seen: watch::Receiver<u64>,
    pub ready: watch::Receiver<bool>,
    pub stop: watch::Receiver<bool>,
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    pub local_token: String,
    /// Where wishes go to erase what lies beside store and catalog.
    pub sweeper: mpsc::Sender<Sweep>,
    /// Sends letters; none where mail is not set up.
    pub mailer: Option<Mailer>,
    /// Sends every request that the server makes itself.
    pub outbound: Outbound,
    /// Who vouches for people at the sign-in, and the way to ask; none where nobody does.
    pub provider: Option<(OidcSettings, Fetch)>,
}

/// Projects could not be read, or the store could not take their settings.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Store(#[from] almanac_store::StoreError),
    #[error(transparent)]
    Panicked(#[from] tokio::task::JoinError),
}

impl App {
    /// An app that knows no project yet; call [`App::refresh`] before serving.
    pub fn new(parts: Parts) -> Self {
        let started_at = (parts.clock)();
        Self {
            rate_limits: parts.http.rate_limits.as_ref().map(RateLimits::new),
            in_flight: Semaphore::new(IN_FLIGHT_MAX),
            throttle: Throttle::default(),
            mailer: parts.mailer,
            outbound: parts.outbound,
            provider: parts
                .provider
                .map(|(settings, fetch)| Provider::new(settings, fetch)),
            erasing: Semaphore::new(1),
            sweeper: parts.sweeper,
            questions: Gate::new(parts.http.questions_max, parts.http.question_wait),
            catalog: parts.catalog,
            queue: parts.queue,
            store: parts.store,
            agents: parts.agents,
            places: parts.places,
            data_centres: parts.data_centres,
            recent: RecentVisitors::new(parts.http.views_per_span_max),
            clock: parts.clock,
            http: parts.http,
            seen: parts.seen,
            ready: parts.ready,
            stop: parts.stop,
            metrics: parts.metrics,
            local_token: parts.local_token,
            started_at,
            ledger: Ledger::default(),
            dedupe: Dedupe::default(),
            trainer: Trainer::default(),
            outlooks: Outlooks::default(),
            directory: RwLock::new(Arc::new(Directory::default())),
            salts: RwLock::new(HashMap::new()),
        }
    }

    /// The present.
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Counts a request of collection that was turned away unread, as one event of nobody's: how
    /// many it held, and whose, is not known.
    pub(crate) fn turn_away(&self, reason: Refusal) {
        self.count_request(
            NOBODY,
            reason,
            "a request was turned away unread".to_owned(),
        );
    }

    /// Counts a request whose events could not be told apart as one event.
    pub(crate) fn count_request(&self, project: ProjectId, reason: Refusal, detail: String) {
        self.ledger
            .enter(self.now(), [(project, Fate::Refused { reason, detail })]);
    }

    /// The projects as they are known now.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(
            &self
                .directory
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Reads the projects again if another request or another process changed them.
    ///
    /// # Errors
    /// When the catalog or the store fails; the projects known so far stay.
    pub async fn refresh(&self) -> Result<(), RefreshError> {
        let version = self.catalog.change_counter().await?;
        if self.directory().version() == Some(version) {
            return Ok(());
        }
        let directory = Directory::read(&self.catalog).await?;
        let settings: Vec<_> = directory
            .entries()
            .flat_map(|entry| [entry.settings.clone(), entry.settings.of_bots()])
            .collect();
        let store = Arc::clone(&self.store);
        // The store must know a project before its first event can arrive.
        let put = move || {
            settings
                .into_iter()
                .try_for_each(|settings| store.put_project(settings))
        };
        tokio::task::spawn_blocking(put).await??;
        *self
            .directory
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(directory);
        Ok(())
    }

    /// The salts of the project at that instant.
    pub(crate) async fn salts(
        &self,
        project: &ProjectSettings,
        at: Instant,
    ) -> Result<Salts, CatalogError> {
        let today = at.local_day(&project.zone);
        let yesterday = match today.yesterday() {
            Ok(day) => Some(self.salt(project.id, day, at).await?),
            Err(_) => None,
        };
        Ok(Salts {
            today: self.salt(project.id, today, at).await?,
            yesterday,
        })
    }

    async fn salt(
        &self,
        project: ProjectId,
        day: Date,
        now: Instant,
    ) -> Result<[u8; 16], CatalogError> {
        if let Some(salt) = self.known_salt(project, day) {
            return Ok(salt);
        }
        let salt = salt::of_day(&self.catalog, project, day, now).await?.0;
        let mut known = self.salts.write().unwrap_or_else(PoisonError::into_inner);
        // Salts of days gone by are of no use to anybody and must not outlive their day in memory.
        known.retain(|(owner, known_day), _| {
            *owner != project
                || day
                    .since(*known_day)
                    .is_ok_and(|age| age.get_days().abs() <= 1)
        });
        known.insert((project, day), salt);
        Ok(salt)
    }

    fn known_salt(&self, project: ProjectId, day: Date) -> Option<[u8; 16]> {
        let known = self.salts.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&(project, day)).copied()
    }

    /// Forgets every salt, after old ones were destroyed in the catalog.
    pub fn forget_salts(&self) {
        self.salts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
