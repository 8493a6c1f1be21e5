//! The class of a device, from the marks that its user agent carries. Order matters: a television
//! runs Android, a tablet says so only by what it leaves out.

use aho_corasick::{AhoCorasick, BuildError};

const CONSOLES: &[&str] = &["PlayStation", "Xbox", "Nintendo", "Steam Deck", "GameCube"];

const TELEVISIONS: &[&str] = &[
    "SmartTV",
    "SMART-TV",
    "Smart-TV",
    "Smart TV",
    "GoogleTV",
    "Google TV",
    "AppleTV",
    "Apple TV",
    "Android TV",
    "HbbTV",
    "NetCast",
    "NETTV",
    "Web0S",
    "webOS.TV",
    "BRAVIA",
    "CrKey",
    "Roku",
    "VIDAA",
    "Viera",
    "VIERA",
    "AFTB",
    "AFTT",
    "AFTM",
    "AFTS",
    "AFTN",
    "AFTK",
    "Opera TV",
    "TV Safari",
    "DTV",
    "InternetTV",
    "OMI/",
    "Hisense",
    "BeyondTV",
    "SHIELD Android",
];

const TABLETS: &[&str] = &[
    "iPad", "Tablet", "PlayBook", "Kindle", "KFAPWI", "Silk/", "Nexus 7", "Nexus 9", "Nexus 10",
];

const PHONES: &[&str] = &[
    "iPhone",
    "iPod",
    "Mobile",
    "Windows Phone",
    "BlackBerry",
    "BB10",
    "Opera Mini",
    "Opera Mobi",
    "Symbian",
    "SymbOS",
    "KAIOS",
    "KaiOS",
    "Series60",
    "Series40",
    "Nokia",
    "MIDP",
    "UP.Browser",
    "IEMobile",
    "webOS/",
    "Maemo",
    "Bada",
];

const DESKTOPS: &[&str] = &[
    "Windows",
    "Macintosh",
    "Mac OS X",
    "Mac_PowerPC",
    "X11",
    "CrOS",
    "Linux",
    "BSD",
    "OS/2",
];

/// The groups of marks. A mark that says something only beside others is a group of its own; a
/// group's place is its bit in what a user agent has.
const GROUPS: [&[&str]; 12] = [
    CONSOLES,
    TELEVISIONS,
    TABLETS,
    PHONES,
    DESKTOPS,
    &["Android"],
    &["Windows NT"],
    &["Mozilla"],
    &["Tizen"],
    &["TV"],
    &["Silk/"],
    &["Mobile"],
];
const CONSOLE: u16 = 1;
const TELEVISION: u16 = 1 << 1;
const TABLET: u16 = 1 << 2;
const PHONE: u16 = 1 << 3;
const DESKTOP: u16 = 1 << 4;
const ANDROID: u16 = 1 << 5;
const WINDOWS_NT: u16 = 1 << 6;
const MOZILLA: u16 = 1 << 7;
const TIZEN_TV: u16 = 1 << 8 | 1 << 9;
const SILK_MOBILE: u16 = 1 << 10 | 1 << 11;

/// The marks of all groups in one automaton, so that a user agent is read once.
pub(super) struct Devices {
    marks: AhoCorasick,
    /// The bit of each mark's group.
    bits: Vec<u16>,
}

impl Devices {
    pub(super) fn new() -> Result<Self, BuildError> {
        let marks = GROUPS.iter().flat_map(|group| group.iter());
        let bits = GROUPS.iter().enumerate();
        let bits = bits.flat_map(|(place, group)| group.iter().map(move |_| 1_u16 << place));
        Ok(Self {
            marks: AhoCorasick::new(marks)?,
            bits: bits.collect(),
        })
    }

    /// The class of the device, or empty where there is no sign of a screen.
    pub(super) fn class(&self, user_agent: &str, os: &str) -> &'static str {
        let marks = self.marks.find_overlapping_iter(user_agent);
        let bits = marks.filter_map(|found| self.bits.get(found.pattern().as_usize()));
        class(bits.fold(0, |all, bit| all | bit), os)
    }
}

fn class(marks: u16, os: &str) -> &'static str {
    let has = |all: u16| marks & all == all;
    if has(CONSOLE) {
        return "Console";
    }
    if has(TELEVISION) || has(TIZEN_TV) {
        return "TV";
    }
    if has(TABLET) && !has(WINDOWS_NT) {
        return if has(SILK_MOBILE) { "Mobile" } else { "Tablet" };
    }
    if has(ANDROID) {
        return if has(PHONE) || !has(MOZILLA) {
            "Mobile"
        } else {
            "Tablet"
        };
    }
    if has(PHONE) || os == "iOS" {
        return "Mobile";
    }
    if has(DESKTOP) { "Desktop" } else { "" }
}
