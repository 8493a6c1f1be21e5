//! Cases of the steps stage: what goes in and what must come out.

use almanac_model::{Identity, Instant, Kind, NumberColumn, VisitorId};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::testing::{NOON, World, pageview};
use crate::{AddressRange, ModelDraft, Origin, Person, Revenue, ToolDraft};

const HOUR_US: i64 = 3_600_000_000;

/// What becomes of a draft, changed from a plain page view, in a world changed from the default.
fn check(change: impl FnOnce(&mut World, &mut Draft), expected: &str) {
    let mut world = World::default();
    let mut draft = pageview("https://shop.example/cart");
    change(&mut world, &mut draft);
    let found = match world.process(draft) {
        Ok(event) => summary(&event),
        Err(refused) => refused.to_string(),
    };
    assert_eq!(found, expected);
}

/// The text columns that differ from those of the plain page view.
fn summary(event: &Event) -> String {
    let plain = World::default()
        .process(pageview("https://shop.example/cart"))
        .unwrap();
    let columns = TextColumn::ALL
        .iter()
        .filter(|c| event.text[**c] != plain.text[**c]);
    columns
        .map(|c| format!("{}={} ", c.name(), event.text[*c]))
        .collect::<String>()
        .trim()
        .into()
}

#[test]
fn a_plain_page_view_fills_what_is_known() {
    let event = World::default()
        .process(pageview("https://www.shop.example/a%20b"))
        .unwrap();
    for (column, expected) in [
        (TextColumn::Name, "pageview"),
        (TextColumn::Hostname, "shop.example"),
        (TextColumn::Path, "/a b"),
        (TextColumn::Channel, "Direct"),
        (TextColumn::Source, ""),
        (TextColumn::Browser, "Firefox"),
        (TextColumn::BrowserVersion, "140.0"),
        (TextColumn::Os, "Linux"),
        (TextColumn::Device, "Desktop"),
    ] {
        assert_eq!(event.text[column], expected, "{}", column.name());
    }
    assert_eq!(
        (event.id, event.time, event.kind),
        (EventId(7), NOON, Kind::Pageview)
    );
    assert!(event.interactive && event.visitor != VisitorId(0));
}

#[test]
fn each_refusal_names_its_reason_and_value() {
    check(|_, d| d.name.clear(), "invalid_name: the event has no name");
    check(
        |_, d| d.name = "x".repeat(121),
        &format!("invalid_name: {}… is too long", "x".repeat(40)),
    );
    check(|_, d| d.url.clear(), "invalid_url: the event names no page");
    check(
        |_, d| d.url = "cart".into(),
        "invalid_url: cart must be an absolute address such as https://shop.example/cart",
    );
    check(
        |_, d| d.url = "x".repeat(2_001),
        "invalid_url: the address has 2001 bytes",
    );
    check(
        |_, d| d.url = "data:,x".into(),
        "data_url: must not be a data: address",
    );
    check(
        |_, d| d.url = "https://evil.example/".into(),
        "unknown_host: host evil.example is not one of shop.example, *.shop.example",
    );
    check(
        |w, _| w.rules.paths = vec!["/c*".into()],
        "blocked_path: path /cart fits the rule /c*",
    );
    check(
        |w, _| w.rules.ranges.extend(AddressRange::parse("203.0.113.0/24")),
        "blocked_ip: the sender is in an address range of the rules",
    );
    check(
        |w, d| {
            w.rules.countries = vec!["DE".into()];
            d.time_zone = "Europe/Berlin".into();
        },
        "blocked_country: country DE is in the rules",
    );
    check(
        |w, _| {
            w.rules.honoured.global_privacy_control = true;
            w.sender.signals.global_privacy_control = true;
        },
        "opted_out: the browser sent Global Privacy Control",
    );
    check(
        |w, d| {
            w.rules.refuses_personal_data = true;
            d.properties = vec![("note".into(), "from jane@example.com".into())];
        },
        "personal_data: property note looks like an e-mail address",
    );
    check(
        |w, _| w.sender.user_agent = "Googlebot/2.1".into(),
        "bot: user agent \"Googlebot/2.1\"",
    );
    check(
        |_, d| d.referrer = "https://www1.semalt.com/x".into(),
        "spam_referrer: referrer www1.semalt.com",
    );
    check(
        |_, d| d.happened_at = Some(NOON.plus_us(-73 * HOUR_US)),
        "invalid_time: happened 73 hours before it was received",
    );
    check(
        |_, d| d.name = "engagement".into(),
        "engagement_without_value: neither a scroll depth from 0 to 100 nor an engaged time under \
         30 days",
    );
}

