//! The catalog in PostgreSQL: how it is addressed, over which kind of connection it is spoken to,
//! and how writers wait for each other. A password is in no message and in no log.

use std::str::FromStr;

use sqlx::any::AnyConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Transaction};

use crate::error::{CatalogError, Result};

/// The lock that every write holds until it ends, whichever server it comes from: `almanac` in
/// ASCII. It is one for the whole database.
const WRITE_LOCK: i64 = 0x61_6c_6d_61_6e_61_63;

/// A commit is on the database's disk when it returns; a lock is waited for as long as on SQLite,
/// and a server that hangs in the middle of a write does not hold the others up for ever.
pub(super) const WRITER_SET_UP: &str = "SET synchronous_commit = on; SET lock_timeout = 5000; \
     SET idle_in_transaction_session_timeout = 60000;";
/// Whatever is read in one transaction is of one moment.
pub(super) const READER_SET_UP: &str = "SET default_transaction_read_only = on; \
     SET default_transaction_isolation = 'repeatable read'; SET statement_timeout = 30000;";

/// Writes the tables that people may ask to be forgotten in anew, without the rows that were
/// deleted. The database's own log and its archives keep them for as long as the operator keeps
/// those; salts are sealed in them.
pub(super) const REWRITE_DELETED: &str = "VACUUM (FULL) salts, consents";

/// Where a PostgreSQL database is, and how it is spoken to.
#[derive(Clone)]
pub struct PostgresAddress {
    options: AnyConnectOptions,
    /// Host and database, for messages.
    name: String,
    /// Whether others could listen on the way there, or answer in the database's place.
    is_open: bool,
}

impl std::fmt::Debug for PostgresAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PostgresAddress({})", self.name)
    }
}

impl std::fmt::Display for PostgresAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl PostgresAddress {
    /// Reads `postgres://user@host:port/database`, with what libpq knows behind the question mark:
    /// `sslmode`, `sslrootcert`, `host` for the folder of a socket. Unless `sslmode` says
    /// otherwise, the certificate of a database on another machine is checked (`verify-full`).
    /// The password is in the address or given beside it.
    ///
    /// # Errors
    /// The text is no such address, or there are two passwords. The text is not repeated.
    pub fn parse(text: &str, password: Option<&str>) -> Result<Self> {
        let refused = |reason: &str| CatalogError::invalid("catalog", reason);
        let remedy = "is no address; write one like postgres://almanac@db.example/almanac";
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(refused(remedy));
        }
        let mut options = AnyConnectOptions::from_str(text).map_err(|_| refused(remedy))?;
        let url = &mut options.database_url;
        let parameter = |name: &str| {
            let pairs = url.query_pairs();
            let mut found = pairs.filter(|(key, _)| key == name);
            found.next().map(|(_, value)| value.into_owned())
        };
        let host = parameter("hostaddr")
            .or_else(|| parameter("host"))
            .or_else(|| url.host_str().map(str::to_owned))
            .unwrap_or_default();
        let mode = parameter("sslmode").or_else(|| parameter("ssl-mode"));
        let has_password = url.password().is_some() || parameter("password").is_some();
        let database = url.path().trim_start_matches('/').to_owned();
        if let Some(password) = password {
            if has_password {
                return Err(refused(
                    "has a password, and one is given beside it; keep one",
                ));
            }
            url.set_password(Some(password)).map_err(|()| {
                refused("names no host that a password could be for; name user and host")
            })?;
        }
        match mode.as_deref() {
            _ if is_local(&host) => {}
            None => {
                url.query_pairs_mut().append_pair("sslmode", "verify-full");
            }
            Some(_) => {}
        }
        Ok(Self {
            is_open: !is_local(&host) && mode.is_some_and(|mode| !mode.starts_with("verify")),
            name: format!("{host}/{database}"),
            options,
        })
    }

    /// How to connect, tried once: a pool would try again and again and not say why.
    pub(super) async fn options(&self) -> Result<AnyConnectOptions> {
        sqlx::any::install_default_drivers();
        if self.is_open {
            let remedy = "say sslmode=verify-full in ALMANAC_CATALOG";
            tracing::warn!(address = %self.name, remedy, "the catalog's connection is not safe");
        }
        let options = self.options.clone();
        let connecting = AnyConnection::connect_with(&options);
        let tried = tokio::time::timeout(crate::limits::ACQUIRE_TIME_MAX, connecting);
        let refused = |source| CatalogError::Unreachable {
            address: self.name.clone(),
            source,
        };
        match tried.await {
            Ok(Ok(connection)) => {
                connection.close().await.map_err(refused)?;
                Ok(options)
            }
            Ok(Err(error)) => Err(refused(error)),
            Err(_) => Err(refused(sqlx::Error::PoolTimedOut)),
        }
    }
}

/// Whether a host is this machine: a socket's folder, a loopback address or its name, or nothing.
fn is_local(host: &str) -> bool {
    let is_socket = host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = bare
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    host.is_empty() || host == "localhost" || is_socket || is_loopback
}

pub(super) async fn begin(writer: &AnyPool) -> Result<Transaction<'static, Any>> {
    let mut tx = writer.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(WRITE_LOCK)
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> String {
        let address = PostgresAddress::parse(text, None).unwrap();
        address.options.database_url.to_string()
    }

    #[test]
    fn certificates_of_other_machines_are_checked_unless_somebody_says_otherwise() {
        for host in ["db.example", "10.0.0.7:5433", "[2001:db8::1]"] {
            let text = format!("postgres://almanac@{host}/almanac");
            assert_eq!(parsed(&text), format!("{text}?sslmode=verify-full"));
        }
        for text in [
            "postgres://almanac@localhost/almanac",
            "postgres://almanac@127.0.0.1:5433/almanac",
            "postgres://almanac@[::1]/almanac",
            "postgresql:///almanac?host=/run/postgresql",
            "postgres://almanac@%2Frun%2Fpostgresql/almanac",
            "postgres://almanac@db.example/almanac?sslmode=disable",
            "postgres://almanac@db.example/almanac?sslmode=verify-ca",
        ] {
            assert_eq!(parsed(text), text);
        }
        // What the address says is not what is connected to.
        let text = "postgres://almanac@localhost/almanac?host=db.example";
        assert_eq!(parsed(text), format!("{text}&sslmode=verify-full"));
    }

    #[test]
    fn a_password_is_given_once_and_shown_never() {
        let address = "postgres://almanac@db.example/almanac";
        let given = PostgresAddress::parse(address, Some("p@ss:/?#")).unwrap();
        let url = &given.options.database_url;
        assert_eq!(url.password(), Some("p%40ss%3A%2F%3F%23"));
        assert_eq!(format!("{given:?}"), "PostgresAddress(db.example/almanac)");
        assert_eq!(given.to_string(), "db.example/almanac");
        for text in [
            "postgres://almanac:hidden@db.example/almanac",
            "postgres://almanac@db.example/almanac?password=hidden",
        ] {
            let refused = PostgresAddress::parse(text, Some("other")).unwrap_err();
            assert!(!refused.to_string().contains("hidden"), "{refused}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for text in [
            "",
            "mysql://root:hidden@db/x",
            "hidden",
            "postgres://a:hidden@[x/y",
        ] {
            let refused = PostgresAddress::parse(text, None).unwrap_err().to_string();
            assert!(refused.contains("write one like"), "{refused}");
            assert!(!refused.contains("hidden"), "{refused}");
        }
    }
}
