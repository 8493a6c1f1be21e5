//! Every setting there is. A new one is added here and nowhere else; the reference in
//! `docs/configuration.md` follows.

use std::net::SocketAddr;
use std::path::PathBuf;

use almanac_api::Destination;
use almanac_catalog::user::Role;
use almanac_ingest::AddressRange;
use almanac_queue::Durability;
use lettre::message::Mailbox;

use super::error::ConfigError;
use super::read::{self, LogFormat, MailTls};
use super::section::section;
use super::sources::{Setting, Sources};

section! {
    /// The HTTP server.
    Http = "http" {
        /// Address and port to listen on. Behind a proxy, keep it on the loopback address.
        listen: SocketAddr = "ALMANAC_LISTEN", "127.0.0.1:8000", read::listen, open;
        /// Address under which browsers reach this server. Empty: the first of
        /// `ALMANAC_ACME_HOSTS`, or `http://`, with a certificate `https://`, and the listen
        /// address.
        base_url: Option<String> = "ALMANAC_BASE_URL", "", read::base_url, open;
        /// Certificate chain for TLS, a PEM file; empty: plain HTTP, for a proxy that speaks TLS. A
        /// renewed file is read again by itself.
        tls_certificate: Option<PathBuf> = "ALMANAC_TLS_CERTIFICATE", "",
            read::optional_path, open;
        /// Private key of that certificate, a PEM file.
        tls_key: Option<PathBuf> = "ALMANAC_TLS_KEY", "", read::optional_path, open;
        /// Proxies whose `X-Forwarded-For` is believed: addresses and networks, with commas.
        trusted_proxies: Vec<AddressRange> = "ALMANAC_TRUSTED_PROXIES", "127.0.0.0/8, ::1",
            read::networks, open;
        /// How long a client may take to send the head of a request, milliseconds.
        header_timeout_ms: u64 = "ALMANAC_HEADER_TIMEOUT_MS", "10000",
            read::number::<100, 600_000>, open;
        /// How long the body of a request may take to come, milliseconds.
        body_timeout_ms: u64 = "ALMANAC_BODY_TIMEOUT_MS", "20000",
            read::number::<100, 600_000>, open;
        /// How long an answer may wait for its client to read on, milliseconds.
        write_timeout_ms: u64 = "ALMANAC_WRITE_TIMEOUT_MS", "20000",
            read::number::<100, 600_000>, open;
        /// Connections open at the same time; further ones are closed.
        connections_max: u64 = "ALMANAC_CONNECTIONS_MAX", "10000",
            read::number::<1, 1_000_000>, open;
        /// Largest body of a request, after decompression, bytes.
        body_bytes_max: u64 = "ALMANAC_BODY_BYTES_MAX", "1 MiB",
            read::bytes_within::<1_024, 67_108_864>, open;
        /// Longest that a question may take, milliseconds.
        question_timeout_ms: u64 = "ALMANAC_QUESTION_TIMEOUT_MS", "30000",
            read::number::<100, 600_000>, open;
        /// Questions that are answered at the same time.
        questions_max: u64 = "ALMANAC_QUESTIONS_MAX", "16", read::number::<1, 1_000>, open;
        /// Longest that one more question waits for its turn, milliseconds; then it is answered
        /// with 503 and a time to come back.
        question_wait_ms: u64 = "ALMANAC_QUESTION_WAIT_MS", "5000",
            read::number::<0, 600_000>, open;
        /// How long a stopping server waits for requests under way, milliseconds.
        drain_timeout_ms: u64 = "ALMANAC_DRAIN_TIMEOUT_MS", "10000",
            read::number::<0, 600_000>, open;
        /// Whether `/metrics` answers only to this machine.
        metrics_local_only: bool = "ALMANAC_METRICS_LOCAL_ONLY", "true", read::boolean, open;
    }
}