#[test]
fn a_client_without_a_browser_is_a_bot_only_in_an_access_log() {
    for user_agent in ["", "python-requests/2.32", "Mozilla/5.0 Umami/1.0"] {
        let mut world = World::default();
        world.sender.user_agent = user_agent.into();
        let page = || pageview("https://shop.example/");
        assert!(world.process(page()).is_ok(), "{user_agent:?}");
        world.sender.origin = Origin::AccessLog;
        let expected = user_agent.contains("Umami");
        assert_eq!(world.process(page()).is_ok(), expected, "{user_agent:?}");
    }
}

/// What becomes of the plain page view of a bot among people and apart from them.
fn check_bot(change: impl FnOnce(&mut World), refusal: &str, expected: &str) {
    let mut world = World::default();
    change(&mut world);
    let page = || pageview("https://shop.example/cart");
    let refused = world.process(page()).unwrap_err();
    assert_eq!(refused.to_string(), format!("bot: {refusal}"));
    let event = world.process_bot(page()).unwrap();
    let (browser, sort) = (&event.text[TextColumn::Browser], event.property("bot"));
    assert_eq!(format!("{} {browser}", sort.unwrap()), expected);
    assert_eq!(event.project, world.project.id.of_bots());
}

#[test]
fn bots_are_refused_among_people_and_kept_apart_under_their_names() {
    check_bot(
        |w| w.sender.user_agent = "Googlebot/2.1".into(),
        "user agent \"Googlebot/2.1\"",
        "crawler Googlebot",
    );
    let headless = "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/142.0.0.0 Safari/537.36";
    check_bot(
        |w| w.sender.user_agent = headless.into(),
        &format!("user agent {headless:?}"),
        "headless HeadlessChrome",
    );
    check_bot(
        |w| w.sender.hints.brands = r#""HeadlessChrome";v="142", "Chromium";v="142""#.into(),
        &format!("user agent {:?}", crate::testing::FIREFOX),
        "headless HeadlessChrome",
    );
    check_bot(
        |w| {
            w.sender.user_agent = "python-requests/2.32".into();
            w.sender.origin = Origin::AccessLog;
        },
        "user agent \"python-requests/2.32\"",
        "library Python Requests",
    );
    check_bot(
        |w| drop(w.data_centres.replace("203.0.113.0/24")),
        "the sender is in an address range of a data centre",
        "data_centre Firefox",
    );
    check_bot(
        |w| {
            let view = w.process(pageview("https://shop.example/cart"));
            w.hurrying.push(view.unwrap().visitor);
        },
        "pages were viewed faster than a person can",
        "timing Firefox",
    );
}

#[test]
fn what_is_no_page_view_of_a_person_is_told_neither_by_its_place_nor_by_its_pace() {
    let mut world = World::default();
    world.data_centres.replace("203.0.113.0/24").unwrap();
    let call = Draft {
        tool: Some(ToolDraft::default()),
        ..Draft::default()
    };
    assert!(world.process(call).is_ok(), "tools are called there");
    let page = || pageview("https://shop.example/cart");
    world.sender.origin = Origin::Server;
    assert!(world.process(page()).is_ok(), "a server with a key");
    let spoken_for = |ip: &str| Draft {
        person: Some(Person {
            ip: ip.parse().ok(),
            ..Person::default()
        }),
        ..page()
    };
    assert!(world.process(spoken_for("198.51.100.7")).is_ok());
    assert!(
        world.process(spoken_for("203.0.113.9")).is_err(),
        "a person there"
    );

    let mut world = World::default();
    let visitor = world.process(page()).unwrap().visitor;
    world.hurrying.push(visitor);
    let clicked = Draft {
        name: "click".to_owned(),
        ..page()
    };
    assert!(world.process(clicked).is_ok(), "only views are counted");
}

