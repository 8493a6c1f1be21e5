//! Commands as they are typed, against a catalog in a temporary directory.

use std::sync::Arc;

use almanac_model::Instant;
use serde_json::Value;

use super::{Command, ExitCode, Failure, Output, World, parse, run};
use crate::config::{self, Environment};

const PASSWORD: &str = "a quiet evening";

/// A data directory, and what surrounds a command.
struct Desk {
    directory: tempfile::TempDir,
    variables: Vec<(String, String)>,
    input: &'static str,
}

fn desk() -> Desk {
    Desk {
        directory: tempfile::tempdir().unwrap(),
        variables: Vec::new(),
        input: "",
    }
}

impl Desk {
    /// Types a command, words split at spaces, and gives what it prints.
    async fn types(&self, line: &str) -> Result<String, Failure> {
        let path = self.directory.path().to_str().unwrap().to_owned();
        let words = line.split(' ').map(str::to_owned);
        let cli = parse(words.chain(["--data-dir".to_owned(), path])).unwrap();
        let environment: Environment = self.variables.iter().cloned().collect();
        let (config, sources) = config::load(&environment, &cli.flags())?;
        let Command::Local(command) = &cli.command else {
            panic!("{line} is not local")
        };
        let mut printed = Vec::new();
        let mut world = World {
            config,
            sources,
            environment,
            clock: Arc::new(|| Instant::from_seconds(1_800_000_000)),
            input: &mut self.input.as_bytes(),
            output: Output {
                as_json: cli.json,
                to: &mut printed,
            },
        };
        run(command, &mut world).await?;
        Ok(String::from_utf8(printed).unwrap())
    }

    /// Makes the instance that commands which look want to find.
    async fn set_up(&self) {
        let add = "almanac user add --email ada@shop.example";
        self.types(add).await.unwrap();
    }

    async fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.types(&format!("{line} --json")).await.unwrap()).unwrap()
    }

    async fn refuses(&self, line: &str) -> (ExitCode, String) {
        let failure = self.types(line).await.unwrap_err();
        (failure.code, failure.message)
    }
}