section! {
    /// How often one client address may ask. Behind a proxy, see to it that the proxy is trusted:
    /// otherwise all visitors share the limits of its address.
    Limits = "limits" {
        /// Whether there are limits at all. Off, for a proxy that has its own, or for a benchmark.
        is_on: bool = "ALMANAC_RATE_LIMIT", "on", read::boolean, open;
        /// Requests with events, a second; also for each ingest key.
        collection_per_s: u64 = "ALMANAC_RATE_LIMIT_COLLECTION_PER_S", "1000",
            read::number::<1, 1_000_000>, open;
        /// The same, at once after a rest.
        collection_burst: u64 = "ALMANAC_RATE_LIMIT_COLLECTION_BURST", "2000",
            read::number::<1, 1_000_000>, open;
        /// Requests of somebody who is signed in or has a key, a second.
        stats_per_s: u64 = "ALMANAC_RATE_LIMIT_STATS_PER_S", "100",
            read::number::<1, 1_000_000>, open;
        /// The same, at once after a rest.
        stats_burst: u64 = "ALMANAC_RATE_LIMIT_STATS_BURST", "200",
            read::number::<1, 1_000_000>, open;
        /// Other requests to the API, a minute.
        api_per_min: u64 = "ALMANAC_RATE_LIMIT_API_PER_MIN", "100",
            read::number::<1, 1_000_000>, open;
        /// Attempts to sign in, a minute.
        sign_in_per_min: u64 = "ALMANAC_RATE_LIMIT_SIGN_IN_PER_MIN", "20",
            read::number::<1, 1_000_000>, open;
    }
}

section! {
    /// Where data is kept, and the secret under which the most delicate of it is sealed.
    Data = "data" {
        /// The data directory. It is made when missing; one process at a time serves it.
        dir: PathBuf = "ALMANAC_DATA_DIR", "almanac-data", read::path, open;
        /// Secret of this instance, at least 32 characters. Empty: `secret.key` in the data
        /// directory, made on the first run. Prefer `ALMANAC_SECRET_FILE`.
        secret: Option<String> = "ALMANAC_SECRET", "", read::instance_secret, secret;
        /// PostgreSQL database for the catalog: `postgres://almanac@db.example/almanac`. Empty: a
        /// file in the data directory. On another machine its certificate is checked, against
        /// public authorities or those of `?sslrootcert=FILE`.
        catalog: Option<String> = "ALMANAC_CATALOG", "", read::catalog, secret;
        /// Password for it, where it has one. Prefer `ALMANAC_CATALOG_PASSWORD_FILE`.
        catalog_password: Option<String> = "ALMANAC_CATALOG_PASSWORD", "",
            read::optional_text, secret;
    }
}

section! {
    /// The queue between collection and the store.
    Queue = "queue" {
        /// Bytes that may wait on disk; a full queue answers 503. At least two segments.
        queue_bytes_max: u64 = "ALMANAC_QUEUE_BYTES_MAX", "4 GiB", read::bytes, open;
        /// Bytes of one segment file.
        segment_bytes: u64 = "ALMANAC_QUEUE_SEGMENT_BYTES", "64 MiB",
            read::bytes_within::<1_048_576, 1_073_741_824>, open;
        /// `strict`: an event is acknowledged once it is synced to disk. `relaxed`: once it is
        /// written, with a sync every second; a power cut may lose that second.
        durability: Durability = "ALMANAC_QUEUE_DURABILITY", "strict", read::durability, open;
        /// Seconds within which an event without an id that says the same of the same visitor
        /// counts as a copy. 0: never, because people do things twice.
        content_window_s: u64 = "ALMANAC_DEDUPE_CONTENT_S", "0", read::number::<0, 3_600>, open;
    }
}

section! {
    /// The store of events.
    Store = "store" {
        /// Bytes of decoded columns kept in memory for later questions.
        cache_bytes: u64 = "ALMANAC_STORE_CACHE_BYTES", "512 MiB", read::bytes, open;
        /// Bytes that one question may hold in memory beside the cache.
        query_bytes: u64 = "ALMANAC_STORE_QUERY_BYTES", "1 GiB", read::bytes, open;
        /// Bytes that all questions together may hold beside the cache.
        queries_bytes: u64 = "ALMANAC_STORE_QUERIES_BYTES", "2 GiB", read::bytes, open;
        /// Rows in memory that are sealed into files at once.
        seal_rows_max: u64 = "ALMANAC_STORE_SEAL_ROWS_MAX", "250000",
            read::number::<1, 10_000_000>, open;
        /// Age at which rows in memory are sealed into files, seconds.
        seal_age_s: u64 = "ALMANAC_STORE_SEAL_AGE_S", "60", read::number::<1, 86_400>, open;
    }
}