/// Client hints: brands, full versions, mobile, platform, its version, model, form factors.
type HintTexts = [&'static str; 7];

/// What is known of a browser that sends that user agent and these hints.
fn check_hints(user_agent: &str, hints: HintTexts, expected: &str) {
    let mut world = World::default();
    world.sender.user_agent = user_agent.to_owned();
    let [
        brands,
        full_versions,
        mobile,
        platform,
        platform_version,
        model,
        form_factors,
    ] = hints.map(str::to_owned);
    world.sender.hints = crate::Hints {
        brands,
        full_versions,
        mobile,
        platform,
        platform_version,
        model,
        form_factors,
    };
    let event = world.process(pageview("https://shop.example/")).unwrap();
    let text = |column| event.text[column].as_str();
    let pair = |name, version| [text(name), text(version)].join(" ").trim().to_owned();
    let found = [
        pair(TextColumn::Browser, TextColumn::BrowserVersion),
        pair(TextColumn::Os, TextColumn::OsVersion),
        text(TextColumn::Device).to_owned(),
    ];
    assert_eq!(found.join(" / "), expected, "{user_agent} {hints:?}");
}

#[test]
fn client_hints_count_where_they_are_truer_than_the_frozen_user_agent() {
    let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                   Gecko) Chrome/142.0.0.0 Safari/537.36";
    let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like \
               Gecko) Chrome/142.0.0.0 Safari/537.36";
    let android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                   Chrome/142.0.0.0 Mobile Safari/537.36";
    let tablet = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                  Chrome/142.0.0.0 Safari/537.36";
    let tv = "Mozilla/5.0 (Linux; Android 10; BRAVIA 4K) AppleWebKit/537.36 (KHTML, like Gecko) \
              Chrome/142.0.0.0 Safari/537.36";
    let firefox = crate::testing::FIREFOX;
    let chrome = r#""Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99""#;
    let full = r#""Chromium";v="142.0.7444.60", "Google Chrome";v="142.1.7444.60""#;
    let brave = r#""Chromium";v="142", "Brave";v="142", "Not_A Brand";v="99""#;
    let opera = r#""Opera";v="120", "Not-A.Brand";v="8", "Chromium";v="135""#;
    let edge = r#""Microsoft Edge";v="142", "Chromium";v="142", "Not;A=Brand";v="8""#;
    let unknown = r#""Chromium";v="142", "Somebody's Browser";v="3""#;
    for (user_agent, hints, expected) in [
        // Nothing said, or by a browser that says nothing.
        (windows, [""; 7], "Chrome 142.0 / Windows 10 / Desktop"),
        (firefox, [""; 7], "Firefox 140.0 / Linux / Desktop"),
        // What is sent without being asked for.
        (
            windows,
            [chrome, "", "?0", "\"Windows\"", "", "", ""],
            "Chrome 142.0 / Windows 10 / Desktop",
        ),
        (
            windows,
            [brave, "", "?0", "\"Windows\"", "", "", ""],
            "Brave 142 / Windows 10 / Desktop",
        ),
        (
            windows,
            [edge, "", "?0", "\"Windows\"", "", "", ""],
            "Edge 142 / Windows 10 / Desktop",
        ),
        (
            windows,
            [opera, "", "?0", "\"Windows\"", "", "", ""],
            "Opera 120 / Windows 10 / Desktop",
        ),
        (
            windows,
            [unknown, "", "?0", "\"Windows\"", "", "", ""],
            "Chrome 142.0 / Windows 10 / Desktop",
        ),
        // What is sent when asked for.
        (
            windows,
            [chrome, full, "?0", "\"Windows\"", "\"15.0.0\"", "", ""],
            "Chrome 142.1 / Windows 11 / Desktop",
        ),
        (
            windows,
            [chrome, "", "?0", "\"Windows\"", "\"13.0.0\"", "", ""],
            "Chrome 142.0 / Windows 11 / Desktop",
        ),
        (
            windows,
            [chrome, "", "?0", "\"Windows\"", "\"10.0.0\"", "", ""],
            "Chrome 142.0 / Windows 10 / Desktop",
        ),
        (
            windows,
            [chrome, "", "?0", "\"Windows\"", "\"0.3.0\"", "", ""],
            "Chrome 142.0 / Windows 10 / Desktop",
        ),
        (
            mac,
            [chrome, "", "?0", "\"macOS\"", "\"15.6.1\"", "", ""],
            "Chrome 142.0 / macOS 15.6 / Desktop",
        ),
        (
            mac,
            [chrome, "", "?0", "\"macOS\"", "", "", ""],
            "Chrome 142.0 / macOS 10.15 / Desktop",
        ),
        (
            android,
            [
                chrome,
                "",
                "?1",
                "\"Android\"",
                "\"16.0.0\"",
                "\"Pixel 9\"",
                "",
            ],
            "Chrome 142.0 / Android 16 / Mobile",
        ),
        (
            android,
            [chrome, "", "?1", "\"Android\"", "\"8.1.0\"", "", ""],
            "Chrome 142.0 / Android 8.1 / Mobile",
        ),
        (
            tablet,
            [
                chrome,
                "",
                "?0",
                "\"Android\"",
                "\"14.0.0\"",
                "\"SM-X910\"",
                "",
            ],
            "Chrome 142.0 / Android 14 / Tablet",
        ),
        (
            android,
            [chrome, "", "?1", "\"Android\"", "", "\"SM-T870\"", ""],
            "Chrome 142.0 / Android 10 / Tablet",
        ),
        (
            android,
            [chrome, "", "?1", "\"Android\"", "", "", "\"Tablet\""],
            "Chrome 142.0 / Android 10 / Tablet",
        ),
        (
            tv,
            [
                chrome,
                "",
                "?0",
                "\"Android\"",
                "\"12.0.0\"",
                "\"BRAVIA 4K\"",
                "",
            ],
            "Chrome 142.0 / Android 12 / TV",
        ),
        // A telephone that is asked for the page of a computer.
        (
            firefox,
            ["", "", "?0", "\"Android\"", "\"14.0.0\"", "", ""],
            "Firefox 140.0 / Android 14 / Tablet",
        ),
        (
            windows,
            [chrome, "", "?0", "\"Chrome OS\"", "\"16181.61.0\"", "", ""],
            "Chrome 142.0 / Chrome OS / Desktop",
        ),
        // Nonsense changes nothing.
        (
            windows,
            ["x", "\"", "?", "\"Amiga\"", "a.b", "\"", ""],
            "Chrome 142.0 / Windows 10 / Desktop",
        ),
    ] {
        check_hints(user_agent, hints, expected);
    }
}

