//! The class of a device, from the marks that its user agent carries. Order matters: a television
//! runs Android, a tablet says so only by what it leaves out.

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

/// The class of the device, or empty where there is no sign of a screen.
pub(super) fn class(user_agent: &str, os: &str) -> &'static str {
    let has = |marks: &[&str]| marks.iter().any(|mark| user_agent.contains(mark));
    if has(CONSOLES) {
        return "Console";
    }
    if has(TELEVISIONS) || (user_agent.contains("Tizen") && user_agent.contains("TV")) {
        return "TV";
    }
    if has(TABLETS) && !user_agent.contains("Windows NT") {
        return if user_agent.contains("Silk/") && user_agent.contains("Mobile") {
            "Mobile"
        } else {
            "Tablet"
        };
    }
    if user_agent.contains("Android") {
        return if has(PHONES) || !user_agent.contains("Mozilla") {
            "Mobile"
        } else {
            "Tablet"
        };
    }
    if has(PHONES) || os == "iOS" {
        return "Mobile";
    }
    if has(DESKTOPS) { "Desktop" } else { "" }
}