section! {
    /// Log lines, on standard error.
    Log = "log" {
        /// `text` for people, `json` for programs.
        format: LogFormat = "ALMANAC_LOG_FORMAT", "text", read::log_format, open;
        /// `error`, `warn`, `info`, `debug` or `trace`; or per part: `info,almanac_store=debug`.
        level: String = "ALMANAC_LOG_LEVEL", "info", read::log_level, open;
    }
}

section! {
    /// Where visitors are.
    Geo = "geo" {
        /// A database in MaxMind's format. Empty: the country follows from the time zone.
        database: Option<PathBuf> = "ALMANAC_GEO_DATABASE", "", read::optional_path, open;
    }
}

section! {
    /// Programs that look like people.
    Bots = "bots" {
        /// Address ranges of data centres, one in CIDR form a line, `#` before remarks: who views
        /// pages from there is a bot. Empty: none. A newer file is taken by itself.
        data_centres: Option<PathBuf> = "ALMANAC_BOTS_DATA_CENTRES", "",
            read::optional_path, open;
        /// Page views that one visitor may have in ten seconds; who has more is a bot for half an
        /// hour. A school behind one address may be one visitor, so 60 or more. 0: pace tells
        /// nothing.
        pageviews_per_10s_max: u64 = "ALMANAC_BOTS_PAGEVIEWS_PER_10S_MAX", "0",
            read::number::<0, 60_000>, open;
    }
}

section! {
    /// A certificate from an authority that speaks ACME, such as Let's Encrypt. The server answers
    /// its challenges itself, over TLS: the hosts have to lead to it, and port 443 of them to
    /// `ALMANAC_LISTEN`.
    Acme = "acme" {
        /// Hosts that the certificate is for, with commas, the one of the dashboard first. Empty:
        /// none is asked for. Naming one means that you agree to the authority's terms of service.
        hosts: Vec<String> = "ALMANAC_ACME_HOSTS", "", read::hosts, open;
        /// E-mail address to which the authority may write.
        contact: Option<String> = "ALMANAC_ACME_CONTACT", "", read::optional_text, open;
        /// The authority's directory.
        directory: String = "ALMANAC_ACME_DIRECTORY",
            "https://acme-v02.api.letsencrypt.org/directory", read::directory, open;
    }
}

section! {
    /// Requests that the server makes itself, to programs of others. They go to public addresses,
    /// ports 80 and 443, without any proxy; here is what else they may do.
    Outbound = "outbound" {
        /// Internal destinations that may be asked all the same, a sign-in provider say:
        /// `login.lan:8443, 10.0.0.7:9000`, with commas.
        trusted: Vec<Destination> = "ALMANAC_OUTBOUND_TRUSTED", "", read::destinations, open;
        /// Further ports that public hosts may be asked at, with commas.
        ports: Vec<u16> = "ALMANAC_OUTBOUND_PORTS", "", read::ports, open;
        /// Certificate authorities that are believed beside the public ones, a PEM file.
        authorities: Option<PathBuf> = "ALMANAC_OUTBOUND_AUTHORITIES", "",
            read::optional_path, open;
    }
}

section! {
    /// Signing in through a provider (OpenID Connect), beside e-mail and password. Tell it to send
    /// browsers back to `/api/oidc/callback` under the base address.
    Oidc = "oidc" {
        /// Address of the provider, as its tokens name it, or `google`. Empty: none.
        issuer: Option<String> = "ALMANAC_OIDC_ISSUER", "", read::issuer, open;
        /// By which the provider knows this instance. Needed with an issuer.
        client_id: Option<String> = "ALMANAC_OIDC_CLIENT_ID", "", read::optional_text, open;
        /// By which this instance proves that. Prefer `ALMANAC_OIDC_CLIENT_SECRET_FILE`.
        client_secret: Option<String> = "ALMANAC_OIDC_CLIENT_SECRET", "", read::optional_text,
            secret;
        /// What stands on the button. Empty: `Google`, or the provider's host.
        name: Option<String> = "ALMANAC_OIDC_NAME", "", read::optional_text, open;
        /// Domains, with commas: whoever has an address there that the provider has verified
        /// becomes a member by signing in. Empty: only who is invited or has linked an account.
        domains: Vec<String> = "ALMANAC_OIDC_DOMAINS", "", read::domains, open;
        /// What such a member becomes: `viewer`, `editor` or `admin`.
        role: Role = "ALMANAC_OIDC_ROLE", "viewer", read::joining_role, open;
    }
}