#[test]
fn hosts_are_compared_in_one_form() {
    check(|_, d| d.url = "https://WWW.Shop.Example./cart".into(), "");
    check(
        |_, d| d.url = "https://eu.shop.example/cart".into(),
        "hostname=eu.shop.example",
    );
    check(
        |w, d| {
            w.project.hosts = vec!["bücher.example".into()];
            d.url = "https://www.xn--bcher-kva.example/cart".into();
        },
        "hostname=xn--bcher-kva.example",
    );
    check(
        |w, d| {
            w.project.hosts.clear();
            d.url = "file:///cart".into();
        },
        "hostname=(none)",
    );
}

#[test]
fn every_row_of_the_tables_names_its_visits_or_ends_them() {
    let world = World::default();
    let visit = |host: &str| {
        let mut draft = pageview("https://shop.example/");
        draft.referrer = format!("https://{host}/some/page");
        world.process(draft)
    };
    let mut spammers = std::collections::HashSet::new();
    for row in include_str!("../../data/sources.tsv").lines() {
        let mut cells = row.split('\t');
        let [sort, name, host] = std::array::from_fn(|_| cells.next().unwrap());
        let event = match visit(&host.replace("{}", "com")) {
            Ok(event) => event,
            // A few sites that call themselves search engines are spammers.
            Err(refused) => {
                assert_eq!(refused.reason, crate::Refusal::SpamReferrer, "{row}");
                assert!(spammers.insert(host) && spammers.len() <= 5, "{spammers:?}");
                continue;
            }
        };
        let channel = match sort {
            "search" => "Organic Search",
            "social" => "Organic Social",
            "ai" => "AI",
            "mail" => "Email",
            "video" => "Organic Video",
            "shopping" => "Organic Shopping",
            "audio" => "Audio",
            other => panic!("{other} is no sort"),
        };
        let found = [TextColumn::Source, TextColumn::Channel].map(|c| event.text[c].as_str());
        assert_eq!(found, [name, channel], "{row}");
    }
    for spammer in include_str!("../../data/spam.txt").lines() {
        for host in [
            spammer.to_owned(),
            format!("www.{}", spammer.to_uppercase()),
        ] {
            let refused = visit(&host).map(|event| event.text[TextColumn::Source].clone());
            let reason = refused.expect_err(spammer).reason;
            assert_eq!(reason, crate::Refusal::SpamReferrer, "{spammer}");
        }
    }
}

