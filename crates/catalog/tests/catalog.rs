//! The catalog as a file in a temporary directory, each noun in its own file. `tests/postgres.rs`
//! runs the same files on the other database.

#[cfg(test)]
mod catalog {
    mod accounts;
    mod audit;
    mod consents;
    #[path = "database/sqlite.rs"]
    mod database;
    mod events;
    mod files;
    mod fixture;
    mod injection;
    mod keys;
    mod members;
    mod migrations;
    mod projects;
    mod retention;
    mod saved;
    mod second_factors;
    mod tokens;
    mod trainings;
    mod verifications;
    mod visibility;
}