section! {
    /// Tokens of programs that act for a person.
    Tokens = "tokens" {
        /// How long an access token is good, seconds: at most a day. Ending its session ends it
        /// at once, whatever this says.
        access_s: u64 = "ALMANAC_TOKENS_ACCESS_S", "900", read::number::<60, 86_400>, open;
    }
}

section! {
    /// Letters: links of invitations and of forgotten passwords. Without a host none are written,
    /// and links are passed on by whoever makes them.
    Mail = "mail" {
        /// Name of the server that takes mail (SMTP). Empty: no mail.
        host: Option<String> = "ALMANAC_MAIL_HOST", "", read::optional_text, open;
        /// Its port. 0: 587 with `starttls`, 465 with `tls`, 25 with `none`.
        port: u64 = "ALMANAC_MAIL_PORT", "0", read::number::<0, 65_535>, open;
        /// `starttls`: TLS from the first command on, or no mail. `tls`: TLS from the first byte.
        /// `none`: everybody on the way can read the links; for a server on this machine.
        tls: MailTls = "ALMANAC_MAIL_TLS", "starttls", read::mail_tls, open;
        /// Certificates that are trusted beside the public ones, a PEM file, for a server with a
        /// certificate of its own.
        ca_file: Option<PathBuf> = "ALMANAC_MAIL_CA_FILE", "", read::optional_path, open;
        /// Name to sign in there with. Empty: without.
        user: Option<String> = "ALMANAC_MAIL_USER", "", read::optional_text, open;
        /// Password to sign in there with. Prefer `ALMANAC_MAIL_PASSWORD_FILE`.
        password: Option<String> = "ALMANAC_MAIL_PASSWORD", "", read::optional_text, secret;
        /// Who writes, like `Almanac <almanac@stats.example>`. Needed with a host.
        from: Option<Mailbox> = "ALMANAC_MAIL_FROM", "", read::mailbox, open;
    }
}

/// The resolved configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The HTTP server.
    pub http: Http,
    /// How often one client may ask.
    pub limits: Limits,
    /// The data directory and the secret.
    pub data: Data,
    /// The queue.
    pub queue: Queue,
    /// The store.
    pub store: Store,
    /// Log lines.
    pub log: Log,
    /// Where visitors are.
    pub geo: Geo,
    /// Programs that look like people.
    pub bots: Bots,
    /// A certificate from an authority.
    pub acme: Acme,
    /// Requests that the server makes itself.
    pub outbound: Outbound,
    /// Letters.
    pub mail: Mail,
    /// Tokens of programs that act for a person.
    pub tokens: Tokens,
    /// Signing in through a provider.
    pub oidc: Oidc,
}

impl Config {
    /// Resolves every section.
    ///
    /// # Errors
    /// The first value that is wrong.
    pub fn resolve(sources: &Sources) -> Result<Self, ConfigError> {
        let config = Self {
            http: Http::resolve(sources)?,
            limits: Limits::resolve(sources)?,
            data: Data::resolve(sources)?,
            queue: Queue::resolve(sources)?,
            store: Store::resolve(sources)?,
            log: Log::resolve(sources)?,
            geo: Geo::resolve(sources)?,
            bots: Bots::resolve(sources)?,
            acme: Acme::resolve(sources)?,
            outbound: Outbound::resolve(sources)?,
            mail: Mail::resolve(sources)?,
            tokens: Tokens::resolve(sources)?,
            oidc: Oidc::resolve(sources)?,
        };
        config.acme.check(&config.http, sources)?;
        config.mail.check(sources)?;
        config.oidc.check(sources)?;
        let least = config.queue.segment_bytes.saturating_mul(2);
        if config.queue.queue_bytes_max < least {
            let reason = format!("is less than two segments, {least} bytes");
            return Err(sources.wrong("ALMANAC_QUEUE_BYTES_MAX", &reason));
        }
        Ok(config)
    }