#[test]
fn sources_come_from_campaigns_before_referrers() {
    check(
        |_, d| d.referrer = "https://www.google.com/search?q=x".into(),
        "referrer=google.com/search source=Google channel=Organic Search",
    );
    check(
        |_, d| d.referrer = "https://blog.example.org/post/".into(),
        "referrer=blog.example.org/post source=blog.example.org channel=Referral",
    );
    check(|_, d| d.referrer = "https://help.shop.example/".into(), "");
    check(|_, d| d.referrer = "not an address".into(), "");
    check(
        |_, d| {
            d.url
                .push_str("?utm_source=GOOGLE&utm_medium=cpc&utm_campaign=a+b&utm_term=t");
            d.url.push_str("&utm_content=c%20d&ref=other");
            d.referrer = "https://news.ycombinator.com/".into();
        },
        "referrer=news.ycombinator.com source=Google channel=Paid Search utm_source=GOOGLE \
         utm_medium=cpc utm_campaign=a b utm_term=t utm_content=c d",
    );
    check(
        |_, d| d.url.push_str("?ref=friend"),
        "source=friend channel=Referral",
    );
}

#[test]
fn time_is_corrected_by_skew_and_never_in_the_future() {
    let time = |happened: i64, sent: Option<i64>| {
        let mut draft = pageview("https://shop.example/");
        draft.happened_at = Some(NOON.plus_us(happened));
        draft.sent_at = sent.map(|sent| NOON.plus_us(sent));
        World::default()
            .process(draft)
            .map(|event| event.time.0 - NOON.0)
    };
    assert_eq!(time(-HOUR_US, None), Ok(-HOUR_US));
    assert_eq!(time(HOUR_US, None), Ok(0));
    // The client's clock is two hours slow: it sent at ten by its own clock.
    assert_eq!(time(-3 * HOUR_US, Some(-2 * HOUR_US)), Ok(-HOUR_US));
    // The client's clock is a year fast.
    assert_eq!(
        time(364 * 24 * HOUR_US, Some(365 * 24 * HOUR_US)),
        Ok(-24 * HOUR_US)
    );
    assert_eq!(time(-72 * HOUR_US, None), Ok(-72 * HOUR_US));
    assert!(time(-72 * HOUR_US - 1_000_000, None).is_err());
    assert!(time(i64::MIN / 2, Some(i64::MAX / 2)).is_err());
}

#[test]
fn a_visit_across_midnight_keeps_its_visitor() {
    let mut world = World::default();
    let page = || pageview("https://shop.example/");
    let today = world.process(page()).unwrap().visitor;
    world.salts.today = world.salts.yesterday.unwrap();
    let yesterday = world.process(page()).unwrap().visitor;
    assert_ne!(today, yesterday);
    world.salts = World::default().salts;
    world.active = vec![yesterday];
    assert_eq!(world.process(page()).unwrap().visitor, yesterday);
    world.active = vec![yesterday, today];
    assert_eq!(world.process(page()).unwrap().visitor, today);
    world.active.clear();
    let mut kept_back = page();
    kept_back.happened_at = Some(NOON.plus_us(-13 * HOUR_US));
    assert_eq!(world.process(kept_back.clone()).unwrap().visitor, yesterday);
    // In Auckland, thirteen hours earlier is the same day: 12:00 UTC is one in the morning.
    world.project.zone = TimeZone::get("Pacific/Auckland").unwrap();
    kept_back.happened_at = Some(NOON.plus_us(-HOUR_US / 2));
    assert_eq!(world.process(kept_back).unwrap().visitor, today);
}

