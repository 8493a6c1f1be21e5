//! The catalog on a real database in a temporary directory, each noun in its own file.

#[cfg(test)]
mod catalog {
    mod accounts;
    mod events;
    mod files;
    mod fixture;
    mod keys;
    mod projects;
    mod saved;
    mod trainings;
}
