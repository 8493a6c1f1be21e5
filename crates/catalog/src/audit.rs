//! The audit log: who did what to whom, when, roughly from where, with what was before and after.
//! Entries are only ever added, in the transaction of the change that they tell of, and each one's
//! hash covers the entry before it. It holds no address, no password and no key.
//!
//! The hash is keyed with the instance's secret. Somebody who can write the database but does not
//! know the secret can neither change nor leave out an entry without [`verify`] noticing; cutting
//! off the newest entries shows when a head that was noted elsewhere is not found any more.

use almanac_model::Instant;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::catalog::{Catalog, next_id};
use crate::error::{CatalogError, Result};
use crate::limits;
use crate::user::{User, UserId};

/// What the first entry follows.
const BEGINNING: &str = "";

/// On whose behalf something happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `user 3`, `key 1f2e3d4c5b6a`, `command line`, `server` or `nobody`.
    pub who: String,
    /// How people call it: an e-mail address, or the name of a key.
    pub name: String,
    /// A country's two letters, or nothing. Never an address.
    pub place: String,
}

impl Actor {
    /// A person who is signed in.
    pub fn user(user: &User, place: &str) -> Self {
        Self::new(format!("user {}", user.id.0), &user.email, place)
    }

    /// A program with a key.
    pub fn key(prefix: &str, name: &str, place: &str) -> Self {
        Self::new(format!("key {prefix}"), name, place)
    }

    /// Somebody who has not said who it is.
    pub fn nobody(place: &str) -> Self {
        Self::new("nobody".to_owned(), "", place)
    }

    /// Somebody with a shell on the machine of the data directory.
    pub fn command_line() -> Self {
        Self::new("command line".to_owned(), "", "")
    }

    /// The program itself.
    pub fn server() -> Self {
        Self::new("server".to_owned(), "", "")
    }

    fn new(who: String, name: &str, place: &str) -> Self {
        let (name, place) = (name.to_owned(), place.to_owned());
        Self { who, name, place }
    }
}

/// What happened, in the words of the log.
#[derive(Debug, Clone)]
pub struct Deed<'a> {
    /// Noun and verb: `user.add`, `key.revoke`.
    pub action: &'static str,
    /// What it happened to: `user 3`, `project 1`.
    pub subject: &'a str,
    /// What was there before; null where there was nothing.
    pub before: Value,
    /// What is there now; null where nothing is.
    pub after: Value,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1 without a hole.
    pub id: i64,
    /// When.
    pub at: Instant,
    /// Who, and roughly from where.
    pub actor: Actor,
    /// Noun and verb.
    pub action: String,
    /// What it happened to.
    pub subject: String,
    /// JSON, or empty.
    pub before: String,
    /// JSON, or empty.
    pub after: String,
    /// Over all of this and the hash before it, hexadecimal.
    pub hash: String,
}

/// Which entries are looked for; what is empty or none matters not.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Part of who or of the name.
    pub actor: String,
    /// The action, or its beginning: `key` finds `key.add`.
    pub action: String,
    /// The subject: `user 3`.
    pub subject: String,
    /// Not older than this.
    pub since: Option<Instant>,
    /// Older than this.
    pub until: Option<Instant>,
    /// Only entries before that one, to read on.
    pub before_id: Option<i64>,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Entries that were checked.
    pub entries: i64,
    /// The hash of the newest one: note it elsewhere, to prove later that nothing was cut off.
    pub head: String,
    /// The first entry that is not what was written, and why.
    pub broken: Option<(i64, String)>,
    /// Whether the head that was asked for was found; none when none was.
    pub has_known_head: Option<bool>,
}