#[test]
fn stable_projects_know_visitors_users_and_single_events() {
    let mut world = World::default();
    world.project.identity = Identity::Stable;
    let mut visitor = |visitor: Option<&str>, user: Option<&str>, random_id| {
        world.random_id = EventId(random_id);
        let draft = Draft {
            kind: Some(Kind::ToolCall),
            visitor: visitor.map(Into::into),
            user: user.map(Into::into),
            ..Draft::default()
        };
        world.process(draft).unwrap().visitor
    };
    assert_eq!(
        visitor(Some("v"), None, 1),
        visitor(Some("v"), Some("u"), 2)
    );
    assert_eq!(
        visitor(None, Some("u"), 1),
        visitor(Some(" "), Some("u"), 2)
    );
    assert_ne!(visitor(Some("v"), None, 1), visitor(Some("w"), None, 1));
    assert_ne!(visitor(None, None, 1), visitor(None, None, 2));
    // Before consent, a page view has no id and is cookieless.
    let cookieless = World::default()
        .process(pageview("https://shop.example/"))
        .unwrap();
    let before_consent = world.process(pageview("https://shop.example/")).unwrap();
    assert_eq!(before_consent.visitor, cookieless.visitor);
}

#[test]
fn a_server_tells_those_apart_whom_it_speaks_for() {
    let server = World::default();
    let of = |id: &str, ip: &str, user_agent: &str| {
        let person = Person {
            ip: ip.parse().ok(),
            user_agent: user_agent.to_owned(),
            id: id.to_owned(),
        };
        let mut draft = pageview("https://shop.example/");
        draft.person = Some(person);
        server.process(draft)
    };
    let jane = of("jane", "", "").unwrap();
    assert_eq!(jane.visitor, of("jane", "", "").unwrap().visitor);
    assert_ne!(jane.visitor, of("john", "", "").unwrap().visitor);
    assert_eq!(jane.text[TextColumn::Browser], "", "not the server's");
    let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)";
    let phone = of("jane", "203.0.113.9", iphone).unwrap();
    assert_eq!(phone.text[TextColumn::Os], "iOS");
    assert_eq!(phone.visitor, jane.visitor, "the id counts, not the device");
    let pageless = Draft {
        name: "signup".to_owned(),
        pageless: true,
        person: Some(Person {
            id: "jane".to_owned(),
            ..Person::default()
        }),
        ..Draft::default()
    };
    let signup = server.process(pageless.clone()).unwrap();
    assert_eq!(signup.visitor, jane.visitor, "the id counts, not the page");
    // Without an id, address and user agent tell people apart as they do in a browser.
    let direct = pageview("https://shop.example/");
    let nameless = of("", "203.0.113.77", crate::testing::FIREFOX).unwrap();
    let direct = server.process(direct).unwrap();
    assert_eq!(nameless.visitor, direct.visitor);
    let elsewhere = Draft {
        person: None,
        ..pageless
    };
    assert_eq!(server.process(elsewhere).unwrap().visitor, direct.visitor);
    assert_eq!(
        of("", "", "Googlebot/2.1").unwrap_err().reason,
        Refusal::Bot
    );
}

#[test]
fn properties_are_sorted_unique_and_not_blank() {
    let mut draft = pageview("https://shop.example/");
    let given = [
        ("b", "1"),
        ("a", " 2 "),
        ("b", "3"),
        ("c", " "),
        ("\0", "x"),
        ("d\n", "4\0"),
    ];
    draft.properties = given
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec();
    let event = World::default().process(draft).unwrap();
    let expected = [("a", "2"), ("b", "3"), ("d", "4")];
    assert_eq!(
        event.properties,
        expected.map(|(name, value)| (name.into(), value.into()))
    );
    assert_eq!(event.property("b"), Some("3"));
}

