//! The whole process with its catalog in PostgreSQL: the first run, signing in, keys, events,
//! questions, kills of either program, and two servers on one catalog.

use almanac_catalog::testing::{self, Postgres};
use almanac_testkit::TestServer;
use almanac_testkit::figures::report;
use almanac_testkit::http::Request;
use almanac_testkit::server::session_cookie;
use serde_json::json;

use crate::almanac;
use crate::injection::{ask_everything, texts};

/// A database server, and the address of a new database in it.
fn postgres() -> (Postgres, String) {
    let server = Postgres::start().expect("PostgreSQL starts");
    let name = server.database().expect("a database can be made");
    let url = testing::url(server.path(), &name);
    (server, url)
}

fn status(server: &TestServer, request: Request) -> u16 {
    server.call(&request).status
}

#[test]
fn a_server_on_postgres_is_set_up_collects_and_answers_through_kills_of_both() {
    let (mut database, url) = postgres();
    let mut server = almanac().with("ALMANAC_CATALOG", &url).start();
    assert!(!server.data_dir().join("catalog.sqlite").exists());

    let said = server.said();
    let link = said
        .lines()
        .find_map(|line| line.trim().split_once("setup?token="));
    let token = link.expect("the first start prints a link").1;
    let owner = json!({
        "token": token, "email": "ada@example.org", "password": "a quiet evening", "name": "Ada",
    });
    assert_eq!(status(&server, Request::post("/api/setup", &owner)), 201);
    assert_eq!(status(&server, Request::post("/api/setup", &owner)), 409);
    let wish = json!({ "email": "ada@example.org", "password": "a quiet evening" });
    let reply = server.call(&Request::post("/api/session", &wish));
    let cookie = session_cookie(&reply);
    let account = || Request::get("/api/account").header("cookie", &cookie);
    assert_eq!(status(&server, account()), 200);

    let project = server.add_project("shop.example");
    let with_key = |key: &str| {
        let question = json!({ "site_id": project.id, "metrics": ["events"], "date_range": "all" });
        Request::post("/api/v2/query", &question).bearer(key)
    };
    assert_eq!(status(&server, with_key(&project.stats_key)), 200);
    assert_eq!(status(&server, with_key("alm_s_000000000000_x")), 401);
    let visit = |page: &str| json!({ "n": "pageview", "d": "shop.example", "u": format!("https://shop.example{page}") });
    assert_eq!(server.send(&visit("/a")).status, 202);
    server.await_drained(&project);

    server.kill();
    server.restart();
    assert_eq!(
        status(&server, account()),
        200,
        "the session outlives a kill"
    );
    assert_eq!(server.events(&project), 1);
    assert_eq!(server.send(&visit("/b")).status, 202);

    // Without its database the server takes events of projects it knows, and says 503 to people.
    database.stop();
    assert_eq!(server.send(&visit("/c")).status, 202);
    assert_eq!(status(&server, account()), 503);
    database.restart().expect("PostgreSQL starts again");
    // A connection that broke is noticed when it is used.
    assert!([status(&server, account()), status(&server, account())].contains(&200));
    server.await_drained(&project);
    assert_eq!(server.events(&project), 3);
    server.stop();
}

#[test]
fn two_servers_on_one_catalog_know_the_same_people_and_keep_one_log() {
    let (_database, url) = postgres();
    let secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    let start = || {
        let setup = almanac().with("ALMANAC_CATALOG", &url);
        setup.with("ALMANAC_SECRET", secret).start()
    };
    let (mut first, mut second) = (start(), start());
    let account = Request::get("/api/account").header("cookie", first.cookie());
    assert_eq!(status(&second, account.clone()), 200);
    let ended = Request::new("DELETE", "/api/session").header("cookie", first.cookie());
    assert!(status(&second, ended) < 300);
    assert_eq!(status(&first, account), 401, "ended on one, ended on both");
    for number in 0..5 {
        first.add_project(&format!("first{number}.example"));
        second.add_project(&format!("second{number}.example"));
    }
    let verdict = first.run_json(&["audit", "verify"]);
    assert!(verdict["entries"].as_i64() >= Some(10), "{verdict}");
    first.kill();
    second.kill();
}

#[test]
fn no_text_in_a_request_is_ever_taken_for_sql_by_postgres() {
    let (_database, url) = postgres();
    let mut server = almanac().with("ALMANAC_CATALOG", &url).start();
    let project = server.add_project("shop.example");
    let answers = ask_everything(&server, &project, &texts());
    report(
        "SQL in requests, PostgreSQL",
        &format!("{answers} answers, 0 deviations"),
    );
    server.stop();
}