    /// The address under which browsers reach this server, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.base_url_at(self.http.listen)
    }

    /// The address at which this server listens, as browsers write it.
    pub(crate) fn origin_at(&self, address: SocketAddr) -> String {
        let is_tls = self.http.tls_certificate.is_some() || !self.acme.hosts.is_empty();
        let scheme = if is_tls { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    /// The address under which browsers reach a server that listens there.
    pub(crate) fn base_url_at(&self, address: SocketAddr) -> String {
        self.named_url().unwrap_or_else(|| self.origin_at(address))
    }

    /// The address that somebody has named.
    fn named_url(&self) -> Option<String> {
        let of_certificate = || {
            let host = self.acme.hosts.first()?;
            Some(format!("https://{host}"))
        };
        self.http.base_url.clone().or_else(of_certificate)
    }

    /// The one name by which browsers ask, where that is known: the configured one, or this
    /// machine's where nobody else is listened to.
    pub(crate) fn own_host(&self, address: SocketAddr) -> Option<String> {
        let Some(url) = self.named_url() else {
            return address.ip().is_loopback().then(|| "localhost".to_owned());
        };
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        };
        Some(host.to_owned())
    }
}

/// The sections in the order in which people are shown them, with what each is about.
pub(super) const SECTIONS: [(&str, &[Setting]); 13] = [
    (Http::ABOUT, Http::SETTINGS),
    (Limits::ABOUT, Limits::SETTINGS),
    (Data::ABOUT, Data::SETTINGS),
    (Queue::ABOUT, Queue::SETTINGS),
    (Store::ABOUT, Store::SETTINGS),
    (Log::ABOUT, Log::SETTINGS),
    (Geo::ABOUT, Geo::SETTINGS),
    (Bots::ABOUT, Bots::SETTINGS),
    (Acme::ABOUT, Acme::SETTINGS),
    (Outbound::ABOUT, Outbound::SETTINGS),
    (Mail::ABOUT, Mail::SETTINGS),
    (Tokens::ABOUT, Tokens::SETTINGS),
    (Oidc::ABOUT, Oidc::SETTINGS),
];

/// Every setting of every section.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|(_, settings)| settings.iter())
}

impl Bots {
    /// Page views of one visitor in ten seconds that a person may have; none: any number.
    pub(crate) fn views_per_span_max(&self) -> Option<u16> {
        let most = u16::try_from(self.pageviews_per_10s_max).ok();
        most.filter(|most| *most > 0)
    }
}

impl Acme {
    /// Refuses two ways to one certificate.
    fn check(&self, http: &Http, sources: &Sources) -> Result<(), ConfigError> {
        let is_in_files = http.tls_certificate.is_some() || http.tls_key.is_some();
        if !self.hosts.is_empty() && is_in_files {
            let reason = "is set, and ALMANAC_TLS_CERTIFICATE too; a certificate comes from an \
                          authority or from files, so set one of them";
            return Err(sources.wrong("ALMANAC_ACME_HOSTS", reason));
        }
        Ok(())
    }
}

impl Mail {
    /// Refuses what cannot work together, and a password that would travel readably.
    fn check(&self, sources: &Sources) -> Result<(), ConfigError> {
        if self.host.is_some() && self.from.is_none() {
            let reason = "is not set; mail needs a sender, like Almanac <almanac@stats.example>";
            return Err(sources.wrong("ALMANAC_MAIL_FROM", reason));
        }
        if self.user.is_some() != self.password.is_some() {
            let reason = "needs the other one of name and password, or neither";
            return Err(sources.wrong("ALMANAC_MAIL_USER", reason));
        }
        if self.password.is_some() && self.tls == MailTls::None {
            let reason = "would send the password readably; choose starttls or tls";
            return Err(sources.wrong("ALMANAC_MAIL_TLS", reason));
        }
        Ok(())
    }

    /// The port that counts.
    pub(crate) fn port(&self) -> u16 {
        match (u16::try_from(self.port), self.tls) {
            (Ok(port), _) if port > 0 => port,
            (_, MailTls::StartTls) => 587,
            (_, MailTls::Tls) => 465,
            (_, MailTls::None) => 25,
        }
    }
}

impl Oidc {
    /// Refuses a provider that this instance cannot name itself to.
    fn check(&self, sources: &Sources) -> Result<(), ConfigError> {
        let missing = "is not set; the provider gives it to whoever registers an application";
        match (&self.issuer, &self.client_id, &self.client_secret) {
            (Some(_), None, _) => Err(sources.wrong("ALMANAC_OIDC_CLIENT_ID", missing)),
            (Some(_), _, None) => Err(sources.wrong("ALMANAC_OIDC_CLIENT_SECRET", missing)),
            _ => Ok(()),
        }
    }
}
