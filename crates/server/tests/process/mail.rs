//! Letters reach a mail server, with TLS or not at all unless that was asked for; links in them
//! work, and no log knows to whom they went.

mod sink;

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use almanac_testkit::http::{Reply, Request};
use almanac_testkit::wait::until;
use almanac_testkit::{Setup, TestServer};
use serde_json::json;

use crate::almanac;
use sink::{Protection, Sink};

/// Longest that a letter may take; the first rest after a refusal is two seconds.
const PATIENCE: Duration = Duration::from_secs(30);
const SENDER: &str = "Almanac <almanac@stats.example>";
const BASE: &str = "http://stats.example";

fn with_mail(sink: &Sink, tls: &str) -> Setup {
    almanac()
        .with("ALMANAC_BASE_URL", BASE)
        .with("ALMANAC_MAIL_HOST", "localhost")
        .with("ALMANAC_MAIL_PORT", sink.port)
        .with("ALMANAC_MAIL_FROM", SENDER)
        .with("ALMANAC_MAIL_TLS", tls)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The letter of that number, once it is there.
fn letter(sink: &Sink, number: usize) -> String {
    until("a letter comes", PATIENCE, || {
        sink.letters().get(number).cloned()
    })
    .0
}

/// The token behind the `#` of the link in a letter.
fn token(letter: &str) -> String {
    let after = letter.split("#token=").nth(1).unwrap_or_default();
    after
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn invite(server: &TestServer, email: &str) -> Reply {
    let wish = json!({ "email": email, "role": "viewer" });
    let request = Request::post("/api/team/invitations", &wish);
    server.call(&request.header("cookie", server.cookie()))
}

fn forgot(server: &TestServer, email: &str) {
    let asked = server.call(&Request::post("/api/reset", &json!({ "email": email })));
    assert_eq!(asked.status, 202);
}

fn sent(server: &TestServer) -> serde_json::Value {
    let team = Request::get("/api/team").header("cookie", server.cookie());
    server.call(&team).json()["mail"].clone()
}

#[test]
fn links_of_invitations_and_resets_come_by_mail_and_work_once() {
    let folder = folder();
    let sink = Sink::start(folder.path(), Protection::StartTls, &[]);
    let secret = folder.path().join("password");
    std::fs::write(&secret, "mail-pass-4711\n").expect("a password file");
    let server = with_mail(&sink, "starttls")
        .with("ALMANAC_MAIL_CA_FILE", sink.ca_file.display())
        .with("ALMANAC_MAIL_USER", "almanac")
        .with("ALMANAC_MAIL_PASSWORD_FILE", secret.display())
        .with("ALMANAC_LOG_LEVEL", "trace")
        .start();
    let email = "bob.4711@shop.example";
    let invited = invite(&server, email);
    assert_eq!(invited.json()["mailed"], true, "{}", invited.text());
    let invitation = letter(&sink, 0);
    for part in [
        "To: bob.4711@shop.example\r\n",
        &format!("From: {SENDER}\r\n"),
    ] {
        assert!(invitation.contains(part), "{part:?} in {invitation}");
    }
    assert!(
        invitation.contains(&format!("{BASE}/join#token=")),
        "{invitation}"
    );
    let wish = json!({ "token": token(&invitation), "password": "a quiet evening" });
    let accept = || {
        server
            .call(&Request::post("/api/invitation/accept", &wish))
            .status
    };
    assert_eq!((accept(), accept()), (201, 403));

    forgot(&server, email);
    let reset = letter(&sink, 1);
    assert!(reset.contains(&format!("{BASE}/reset#token=")), "{reset}");
    // Nobody at all, and the same person again: neither gets a letter.
    forgot(&server, "nobody@shop.example");
    forgot(&server, email);
    let wish = json!({ "token": token(&reset), "password": "a louder evening" });
    let complete = || {
        server
            .call(&Request::post("/api/reset/complete", &wish))
            .status
    };
    assert_eq!((complete(), complete()), (204, 403));

    for visit in sink.visits() {
        let auth = |lines: &[String]| lines.iter().filter(|line| line.starts_with("AUTH")).count();
        assert_eq!(
            (auth(&visit.commands), auth(&visit.protected)),
            (1, 1),
            "{visit:?}"
        );
        let greeting = "EHLO stats.example".to_owned();
        assert!(visit.commands.contains(&greeting), "{visit:?}");
    }
    let expected = json!({ "waiting": 0, "sent": 2, "failed": 0, "trouble": null });
    until("the books say so", PATIENCE, || {
        (sent(&server) == expected).then_some(())
    });
    let said = server.said();
    for secret in [email, "mail-pass-4711", &token(&reset), &token(&invitation)] {
        assert!(!said.contains(secret), "{secret:?} is in the log");
    }
}

#[test]
fn a_letter_that_is_refused_is_tried_again_or_given_up_and_shown_without_its_address() {
    let folder = folder();
    let answers = [
        "451 bob@shop.example is busy",
        "550 eve@shop.example is unknown",
    ];
    let sink = Sink::start(folder.path(), Protection::None, &answers);
    let server = with_mail(&sink, "none").start();
    invite(&server, "bob@shop.example");
    until("it is tried once", PATIENCE, || {
        (!sink.visits().is_empty()).then_some(())
    });
    invite(&server, "eve@shop.example");
    assert!(letter(&sink, 0).contains("To: bob@shop.example"));
    let counted = |sent: &serde_json::Value| sent["sent"] == 1 && sent["failed"] == 1;
    until("the books say so", PATIENCE, || {
        counted(&sent(&server)).then_some(())
    });
    let said = server.said();
    assert!(said.contains("(451)") && said.contains("(550)"), "{said}");
    assert!(!said.contains("@shop.example"), "{said}");
    assert!(said.contains("mail travels without TLS"), "{said}");
    let metrics = server.call(&Request::get("/metrics")).text();
    for outcome in ["sent", "failed"] {
        let line = format!("almanac_mails_total{{outcome=\"{outcome}\"}} 1");
        assert!(metrics.contains(&line), "{line} is not in the metrics");
    }
}

#[test]
fn a_test_letter_goes_as_safely_as_is_configured_or_not_at_all() {
    let server = almanac().start();
    let send = |sink: &Sink, tls: &str, trusted: &Path| -> (bool, String) {
        let mut command = server.command(&["mail", "test", "--to", "ada@shop.example"]);
        let password = if tls == "none" { "" } else { "mail-pass-4711" };
        let output: Output = command
            .env("ALMANAC_MAIL_HOST", "localhost")
            .env("ALMANAC_MAIL_PORT", sink.port.to_string())
            .env("ALMANAC_MAIL_FROM", SENDER)
            .env("ALMANAC_MAIL_TLS", tls)
            .env("ALMANAC_MAIL_CA_FILE", trusted)
            .env(
                "ALMANAC_MAIL_USER",
                if password.is_empty() { "" } else { "almanac" },
            )
            .env("ALMANAC_MAIL_PASSWORD", password)
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said)
    };
    let nobody = Path::new("");
    let cases = [
        (Protection::None, "none", true, true, ""),
        (Protection::StartTls, "starttls", true, true, ""),
        (Protection::Tls, "tls", true, true, ""),
        (
            Protection::StartTls,
            "starttls",
            false,
            false,
            "certificate",
        ),
        (Protection::Tls, "tls", false, false, "certificate"),
        (Protection::None, "starttls", true, false, "STARTTLS"),
        (Protection::None, "tls", true, false, ""),
    ];
    for (protection, tls, is_trusted, is_sent, reason) in cases {
        let folder = folder();
        let sink = Sink::start(folder.path(), protection, &[]);
        let trusted = if is_trusted {
            sink.ca_file.as_path()
        } else {
            nobody
        };
        let (is_done, said) = send(&sink, tls, trusted);
        let case = format!("{protection:?} by {tls}, trusted {is_trusted}: {said}");
        assert_eq!(is_done, is_sent, "{case}");
        assert!(said.contains(reason), "{case}");
        if is_sent {
            letter(&sink, 0);
        } else {
            // Neither the letter nor the name and password were told to whoever that is.
            let told = sink.visits().into_iter().flat_map(|visit| visit.commands);
            let leaked = told.filter(|line| line.starts_with("AUTH") || line.starts_with("MAIL"));
            assert_eq!(leaked.count(), 0, "{case}");
        }
    }
}

#[test]
fn no_address_brings_a_header_or_a_second_recipient_along() {
    let folder = folder();
    let sink = Sink::start(folder.path(), Protection::None, &[]);
    let server = with_mail(&sink, "none").start();
    let addresses = [
        "bob@shop.example\r\nBcc: eve@shop.example",
        "bob@shop.example\nBcc: eve@shop.example",
        "bob@shop.example, eve@shop.example",
        "bob@shop.example> RCPT TO:<eve@shop.example",
        "Bob <bob@shop.example>",
        "bob@shop.example\u{0}",
    ];
    for address in addresses {
        let reply = invite(&server, address);
        assert!(
            reply.status == 400 || reply.json()["mailed"] == true,
            "{address:?}: {}",
            reply.text()
        );
        if !address.contains('\u{0}') {
            let output = server.run(&["mail", "test", "--to", address]);
            assert!(!output.status.success(), "{address:?}");
        }
    }
    invite(&server, "last@shop.example");
    let last = until("the last letter comes", PATIENCE, || {
        sink.letters()
            .into_iter()
            .find(|letter| letter.contains("To: last@"))
    });
    assert!(!last.0.is_empty());
    for visit in sink.visits() {
        let recipients = visit
            .commands
            .iter()
            .filter(|line| line.starts_with("RCPT"));
        assert!(recipients.count() <= 1, "{visit:?}");
        assert!(!format!("{visit:?}").contains("eve@"), "{visit:?}");
    }
}