#[test]
fn each_kind_fills_its_columns() {
    let process = |draft| World::default().process(draft).unwrap();
    let mut sale = pageview("https://shop.example/paid");
    sale.name = "purchase".into();
    sale.revenue = Some(Revenue {
        currency: "eur".into(),
        micros: 12_500_000,
    });
    let sale = process(sale);
    assert_eq!(sale.kind, Kind::Custom);
    assert_eq!(sale.text[TextColumn::Currency], "EUR");
    assert_eq!(sale.numbers[NumberColumn::RevenueMicros], Some(12_500_000));

    let tool = ToolDraft {
        name: "search".into(),
        status: "Success".into(),
        duration_us: Some(1_500),
        cache_hit: Some(true),
        ..ToolDraft::default()
    };
    let tool = process(Draft {
        tool: Some(tool),
        ..Draft::default()
    });
    assert_eq!(
        (tool.kind, tool.text[TextColumn::Name].as_str()),
        (Kind::ToolCall, "tool_call")
    );
    assert_eq!(tool.text[TextColumn::Status], "success");
    assert_eq!(tool.numbers[NumberColumn::CacheHit], Some(1));
    assert_eq!(
        tool.text[TextColumn::Channel],
        "",
        "a call came from nowhere"
    );

    let model = ModelDraft {
        name: "m-1".into(),
        input_tokens: Some(10),
        output_tokens: Some(-1),
        cost_nanos: Some(7),
        ..ModelDraft::default()
    };
    let model = process(Draft {
        model: Some(model),
        ..Draft::default()
    });
    assert_eq!(
        (model.kind, model.text[TextColumn::Model].as_str()),
        (Kind::ModelCall, "m-1")
    );
    assert_eq!(model.numbers[NumberColumn::InputTokens], Some(10));
    assert_eq!(model.numbers[NumberColumn::OutputTokens], None);
    assert_eq!(model.numbers[NumberColumn::CostNanos], Some(7));

    let mut engagement = pageview("https://shop.example/");
    engagement.name = "engagement".into();
    engagement.scroll_depth = Some(50);
    engagement.engaged_ms = Some(-1);
    let engagement = process(engagement);
    assert_eq!(engagement.numbers[NumberColumn::ScrollDepth], Some(50));
    assert_eq!(engagement.numbers[NumberColumn::EngagedMs], None);
}