#[tokio::test]
async fn a_project_and_its_keys_live_from_add_to_revoke() {
    let desk = desk();
    let add = "almanac project add --name Shop --host www.shop.example --time-zone Europe/Berlin";
    let project = desk.json(add).await["project"].clone();
    assert_eq!(project["id"], "1");
    assert_eq!(project["domain"], "shop.example");
    assert_eq!(project["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(
        desk.json("almanac project list").await["projects"][0],
        project
    );

    let key = desk
        .json("almanac key add --project shop.example --scope stats")
        .await;
    let prefix = key["prefix"].as_str().unwrap();
    assert!(
        key["key"]
            .as_str()
            .unwrap()
            .starts_with(&format!("alm_s_{prefix}_"))
    );
    let listed = desk.json("almanac key list --project 1").await;
    assert_eq!(listed["keys"][0]["prefix"], prefix);
    assert!(listed["keys"][0].get("key").is_none());

    let revoke = format!("almanac key revoke {prefix}");
    assert_eq!(desk.types(&revoke).await.unwrap(), "key 1 is revoked\n");
    let table = desk.types("almanac key list").await.unwrap();
    assert!(
        table
            .lines()
            .nth(1)
            .unwrap()
            .ends_with("revoked 2027-01-15T08:00:00Z"),
        "{table}"
    );
}

#[tokio::test]
async fn a_password_comes_from_input_file_or_environment_or_is_made_and_told() {
    let mut desk = desk();
    desk.input = "a quiet evening\nmore\n";
    let given = desk
        .json("almanac user add --email a@b.example --password-stdin")
        .await;
    assert!(given.get("password").is_none());

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{PASSWORD}\n")).unwrap();
    let path = file.path().to_str().unwrap();
    let line = format!("almanac user add --email c@b.example --password-file {path}");
    assert!(desk.json(&line).await.get("password").is_none());

    let made = desk
        .json("almanac user add --email d@b.example --role owner")
        .await;
    assert_eq!(made["password"].as_str().unwrap().len(), 24);

    desk.variables = vec![("ALMANAC_PASSWORD".into(), "short".into())];
    let (code, message) = desk.refuses("almanac user add --email e@b.example").await;
    assert_eq!(code, ExitCode::Invalid);
    assert_eq!(message, "password: has 5 characters, at least 8 are needed");
    let users = desk.types("almanac user list").await.unwrap();
    assert_eq!(users.lines().count(), 4, "{users}");
}

#[tokio::test]
async fn the_first_user_without_a_role_becomes_the_owner_and_the_next_a_viewer() {
    let desk = desk();
    let role = async |flags: &str| {
        let added = desk
            .json(&format!("almanac user add --email {flags}"))
            .await;
        added["user"]["role"].as_str().unwrap().to_owned()
    };
    assert_eq!(role("a@b.example --role editor").await, "editor");
    assert_eq!(role("c@b.example").await, "owner");
    assert_eq!(role("d@b.example").await, "viewer");
    let (code, message) = desk
        .refuses("almanac user add --email e@b.example --role king")
        .await;
    assert_eq!(code, ExitCode::Usage);
    assert!(
        message.starts_with("role \"king\" is none of owner"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_wrong_has_its_code_and_says_what_to_do() {
    let desk = desk();
    desk.set_up().await;
    let none = desk
        .refuses("almanac key add --project shop.example --scope stats")
        .await;
    let message = "there is no project \"shop.example\"; add one with `almanac project add`";
    assert_eq!(none, (ExitCode::NotFound, message.to_owned()));

    let add = "almanac project add --name Shop --host shop.example";
    desk.types(add).await.unwrap();
    assert_eq!(desk.refuses(add).await.0, ExitCode::Taken);
    let (code, message) = desk
        .refuses("almanac key add --project 7 --scope stats")
        .await;
    assert_eq!(code, ExitCode::NotFound);
    assert!(message.ends_with("there are: shop.example"), "{message}");
    let zone = "almanac project add --name A --host a.example --time-zone Mars";
    assert_eq!(desk.refuses(zone).await.0, ExitCode::Invalid);
    let scope = desk
        .refuses("almanac key add --project 1 --scope all")
        .await;
    assert_eq!(
        scope,
        (
            ExitCode::Usage,
            "scope \"all\" is none of ingest, stats:read, project:write, admin".to_owned()
        )
    );
    assert_eq!(
        desk.refuses("almanac key revoke 9").await.0,
        ExitCode::NotFound
    );
}

#[tokio::test]
async fn an_unusable_data_directory_is_named() {
    let mut desk = desk();
    desk.variables = vec![("ALMANAC_SECRET".into(), "too short".into())];
    assert_eq!(
        desk.refuses("almanac user add --email ada@shop.example")
            .await
            .0,
        ExitCode::Configuration
    );
    desk.variables.clear();
    let file = desk.directory.path().join("file");
    std::fs::write(&file, "").unwrap();
    let data = config::load(
        &Environment::default(),
        &[("ALMANAC_DATA_DIR", file.to_str().unwrap().to_owned())],
    );
    let failure = super::open_catalog(&data.unwrap().0.data)
        .await
        .unwrap_err();
    assert_eq!(failure.code, ExitCode::DataDirectory);
    assert!(
        failure.message.contains(file.to_str().unwrap()),
        "{failure}"
    );
}

#[tokio::test]
async fn a_misspelt_data_directory_is_no_new_instance() {
    for command in [
        "user list",
        "project list",
        "key add --project 1 --scope stats",
    ] {
        let desk = desk();
        let (code, message) = desk.refuses(&format!("almanac {command}")).await;
        assert_eq!(code, ExitCode::DataDirectory, "{message}");
        assert!(message.contains("there is no data in"), "{message}");
        let left = std::fs::read_dir(desk.directory.path()).unwrap().count();
        assert_eq!(left, 0, "{command}");
    }
}

#[tokio::test]
async fn the_configuration_is_shown_with_the_flag_as_origin() {
    let desk = desk();
    let shown = desk.json("almanac config show").await;
    assert_eq!(shown["data"]["dir"]["origin"], "flag --data-dir");
    assert_eq!(shown["http"]["listen"]["value"], "127.0.0.1:8000");
    let text = desk.types("almanac config show").await.unwrap();
    assert!(
        text.starts_with("[http]\nlisten = \"127.0.0.1:8000\""),
        "{text}"
    );
}

#[tokio::test]
async fn an_empty_list_says_what_to_do() {
    let desk = desk();
    desk.set_up().await;
    let text = desk.types("almanac project list").await.unwrap();
    assert!(text.starts_with("no projects yet; add one with"), "{text}");
    assert_eq!(
        desk.json("almanac project list").await["projects"],
        serde_json::json!([])
    );
}

#[test]
fn a_failure_is_a_line_for_people_and_an_object_for_programs() {
    let failure = Failure::new(ExitCode::NotFound, "there is no project \"x\"");
    let told = |as_json| {
        let mut bytes = Vec::new();
        failure.tell(as_json, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(told(false), "error: there is no project \"x\"\n");
    let object: Value = serde_json::from_str(&told(true)).unwrap();
    assert_eq!(object["code"], "not_found");
    assert_eq!(object["exit_code"], 3);
}

#[test]
fn every_exit_code_is_in_the_help_once() {
    let help = super::exit_code::EXIT_CODES_HELP;
    for code in ExitCode::ALL {
        let start = format!("{} ", code.number());
        let lines = help
            .lines()
            .filter(|line| line.trim_start().starts_with(&start));
        assert_eq!(lines.count(), 1, "{code:?}");
    }
}

#[test]
fn the_definition_of_the_command_line_holds_together() {
    use clap::CommandFactory;
    super::Cli::command().debug_assert();
}

#[tokio::test]
async fn a_drop_rule_lives_from_add_to_remove() {
    let desk = desk();
    let add = "almanac project add --name Shop --host shop.example --time-zone UTC";
    desk.types(add).await.unwrap();
    let add = "almanac drop-rule add --project shop.example --kind";
    let rule = desk
        .json(&format!("{add} ip_range --value 192.0.2.0/24"))
        .await;
    let list = desk.json("almanac drop-rule list --project 1").await;
    assert_eq!(list["drop_rules"][0], rule);
    let (code, message) = desk.refuses(&format!("{add} colour --value red")).await;
    assert_eq!(code, ExitCode::Usage);
    assert_eq!(
        message,
        r#"kind "colour" is none of path, country, ip_range, signal, personal_data, bot"#
    );
    let (code, _) = desk
        .refuses(&format!("{add} country --value Germany"))
        .await;
    assert_eq!(code, ExitCode::Invalid);
    let id = rule["id"].as_str().unwrap();
    let remove = format!("almanac drop-rule remove --project 1 {id}");
    desk.types(&remove).await.unwrap();
    assert_eq!(desk.refuses(&remove).await.0, ExitCode::NotFound);
}

#[tokio::test]
async fn an_operator_helps_members_and_the_log_says_so() {
    let desk = desk();
    desk.set_up().await;
    let bob = "--email bob@shop.example";
    desk.types(&format!("almanac user add {bob} --role viewer"))
        .await
        .unwrap();
    let changed = desk
        .json(&format!(
            "almanac user change {bob} --role editor --switch off"
        ))
        .await;
    assert_eq!(changed["user"]["role"], "editor");
    assert_eq!(changed["user"]["disabled_at"], "2027-01-15T08:00:00Z");
    let (code, _) = desk.refuses(&format!("almanac user reset {bob}")).await;
    assert_eq!(
        code,
        ExitCode::NotFound,
        "switched off, so not to be helped in"
    );
    desk.types(&format!("almanac user change {bob} --switch on"))
        .await
        .unwrap();
    let link = desk
        .types(&format!("almanac user reset {bob}"))
        .await
        .unwrap();
    assert!(
        link.starts_with("http://127.0.0.1:8000/reset#token="),
        "{link}"
    );
    let ended = desk.json(&format!("almanac user end-sessions {bob}")).await;
    assert_eq!(ended["ended"], 0);
    let last = "almanac user remove --email ada@shop.example";
    let (code, message) = desk.refuses(last).await;
    assert_eq!(code, ExitCode::Failed);
    assert!(message.contains("last owner"), "{message}");
    desk.types(&format!("almanac user remove {bob}"))
        .await
        .unwrap();

    let log = desk
        .json("almanac audit list --action user --limit 3")
        .await;
    let entries = log["entries"].as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["user.remove", "user.change", "user.change"]);
    assert_eq!(entries[0]["actor"], "command line");
    let head = desk.json("almanac audit verify").await["head"].clone();
    let head = head.as_str().unwrap();
    desk.types(&format!("almanac audit verify --head {head}"))
        .await
        .unwrap();
    let (code, _) = desk.refuses("almanac audit verify --head 0f1e").await;
    assert_eq!(code, ExitCode::Failed);
}

#[tokio::test]
async fn a_key_may_have_an_end_or_be_of_the_whole_instance() {
    let desk = desk();
    let add = "almanac project add --name Shop --host shop.example";
    desk.types(add).await.unwrap();
    let line = "almanac key add --project 1 --scope project:write --expires-in 30";
    let key = desk.json(line).await;
    assert_eq!(key["expires_at"], "2027-02-14T08:00:00Z");
    assert!(key["key"].as_str().unwrap().starts_with("alm_w_"));
    let admin = desk
        .json("almanac key add --admin --name provisioning")
        .await;
    assert!(admin["project"].is_null());
    assert_eq!(admin["scope"], "admin");
    let (code, _) = desk
        .refuses("almanac key add --project 1 --scope admin")
        .await;
    assert_eq!(code, ExitCode::Invalid);
    let (code, _) = desk
        .refuses("almanac key add --project 1 --scope stats --expires-in 0")
        .await;
    assert_eq!(code, ExitCode::Invalid);
}
