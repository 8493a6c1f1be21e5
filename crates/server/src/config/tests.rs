//! Precedence, refusals and what is shown, through the one entry `load`.

use super::{ConfigError, Environment, Origin, load, reference, shown_json, shown_text};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A file with that text, and the environment that names it beside other pairs.
fn with_file(text: &str, pairs: &[(&str, &str)]) -> (tempfile::NamedTempFile, Environment) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let named = [("ALMANAC_CONFIG", file.path().to_str().unwrap())];
    let all = [&named[..], pairs].concat();
    let with_path = environment(&all);
    (file, with_path)
}

#[track_caller]
fn check_refused(file: &str, pairs: &[(&str, &str)], expected: &str) {
    let (path, environment) = with_file(file, pairs);
    let message = load(&environment, &[]).unwrap_err().to_string();
    let message = message.replace(path.path().to_str().unwrap(), "almanac.toml");
    assert_eq!(message, expected);
}

#[test]
fn without_any_source_the_defaults_count() {
    let (config, sources) = load(&Environment::default(), &[]).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8000");
    assert_eq!(config.base_url(), "http://127.0.0.1:8000");
    assert_eq!(config.data.dir.to_str(), Some("almanac-data"));
    assert_eq!(config.queue.queue_bytes_max, 4 << 30);
    assert_eq!(
        sources.origin("ALMANAC_LISTEN"),
        Origin::Default("ALMANAC_LISTEN")
    );
}

#[test]
fn a_flag_beats_a_variable_beats_the_file_beats_the_default() {
    let file = "[http]\nlisten = \"127.0.0.1:1\"\nconnections_max = 1\nbody_bytes_max = 2048\n\
                trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n";
    let pairs = [
        ("ALMANAC_LISTEN", "127.0.0.1:2"),
        ("ALMANAC_CONNECTIONS_MAX", "2"),
    ];
    let (_file, environment) = with_file(file, &pairs);
    let flags = [("ALMANAC_LISTEN", "127.0.0.1:3".to_owned())];
    let (config, sources) = load(&environment, &flags).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.http.connections_max, 2);
    assert_eq!(config.http.body_bytes_max, 2048);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(
        sources.origin("ALMANAC_LISTEN").to_string(),
        "flag --listen"
    );
    let variable = sources.origin("ALMANAC_CONNECTIONS_MAX").to_string();
    assert_eq!(variable, "variable ALMANAC_CONNECTIONS_MAX");
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let environment = environment(&[("ALMANAC_LISTEN", "")]);
    assert_eq!(load(&environment, &[]).unwrap().0.http.listen.port(), 8000);
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_remedy() {
    check_refused(
        "",
        &[("ALMANAC_LISTEN", "8000")],
        r#"variable ALMANAC_LISTEN: "8000" is no address; write one like 127.0.0.1:8000"#,
    );
    check_refused(
        "[queue]\ndurability = \"maybe\"",
        &[],
        r#"almanac.toml: queue.durability: "maybe" is neither strict nor relaxed"#,
    );
    check_refused(
        "[queue]\nqueue_bytes_max = \"100 MiB\"",
        &[],
        "almanac.toml: queue.queue_bytes_max: \"100 MiB\" is less than two segments, \
         134217728 bytes",
    );
    check_refused(
        "",
        &[("ALMANAC_CONNECTIONS_MAX", "0")],
        "variable ALMANAC_CONNECTIONS_MAX: \"0\" is no whole number from 1 to 1000000",
    );
    check_refused(
        "",
        &[("ALMANAC_TRUSTED_PROXIES", "10.0.0.0/8,proxy")],
        "variable ALMANAC_TRUSTED_PROXIES: \"10.0.0.0/8,proxy\" holds \"proxy\", no network; \
         write ones like 10.0.0.0/8, 192.0.2.7",
    );
    check_refused(
        "",
        &[("ALMANAC_BASE_URL", "stats.example")],
        "variable ALMANAC_BASE_URL: \"stats.example\" is no base address; \
         write one like https://stats.example",
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_one() {
    check_refused(
        "[http]\nlisen = \"127.0.0.1:1\"",
        &[],
        r#"almanac.toml: there is no setting "http.lisen"; did you mean listen in [http]?"#,
    );
    check_refused(
        "listen = \"127.0.0.1:1\"",
        &[],
        r#"almanac.toml: there is no setting "listen"; did you mean listen in [http]?"#,
    );
    check_refused(
        "[zzz]\nqqq = 1",
        &[],
        r#"almanac.toml: there is no setting "zzz.qqq"; `almanac config show` lists all"#,
    );
}

#[test]
fn a_variable_that_nothing_reads_is_reported() {
    let environment = environment(&[
        ("ALMANAC_COLOUR", "x"),
        ("ALMANAC_LISTN", "x"),
        ("ALMANAC_PASSWORD", "x"),
    ]);
    let (_, sources) = load(&environment, &[]).unwrap();
    assert_eq!(
        sources.warnings,
        [
            "ALMANAC_COLOUR is no setting and is ignored; `almanac config show` lists all",
            "ALMANAC_LISTN is no setting and is ignored; did you mean ALMANAC_LISTEN?"
        ]
    );
}

#[test]
fn a_secret_comes_from_a_file_and_is_shown_nowhere() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), format!("{SECRET}\n")).unwrap();
    let path = secret.path().to_str().unwrap();
    let from_file = environment(&[("ALMANAC_SECRET_FILE", path)]);
    let (config, sources) = load(&from_file, &[]).unwrap();
    assert_eq!(config.data.secret.as_deref(), Some(SECRET));
    let shown = [
        shown_text(&sources),
        shown_json(&sources).to_string(),
        format!("{config:?} {sources:?}"),
    ];
    for text in &shown {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(shown[0].contains("secret = \"********\""), "{}", shown[0]);
    assert!(
        shown[0].contains("# variable ALMANAC_SECRET_FILE"),
        "{}",
        shown[0]
    );

    let weak = environment(&[("ALMANAC_SECRET", "change-me")]);
    let message = load(&weak, &[]).unwrap_err().to_string();
    assert!(message.starts_with("variable ALMANAC_SECRET: instance secret: "));
    assert!(!message.contains("change-me"), "{message}");
    let both = environment(&[("ALMANAC_SECRET", SECRET), ("ALMANAC_SECRET_FILE", path)]);
    assert!(matches!(load(&both, &[]), Err(ConfigError::Both { .. })));
    let missing = environment(&[("ALMANAC_SECRET_FILE", "/missing/secret")]);
    let message = load(&missing, &[]).unwrap_err().to_string();
    assert!(message.starts_with("variable ALMANAC_SECRET_FILE: cannot read /missing/secret"));
}

