//! The catalog in PostgreSQL: every file of `tests/catalog.rs` but the one about files, on a server
//! that each test starts for itself.

#[cfg(test)]
#[cfg(unix)]
#[path = "catalog"]
mod postgres {
    mod accounts;
    mod audit;
    mod consents;
    #[path = "database/postgres.rs"]
    mod database;
    mod events;
    mod fixture;
    mod injection;
    mod keys;
    mod members;
    mod migrations;
    mod outages;
    mod projects;
    mod retention;
    mod saved;
    mod second_factors;
    mod tokens;
    mod trainings;
    mod verifications;
    mod visibility;
}
