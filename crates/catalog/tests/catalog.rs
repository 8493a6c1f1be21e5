//! The catalog on a real database in a temporary directory, each noun in its own file.

#[cfg(test)]
mod catalog {
    mod accounts;
    mod audit;
    mod consents;
    mod events;
    mod files;
    mod fixture;
    mod keys;
    mod members;
    mod projects;
    mod retention;
    mod saved;
    mod second_factors;
    mod tokens;
    mod trainings;
    mod visibility;
}