#[test]
fn sizes_may_carry_a_unit() {
    for (text, expected) in [
        ("2048", 2048),
        ("2 KiB", 2048),
        ("1_500", 1500),
        ("64 MiB", 64 << 20),
    ] {
        let environment = environment(&[("ALMANAC_BODY_BYTES_MAX", text)]);
        assert_eq!(
            load(&environment, &[]).unwrap().0.http.body_bytes_max,
            expected,
            "{text}"
        );
    }
    for text in [
        "1023",
        "65 MiB",
        "1.5 MiB",
        "MiB",
        "-1",
        "99999999999999 TiB",
    ] {
        let environment = environment(&[("ALMANAC_BODY_BYTES_MAX", text)]);
        assert!(load(&environment, &[]).is_err(), "{text}");
    }
}

#[test]
fn what_is_shown_can_be_used_as_the_file() {
    let given = environment(&[
        ("ALMANAC_LISTEN", "127.0.0.1:9"),
        ("ALMANAC_LOG_LEVEL", "warn"),
    ]);
    let (_, sources) = load(&given, &[]).unwrap();
    let (_file, environment) = with_file(&shown_text(&sources), &[]);
    let (config, _) = load(&environment, &[]).unwrap();
    assert_eq!(config.http.listen.port(), 9);
    assert_eq!(config.log.level, "warn");
}

#[test]
fn the_configuration_page_is_what_the_declarations_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    if Environment::of_process().get("ALMANAC_UPDATE").is_some() {
        std::fs::write(path, reference()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == reference(),
        "docs/configuration.md is stale; see its head for the remedy"
    );
}

#[test]
fn mail_that_cannot_work_or_would_tell_a_password_is_refused() {
    let host = ("ALMANAC_MAIL_HOST", "mail.example");
    let from = ("ALMANAC_MAIL_FROM", "Almanac <a@b.example>");
    check_refused(
        "",
        &[host],
        "default of ALMANAC_MAIL_FROM: \"\" is not set; mail needs a sender, like Almanac \
         <almanac@stats.example>",
    );
    check_refused(
        "",
        &[host, ("ALMANAC_MAIL_FROM", "almanac")],
        "variable ALMANAC_MAIL_FROM: \"almanac\" is no sender; write one like Almanac \
         <almanac@stats.example>",
    );
    check_refused(
        "",
        &[host, from, ("ALMANAC_MAIL_USER", "ada")],
        "variable ALMANAC_MAIL_USER: \"ada\" needs the other one of name and password, or neither",
    );
    let signed = [
        ("ALMANAC_MAIL_USER", "ada"),
        ("ALMANAC_MAIL_PASSWORD", SECRET),
    ];
    let readable = [&[host, from, ("ALMANAC_MAIL_TLS", "none")], &signed[..]].concat();
    check_refused(
        "",
        &readable,
        "variable ALMANAC_MAIL_TLS: \"none\" would send the password readably; choose starttls or \
         tls",
    );
    let (config, _) = load(&environment(&[&[host, from], &signed[..]].concat()), &[]).unwrap();
    assert_eq!(config.mail.port(), 587);
    assert!(!format!("{:?}", config.mail).contains(SECRET));
}