/// Adds an entry about an account inside the transaction of the change.
pub(crate) async fn note_user(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    (action, user, after): (&'static str, UserId, Value),
    now: Instant,
) -> Result<()> {
    let subject = format!("user {}", user.0);
    let deed = Deed {
        action,
        subject: &subject,
        before: Value::Null,
        after,
    };
    note(tx, catalog, deed, now).await
}

/// Adds an entry inside the transaction of the change.
pub(crate) async fn note(
    tx: &mut Transaction<'static, Any>,
    catalog: &Catalog,
    deed: Deed<'_>,
    now: Instant,
) -> Result<()> {
    let id = next_id(tx, "audit").await?;
    let previous: Option<String> =
        sqlx::query_scalar("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")
            .fetch_optional(&mut **tx)
            .await?;
    let mut entry = Entry {
        id,
        at: now,
        actor: (*catalog.actor).clone(),
        action: deed.action.to_owned(),
        subject: deed.subject.to_owned(),
        before: text(&deed.before),
        after: text(&deed.after),
        hash: String::new(),
    };
    entry.hash = hash(catalog, &entry, previous.as_deref().unwrap_or(BEGINNING));
    sqlx::query(
        "INSERT INTO audit (id, at, actor, actor_name, place, action, subject, before_text, \
         after_text, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(now.0)
    .bind(&entry.actor.who)
    .bind(&entry.actor.name)
    .bind(&entry.actor.place)
    .bind(&entry.action)
    .bind(&entry.subject)
    .bind(&entry.before)
    .bind(&entry.after)
    .bind(&entry.hash)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds an entry for something that changes nothing in the catalog, such as a refused sign-in.
///
/// # Errors
/// The database failed.
pub async fn record(catalog: &Catalog, deed: Deed<'_>, now: Instant) -> Result<()> {
    let mut tx = catalog.write().await?;
    note(&mut tx, catalog, deed, now).await?;
    Ok(tx.commit().await?)
}

/// The entries that the filter lets through, newest first, `limit` (1 to 1,000) at most.
///
/// # Errors
/// `Invalid` for a text with U+0000 in it, where SQLite would end it and PostgreSQL refuse it.
pub async fn list(catalog: &Catalog, filter: &Filter, limit: i64) -> Result<Vec<Entry>> {
    let texts = [
        ("actor", &filter.actor),
        ("action", &filter.action),
        ("subject", &filter.subject),
    ];
    if let Some((field, _)) = texts.iter().find(|(_, text)| text.contains('\0')) {
        return Err(CatalogError::invalid(
            field,
            "holds the character U+0000; leave it out",
        ));
    }
    sqlx::query(
        // Lower case on both sides by the same hand: LIKE itself minds case on PostgreSQL only.
        "SELECT * FROM audit WHERE ($1 = '' OR LOWER(actor) LIKE LOWER($2) ESCAPE '~' \
         OR LOWER(actor_name) LIKE LOWER($2) ESCAPE '~') \
         AND ($3 = '' OR LOWER(action) LIKE LOWER($4) ESCAPE '~') \
         AND ($5 = '' OR subject = $5) AND at >= $6 AND at < $7 AND id < $8 \
         ORDER BY id DESC LIMIT $9",
    )
    .bind(&filter.actor)
    .bind(format!("%{}%", literal(&filter.actor)))
    .bind(&filter.action)
    .bind(format!("{}%", literal(&filter.action)))
    .bind(&filter.subject)
    .bind(filter.since.map_or(i64::MIN, |since| since.0))
    .bind(filter.until.map_or(i64::MAX, |until| until.0))
    .bind(filter.before_id.unwrap_or(i64::MAX))
    .bind(limit.clamp(1, limits::AUDIT_PAGE_MAX))
    .fetch_all(catalog.readers())
    .await?
    .iter()
    .map(from_row)
    .collect()
}

/// Computes every hash again, oldest first. `known_head` is a head that was noted earlier.
///
/// # Errors
/// The database failed. What is wrong with the log itself is in the verdict.
pub async fn verify(catalog: &Catalog, known_head: Option<&str>) -> Result<Verdict> {
    let mut verdict = Verdict {
        entries: 0,
        head: BEGINNING.to_owned(),
        broken: None,
        has_known_head: known_head.map(|head| head == BEGINNING),
    };
    // One reading transaction, so that entries and their number are of the same moment.
    let mut tx = catalog.readers().begin().await?;
    let given: i64 = sqlx::query_scalar("SELECT next - 1 FROM sequences WHERE noun = 'audit'")
        .fetch_one(&mut *tx)
        .await?;
    loop {
        let rows = sqlx::query("SELECT * FROM audit WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(verdict.entries)
            .bind(limits::AUDIT_PAGE_MAX)
            .fetch_all(&mut *tx)
            .await?;
        for row in &rows {
            let entry = from_row(row)?;
            if let Some(reason) = fault(catalog, &entry, &verdict) {
                verdict.broken = Some((entry.id, reason));
                return Ok(verdict);
            }
            verdict.entries = entry.id;
            if known_head == Some(entry.hash.as_str()) {
                verdict.has_known_head = Some(true);
            }
            verdict.head = entry.hash;
        }
        if rows.is_empty() {
            break;
        }
    }
    tx.rollback().await?;
    if verdict.entries != given {
        let reason = format!("the log ends here, but {given} entries were written");
        verdict.broken = Some((verdict.entries, reason));
    }
    Ok(verdict)
}

fn fault(catalog: &Catalog, entry: &Entry, so_far: &Verdict) -> Option<String> {
    let expected = so_far.entries + 1;
    if entry.id != expected {
        return Some(format!("entry {expected} is missing"));
    }
    (entry.hash != hash(catalog, entry, &so_far.head)).then(|| {
        "the entry, or the one before it, is not what was written, or the instance's secret is \
         another one"
            .to_owned()
    })
}

/// The length goes before each field, so that no text can move from one field into the next.
fn hash(catalog: &Catalog, entry: &Entry, previous: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&catalog.secret.hash_key("audit log"));
    let (id, at) = (entry.id.to_string(), entry.at.0.to_string());
    let fields = [
        previous,
        &id,
        &at,
        &entry.actor.who,
        &entry.actor.name,
        &entry.actor.place,
        &entry.action,
        &entry.subject,
        &entry.before,
        &entry.after,
    ];
    for field in fields {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A text whose wildcards are ordinary characters.
fn literal(text: &str) -> String {
    text.replace('~', "~~")
        .replace('%', "~%")
        .replace('_', "~_")
}

fn from_row(row: &AnyRow) -> Result<Entry> {
    Ok(Entry {
        id: row.try_get("id")?,
        at: Instant(row.try_get("at")?),
        actor: Actor {
            who: row.try_get("actor")?,
            name: row.try_get("actor_name")?,
            place: row.try_get("place")?,
        },
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        before: row.try_get("before_text")?,
        after: row.try_get("after_text")?,
        hash: row.try_get("hash")?,
    })
}
