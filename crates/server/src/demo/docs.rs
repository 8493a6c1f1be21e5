//! The demo's documentation site: readers come from search with one question, and some sign up.
//! Invented throughout.

use almanac_model::Instant;

use super::Scene;
use super::people::{Person, Way};
use super::rng::Rng;
use super::season::Rhythm;
use super::visit::Visit;

pub(super) const RHYTHM: Rhythm = Rhythm {
    visits: 540.0,
    began_at: 0.4,
    weekend: 0.42,
    december: 0.6,
    seed: 23,
};

const HOST: &str = "docs.example";

const WAYS: &[(Way, f64)] = &[
    (["Google", "Organic Search", "google.com", "", "", ""], 44.0),
    (["", "Direct", "", "", "", ""], 22.0),
    (["GitHub", "Referral", "github.com", "", "", ""], 9.0),
    (["ChatGPT", "AI", "chatgpt.com", "", "", ""], 6.0),
    (["Claude", "AI", "claude.ai", "", "", ""], 3.0),
    (
        [
            "Stack Overflow",
            "Organic Social",
            "stackoverflow.com",
            "",
            "",
            "",
        ],
        4.0,
    ),
    (
        [
            "Hacker News",
            "Organic Social",
            "news.ycombinator.com",
            "",
            "",
            "",
        ],
        3.0,
    ),
    (
        [
            "Reddit",
            "Organic Social",
            "reddit.com/r/programming",
            "",
            "",
            "",
        ],
        3.0,
    ),
    (
        ["DuckDuckGo", "Organic Search", "duckduckgo.com", "", "", ""],
        4.0,
    ),
    (
        [
            "changelog",
            "Email",
            "",
            "changelog",
            "email",
            "release-notes",
        ],
        2.0,
    ),
];

type Page = (&'static str, &'static str);

const PAGES: &[(Page, f64)] = &[
    (("/", "Lattice documentation"), 16.0),
    (("/start/install", "Installation"), 15.0),
    (("/start/quickstart", "Quickstart"), 14.0),
    (("/guides/authentication", "Authentication"), 10.0),
    (("/guides/deployment", "Deployment"), 8.0),
    (("/guides/testing", "Testing"), 5.0),
    (("/guides/migrations", "Migrations"), 5.0),
    (("/reference/api", "API reference"), 11.0),
    (("/reference/cli", "CLI reference"), 7.0),
    (("/reference/configuration", "Configuration"), 7.0),
    (("/reference/errors", "Error codes"), 4.0),
    (("/blog/version-3", "Version 3 is here"), 3.0),
    (("/pricing", "Pricing"), 2.5),
];
const QUERIES: &[(&str, f64)] = &[
    ("rate limit", 3.0),
    ("webhook", 2.5),
    ("docker", 2.0),
    ("timeout", 1.5),
    ("oauth", 1.5),
];

/// One visit to the documentation.
pub(super) fn visit(scene: &mut Scene<'_>, visitor: u64, at: Instant, rng: &mut Rng) {
    let person = Person::of(visitor);
    let way = *rng.pick(WAYS);
    let mut visit = Visit::begin(
        scene.events,
        (scene.project, HOST),
        visitor,
        person,
        way,
        at,
    );
    let landing = *rng.pick(PAGES);
    visit.open(landing.0, landing.1);
    while rng.chance(0.55) {
        visit.read(rng.exponential(55.0), 25 + rng.below(75) as i64);
        if rng.chance(0.09) {
            visit.act("Search", &[("query", *rng.pick(QUERIES))]);
        }
        if rng.chance(0.11) {
            visit.act(
                "Copy code",
                &[("language", *rng.pick(&[("rust", 2.0), ("shell", 3.0)]))],
            );
        }
        let page = *rng.pick(PAGES);
        visit.open(page.0, page.1);
        if page.0 == "/pricing" && rng.chance(0.2) {
            visit.wait(rng.exponential(60.0));
            visit.act(
                "Signup",
                &[("plan", *rng.pick(&[("free", 6.0), ("team", 2.0)]))],
            );
        }
    }
    if rng.chance(0.6) {
        visit.read(rng.exponential(45.0), 20 + rng.below(80) as i64);
    }
}