#[test]
fn no_part_of_an_event_holds_the_address_or_the_user_agent() {
    for ip in [
        "203.0.113.77",
        "2001:db8:aaaa:bbbb::77",
        "::ffff:203.0.113.77",
    ] {
        let mut world = World::default();
        world.sender.ip = ip.parse().ok();
        let event = world.process(pageview("https://shop.example/")).unwrap();
        let mut record = Vec::new();
        crate::record::encode(&event, &mut record);
        let shown = format!(
            "{event:?} {:?} {:?}",
            world.sender,
            String::from_utf8_lossy(&record)
        );
        for secret in ["203.0.113", "2001:db8", "Gecko", "[203, 0, 113"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        let octets = [203, 0, 113, 77];
        assert!(!record.windows(4).any(|part| part == octets));
    }
    let mut blocked = World::default();
    blocked
        .rules
        .ranges
        .extend(AddressRange::parse("0.0.0.0/0"));
    let refused = blocked
        .process(pageview("https://shop.example/"))
        .unwrap_err();
    assert!(!refused.to_string().contains("203.0.113"));
}

#[test]
fn the_name_of_a_step_says_what_it_may_do() {
    for step in STEPS {
        let (name, prefix) = match step {
            Step::Refuse(name, _) => (name, "refuse_"),
            Step::Set(name, _) => (name, "set_"),
        };
        assert!(name.starts_with(prefix), "{name}");
    }
    let visitor = step_names().position(|name| name == "set_visitor");
    assert_eq!(
        visitor,
        step_names().count().checked_sub(4),
        "only its pace comes after it"
    );
}

proptest! {
    #[test]
    fn no_draft_makes_it_panic(
        texts in prop::collection::vec(any::<String>(), 12),
        numbers in prop::collection::vec(any::<i64>(), 4),
        kind in prop::option::of(0..7u8),
        hash_mode in any::<bool>(),
        web in any::<bool>(),
    ) {
        let text = |index: usize| texts[index].clone();
        let url = if web { format!("https://shop.example/{}", text(1)) } else { text(1) };
        let draft = Draft {
            name: text(0),
            kind: kind.and_then(Kind::from_code),
            url,
            referrer: if web { format!("https://{}", text(2)) } else { text(2) },
            title: text(3),
            screen: text(4),
            language: text(5),
            time_zone: text(6),
            properties: vec![(text(7), text(8)), (text(8), text(7))],
            revenue: Some(Revenue { currency: text(9), micros: numbers[0] }),
            scroll_depth: Some(numbers[1]),
            engaged_ms: Some(numbers[2]),
            hash_mode,
            happened_at: Some(Instant(numbers[3])),
            sent_at: Some(Instant(numbers[0])),
            visitor: Some(text(10)),
            user: Some(text(11)),
            ..Draft::default()
        };
        let faults = crate::check(&draft);
        let mut world = World::default();
        world.sender.user_agent = text(3);
        world.sender.received = Instant(numbers[3].saturating_add(1));
        match world.process(draft) {
            Ok(event) => {
                for column in TextColumn::ALL {
                    let value = &event.text[*column];
                    prop_assert!(value.len() <= 2_001, "{} {}", column.name(), value.len());
                    prop_assert!(!value.contains(char::is_control), "{}", column.name());
                }
            }
            // What only `check` complains about is left out; nothing else is refused as invalid.
            Err(Refused { reason: Refusal::InvalidName | Refusal::InvalidUrl | Refusal::DataUrl, .. }) => {
                prop_assert!(!faults.is_empty());
            }
            Err(_) => {}
        }
    }
}

#[test]
fn signals_count_only_where_they_are_honoured() {
    check(
        |w, _| {
            w.rules.honoured.do_not_track = true;
            w.sender.signals.global_privacy_control = true;
        },
        "",
    );
}

#[test]
fn personal_data_is_taken_out_and_the_rest_stays() {
    let mut draft = pageview(
        "https://shop.example/users/jane@example.com/edit?utm_source=jane@example.com&email=x",
    );
    draft.user = Some("jane@example.com".into());
    draft.title = "Mail to jane@example.com".into();
    draft.properties = [
        ("plan", "pro"),
        ("email", "x"),
        ("note", "call +49 30 1234567"),
        ("release", "d41d8cd98f00b204e9800998ecf8427e"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec();
    let event = World::default().process(draft).unwrap();
    let expected = [
        (TextColumn::Path, "/users/(removed)/edit"),
        (TextColumn::Title, "(removed)"),
        (TextColumn::UtmSource, "(removed)"),
        (TextColumn::Source, "(removed)"),
        (TextColumn::User, ""),
    ];
    for (column, text) in expected {
        assert_eq!(event.text[column], text, "{}", column.name());
    }
    let properties: Vec<_> = event
        .properties
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        properties,
        [
            ("email", "(removed)"),
            ("note", "(removed)"),
            ("plan", "pro"),
            ("release", "d41d8cd98f00b204e9800998ecf8427e"),
        ]
    );
}

#[test]
fn of_a_query_only_the_words_of_campaigns_are_kept() {
    let draft = pageview("https://shop.example/cart?token=abc&q=jane&utm_term=shoes&gclid=x#mail");
    let event = World::default().process(draft).unwrap();
    let kept: String = TextColumn::ALL
        .iter()
        .map(|column| event.text[*column].as_str())
        .collect::<Vec<_>>()
        .join(" ");
    assert!(kept.contains("shoes"));
    for gone in ["abc", "jane", "gclid", "mail"] {
        assert!(!kept.contains(gone), "{gone} in {kept}");
    }
}

#[test]
fn parameters_that_the_project_keeps_name_the_page_without_personal_data() {
    let keep = |w: &mut World| w.project.query_parameters = vec!["q".into(), "mail".into()];
    check(
        |w, d| {
            keep(w);
            d.url.push_str("?x=1&q=red+shoes");
        },
        "path=/cart?q=red shoes",
    );
    check(
        |w, d| {
            keep(w);
            d.url.push_str("?mail=7&q=to%20jane@example.com");
        },
        "path=/cart?q=(removed)&mail=(removed)",
    );
    check(
        |w, d| {
            keep(w);
            w.rules.paths = vec!["/cart".into()];
            d.url.push_str("?q=1");
        },
        "blocked_path: path /cart?q=1 fits the rule /cart",
    );
}

#[test]
fn errors_have_a_class_and_a_fingerprint() {
    let mut draft = pageview("https://shop.example/cart");
    draft.name = "error".into();
    draft.kind = Some(Kind::Error);
    draft.properties = [
        ("message", "no size 42"),
        ("source", "https://shop.example/app.js:3:14"),
        ("type", "RangeError"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec();
    let fingerprint = |draft: &Draft| {
        let event = World::default().process(draft.clone()).unwrap();
        assert_eq!(event.text[TextColumn::ErrorType], "RangeError");
        let found = event
            .properties
            .iter()
            .find(|(name, _)| name == "fingerprint");
        found.unwrap().1.clone()
    };
    let one = fingerprint(&draft);
    draft.properties[0].1 = "no size 43".into();
    assert_eq!(fingerprint(&draft), one);
    draft.properties[0].1 = "no shape".into();
    assert_ne!(fingerprint(&draft), one);
}
