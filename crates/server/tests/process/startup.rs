//! A server that cannot start says why and what to do, with an exit code that scripts may rely on;
//! and no command shows a secret.

use std::process::{Command, Output};

use serde_json::Value;

use crate::almanac;

fn assert_refused(mut command: Command, code: i32, words: &[&str]) {
    let output = command.output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing: {said}");
    }
}

#[test]
fn a_taken_port_is_named_with_the_variable_that_chooses_another() {
    let server = almanac().start();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let address = server.address().to_string();
    let mut command = server.command(&["serve"]);
    command
        .env("ALMANAC_DATA_DIR", elsewhere.path())
        .env("ALMANAC_LISTEN", &address);
    assert_refused(command, 10, &[&address, "ALMANAC_LISTEN"]);
}

#[test]
fn a_directory_in_use_is_refused_and_left_alone() {
    let mut server = almanac().start();
    let project = server.add_project("shop.example");
    let mut command = server.command(&["serve"]);
    command.env("ALMANAC_LISTEN", "127.0.0.1:0");
    let directory = server.data_dir().display().to_string();
    assert_refused(command, 8, &[&directory]);
    // The first server still announces itself and still works.
    assert!(server.data_dir().join("server.json").exists());
    assert_eq!(server.events(&project), 0);
}

#[test]
fn failures_are_json_where_json_is_asked_for() {
    let server = almanac().start();
    let output: Output = server.run(&["project", "add", "--name", "a", "--host", "", "--json"]);
    assert_eq!(output.status.code(), Some(5));
    let said: Value = serde_json::from_slice(&output.stderr).expect("an error in JSON");
    assert!(said["error"].is_string(), "{said}");
}

#[test]
fn a_command_line_that_cannot_be_read_is_told_in_json_too() {
    let server = almanac().start();
    let output = server
        .command(&["query", "--projct", "1", "--json"])
        .output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let said: Value = serde_json::from_slice(&output.stderr).expect("an error in JSON");
    assert_eq!(said["code"], "usage");
    assert!(
        said["error"]
            .as_str()
            .is_some_and(|text| text.contains("--projct"))
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let server = almanac().start();
    let mut command = server.command(&["config", "show"]);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command.stdout(writer).output().expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""));
}

#[test]
fn the_configuration_is_shown_without_its_secrets() {
    let server = almanac().start();
    let secret = "0123456789-correct-horse-battery-staple";
    for arguments in [&["config", "show"][..], &["config", "show", "--json"]] {
        let mut command = server.command(arguments);
        command.env("ALMANAC_SECRET", secret);
        let output = command.output().expect("the program runs");
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        assert!(output.status.success(), "{all}");
        assert!(all.contains("ALMANAC_SECRET"), "{all}");
        assert!(!all.contains(secret), "{all}");
    }
}
