//! The demo's shop: outdoor gear, four campaigns, a checkout in three steps. Invented throughout.

use almanac_model::Instant;

use super::Scene;
use super::people::{Person, Way};
use super::rng::Rng;
use super::season::Rhythm;
use super::visit::Visit;

pub(super) const RHYTHM: Rhythm = Rhythm {
    visits: 620.0,
    began_at: 0.55,
    weekend: 1.18,
    december: 1.9,
    seed: 11,
};

const HOST: &str = "shop.example";

const WAYS: &[(Way, f64)] = &[
    (["", "Direct", "", "", "", ""], 27.0),
    (["Google", "Organic Search", "google.com", "", "", ""], 29.0),
    (["Bing", "Organic Search", "bing.com", "", "", ""], 3.0),
    (
        ["DuckDuckGo", "Organic Search", "duckduckgo.com", "", "", ""],
        2.5,
    ),
    (
        [
            "Google",
            "Paid Search",
            "google.com",
            "google",
            "cpc",
            "winter-jackets",
        ],
        8.0,
    ),
    (
        [
            "Google",
            "Paid Search",
            "google.com",
            "google",
            "cpc",
            "brand",
        ],
        3.5,
    ),
    (
        [
            "newsletter",
            "Email",
            "",
            "newsletter",
            "email",
            "weekly-tips",
        ],
        6.0,
    ),
    (
        [
            "newsletter",
            "Email",
            "",
            "newsletter",
            "email",
            "spring-sale",
        ],
        2.5,
    ),
    (
        ["Instagram", "Organic Social", "instagram.com", "", "", ""],
        6.0,
    ),
    (
        [
            "Facebook",
            "Paid Social",
            "facebook.com",
            "facebook",
            "paid_social",
            "lookalike-trail",
        ],
        3.5,
    ),
    (
        ["Facebook", "Organic Social", "facebook.com", "", "", ""],
        2.0,
    ),
    (["YouTube", "Organic Video", "youtube.com", "", "", ""], 2.0),
    (["ChatGPT", "AI", "chatgpt.com", "", "", ""], 2.2),
    (["Perplexity", "AI", "perplexity.ai", "", "", ""], 0.8),
    (
        [
            "hikersforum.example",
            "Referral",
            "hikersforum.example/t/best-tents",
            "",
            "",
            "",
        ],
        2.0,
    ),
];

type Page = (&'static str, &'static str);

const HOME: Page = ("/", "Fernweh Outdoor");
const LANDINGS: &[(Page, f64)] = &[
    (HOME, 34.0),
    (("/tents", "Tents"), 10.0),
    (("/jackets", "Jackets"), 12.0),
    (("/boots", "Hiking boots"), 9.0),
    (("/sale", "Sale"), 8.0),
    (
        ("/journal/first-winter-camp", "Your first winter camp"),
        9.0,
    ),
    (("/journal/boot-fitting", "How boots should fit"), 7.0),
    (("/journal/tent-care", "Caring for a tent"), 5.0),
    (("/products/alpine-2", "Alpine 2 tent"), 6.0),
];
const PRODUCTS: &[((Page, i64), f64)] = &[
    ((("/products/alpine-2", "Alpine 2 tent"), 34_900), 9.0),
    ((("/products/fjord-3", "Fjord 3 tent"), 42_900), 5.0),
    (
        (("/products/storm-shell", "Storm Shell jacket"), 24_900),
        11.0,
    ),
    (
        (("/products/down-light", "Down Light jacket"), 18_900),
        10.0,
    ),
    ((("/products/ridge-boot", "Ridge boot"), 21_900), 12.0),
    ((("/products/trail-low", "Trail Low shoe"), 13_900), 8.0),
    ((("/products/merino-base", "Merino base layer"), 7_900), 9.0),
    ((("/products/titan-cook", "Titan cook set"), 6_400), 6.0),
    ((("/products/headlamp-400", "Headlamp 400"), 4_900), 6.0),
];

/// One visit to the shop.
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
    let landing = *rng.pick(LANDINGS);
    visit.open(landing.0, landing.1);
    if rng.chance(0.44) {
        if rng.chance(0.5) {
            visit.read(rng.exponential(25.0), rng.below(70) as i64);
        }
        return;
    }
    browse(&mut visit, rng);
}

fn browse(visit: &mut Visit<'_>, rng: &mut Rng) {
    loop {
        visit.read(rng.exponential(38.0), 30 + rng.below(70) as i64);
        let ((path, title), cents) = *rng.pick(PRODUCTS);
        visit.open(path, title);
        if rng.chance(0.12) {
            visit.wait(rng.exponential(12.0));
            visit.act(
                "Search",
                &[(
                    "query",
                    *rng.pick(&[("tent", 3.0), ("boots", 2.0), ("rain jacket", 1.0)]),
                )],
            );
        }
        if rng.chance(0.17) {
            visit.wait(rng.exponential(40.0));
            visit.act("Add to cart", &[("product", title)]);
            return check_out(visit, title, cents, rng);
        }
        if rng.chance(0.42) {
            return visit.read(rng.exponential(30.0), 20 + rng.below(80) as i64);
        }
    }
}

fn check_out(visit: &mut Visit<'_>, product: &'static str, cents: i64, rng: &mut Rng) {
    visit.wait(rng.exponential(20.0));
    visit.open("/cart", "Cart");
    if rng.chance(0.38) {
        return;
    }
    visit.wait(rng.exponential(25.0));
    visit.open("/checkout", "Checkout");
    if rng.chance(0.36) {
        return;
    }
    visit.wait(rng.exponential(80.0));
    visit.open("/checkout/thanks", "Thank you");
    let method = *rng.pick(&[("card", 5.0), ("invoice", 3.0), ("paypal", 4.0)]);
    visit.pay(cents, &[("method", method), ("product", product)]);
}
