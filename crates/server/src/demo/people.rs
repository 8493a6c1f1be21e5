//! Who visits the demo's sites: places, devices and the ways in. The weights are invented to look
//! like a mid-sized site; they describe nobody.

use almanac_model::{Event, TextColumn};

use super::rng::Rng;

/// Country, region, city, language, hour at which its evening peak lies in UTC.
type Place = (&'static str, &'static str, &'static str, &'static str, f64);

const PLACES: &[(Place, f64)] = &[
    (("DE", "DE-BE", "Berlin", "de-DE", 18.0), 14.0),
    (("DE", "DE-BY", "Munich", "de-DE", 18.0), 9.0),
    (("DE", "DE-HH", "Hamburg", "de-DE", 18.0), 6.0),
    (("US", "US-CA", "San Francisco", "en-US", 3.0), 9.0),
    (("US", "US-NY", "New York", "en-US", 0.0), 9.0),
    (("US", "US-TX", "Austin", "en-US", 1.0), 4.0),
    (("GB", "GB-LND", "London", "en-GB", 19.0), 9.0),
    (("FR", "FR-IDF", "Paris", "fr-FR", 18.0), 7.0),
    (("NL", "NL-NH", "Amsterdam", "nl-NL", 18.0), 5.0),
    (("AT", "AT-9", "Vienna", "de-AT", 18.0), 5.0),
    (("CH", "CH-ZH", "Zurich", "de-CH", 18.0), 4.5),
    (("ES", "ES-MD", "Madrid", "es-ES", 19.0), 3.0),
    (("IT", "IT-25", "Milan", "it-IT", 18.0), 3.0),
    (("PL", "PL-MZ", "Warsaw", "pl-PL", 18.0), 3.0),
    (("SE", "SE-AB", "Stockholm", "sv-SE", 18.0), 2.5),
    (("IN", "IN-KA", "Bengaluru", "en-IN", 14.0), 4.0),
    (("BR", "BR-SP", "São Paulo", "pt-BR", 23.0), 2.5),
    (("CA", "CA-ON", "Toronto", "en-CA", 0.0), 2.5),
    (("JP", "JP-13", "Tokyo", "ja-JP", 11.0), 2.0),
    (("AU", "AU-NSW", "Sydney", "en-AU", 9.0), 1.5),
];

/// Device, OS, OS version, browser, browser version, screen.
type Machine = [&'static str; 6];

const MACHINES: &[(Machine, f64)] = &[
    (
        ["Desktop", "Windows", "11", "Chrome", "141.0", "1920x1080"],
        17.0,
    ),
    (
        ["Desktop", "Windows", "10", "Chrome", "140.0", "1536x864"],
        7.0,
    ),
    (
        ["Desktop", "Windows", "11", "Edge", "141.0", "1920x1080"],
        6.0,
    ),
    (
        ["Desktop", "Windows", "10", "Firefox", "143.0", "1366x768"],
        3.0,
    ),
    (
        ["Desktop", "Mac OS X", "15.6", "Safari", "18.6", "1512x982"],
        7.0,
    ),
    (
        [
            "Desktop",
            "Mac OS X",
            "15.6",
            "Chrome",
            "141.0",
            "1728x1117",
        ],
        8.0,
    ),
    (
        ["Desktop", "Linux", "", "Firefox", "143.0", "2560x1440"],
        3.0,
    ),
    (
        ["Desktop", "Linux", "", "Chrome", "141.0", "1920x1080"],
        2.5,
    ),
    (["Mobile", "iOS", "18.6", "Safari", "18.6", "390x844"], 21.0),
    (["Mobile", "iOS", "17.7", "Safari", "17.7", "375x812"], 4.0),
    (
        ["Mobile", "Android", "15", "Chrome", "141.0", "412x915"],
        14.0,
    ),
    (
        [
            "Mobile",
            "Android",
            "14",
            "Samsung Internet",
            "28.0",
            "360x800",
        ],
        4.0,
    ),
    (["Tablet", "iOS", "18.6", "Safari", "18.6", "820x1180"], 2.5),
    (
        ["Tablet", "Android", "14", "Chrome", "140.0", "800x1280"],
        1.0,
    ),
];

/// How a visit came: source, channel, referrer, and `utm_source`, `utm_medium`, `utm_campaign`.
pub(super) type Way = [&'static str; 6];

/// One person's stable traits.
#[derive(Debug, Clone)]
pub(super) struct Person {
    place: Place,
    machine: Machine,
}

impl Person {
    pub(super) fn of(visitor: u64) -> Self {
        let mut rng = Rng::of(&[visitor, 0x9e0]);
        Self {
            place: *rng.pick(PLACES),
            machine: *rng.pick(MACHINES),
        }
    }

    /// A moment of the day in seconds: most visits around the evening peak of the place, some at
    /// work.
    pub(super) fn moment(&self, rng: &mut Rng) -> i64 {
        let peak = if rng.chance(0.55) {
            self.place.4
        } else {
            self.place.4 - 7.5
        };
        let spread = (rng.unit() + rng.unit() + rng.unit() - 1.5) * 7.0;
        ((peak + spread).rem_euclid(24.0) * 3600.0) as i64
    }

    pub(super) fn describe(&self, event: &mut Event, way: &Way) {
        let (country, region, city, language, _) = self.place;
        let [device, os, os_version, browser, browser_version, screen] = self.machine;
        let [
            source,
            channel,
            referrer,
            utm_source,
            utm_medium,
            utm_campaign,
        ] = *way;
        let values = [
            (TextColumn::Country, country),
            (TextColumn::Region, region),
            (TextColumn::City, city),
            (TextColumn::Language, language),
            (TextColumn::Device, device),
            (TextColumn::Os, os),
            (TextColumn::OsVersion, os_version),
            (TextColumn::Browser, browser),
            (TextColumn::BrowserVersion, browser_version),
            (TextColumn::Screen, screen),
            (TextColumn::Source, source),
            (TextColumn::Channel, channel),
            (TextColumn::Referrer, referrer),
            (TextColumn::UtmSource, utm_source),
            (TextColumn::UtmMedium, utm_medium),
            (TextColumn::UtmCampaign, utm_campaign),
        ];
        for (column, value) in values {
            event.text[column].push_str(value);
        }
    }
}
