//! Where a sender is. With a GeoIP database, from its address; without one, from the time zone of
//! its browser, which names a country in most cases. The database comes in as bytes, and a broken
//! one gives no places instead of a crash.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use maxminddb::{Reader, geoip2};

use crate::text;

/// A place, as far as it is known; empty text where it is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// ISO 3166-2 code.
    pub region: String,
    /// English name of the city.
    pub city: String,
}

/// A GeoIP database that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("GeoIP database cannot be read ({reason}): give a MaxMind DB file of city or country type")]
pub struct PlacesError {
    reason: String,
}

/// Finds places. Its database can be replaced while others look places up.
#[derive(Default)]
pub struct Places {
    database: RwLock<Option<Database>>,
}

/// Shared, so that a look-up under way ends in the database in which it began.
type Database = Arc<Reader<Vec<u8>>>;

impl fmt::Debug for Places {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Places")
            .field("database", &self.database().is_some())
            .finish()
    }
}

/// Country by IANA zone, old names included.
static ZONES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../data/zones.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

impl Places {
    /// Without a database: countries from time zones.
    pub fn from_time_zones() -> Self {
        Self::default()
    }

    /// With the bytes of a MaxMind DB file. Fails when they are none.
    pub fn from_database(bytes: Vec<u8>) -> Result<Self, PlacesError> {
        let places = Self::default();
        places.replace(bytes)?;
        Ok(places)
    }

    /// Takes the bytes of a newer MaxMind DB file. When they are none the old one stays.
    pub fn replace(&self, bytes: Vec<u8>) -> Result<(), PlacesError> {
        let database = Reader::from_source(bytes).map_err(|fault| PlacesError {
            reason: fault.to_string(),
        })?;
        let mut place = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::new(database));
        Ok(())
    }

    fn database(&self) -> Option<Database> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        database.clone()
    }

    /// The place of an address, or of a time zone where the address says nothing.
    pub fn find(&self, ip: Option<IpAddr>, time_zone: &str) -> Place {
        if let (Some(database), Some(ip)) = (self.database(), ip)
            && let Some(place) = look_up(&database, ip)
        {
            return place;
        }
        let country = ZONES
            .get(time_zone.trim())
            .copied()
            .unwrap_or("")
            .to_owned();
        Place {
            country,
            ..Place::default()
        }
    }
}

fn look_up(database: &Reader<Vec<u8>>, ip: IpAddr) -> Option<Place> {
    // An address that the database cannot resolve, for whatever reason, has no place.
    let city: geoip2::City<'_> = database.lookup(ip).ok()?.decode().ok()??;
    let country = code(city.country.iso_code?)?;
    let region = city
        .subdivisions
        .first()
        .and_then(|division| division.iso_code);
    let region = region.filter(|code| code.len() <= 3 && !code.is_empty());
    Some(Place {
        region: region
            .map(|code| format!("{country}-{code}"))
            .unwrap_or_default(),
        city: city
            .city
            .names
            .english
            .map(|name| text::clean(name, 200))
            .unwrap_or_default(),
        country,
    })
}

/// A country code, if the text is one.
fn code(text: &str) -> Option<String> {
    let is_code = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CITY: &[u8] = include_bytes!("../../../testdata/ingest/GeoIP2-City-Test.mmdb");

    fn check(places: &Places, ip: &str, zone: &str, expected: &str) {
        let Place {
            country,
            region,
            city,
        } = places.find(ip.parse().ok(), zone);
        assert_eq!(
            format!("{country}|{region}|{city}"),
            expected,
            "{ip} {zone}"
        );
    }

    #[test]
    fn a_database_gives_country_region_and_city() {
        let places = Places::from_database(CITY.to_vec()).unwrap();
        check(&places, "81.2.69.142", "", "GB|GB-ENG|London");
        check(&places, "89.160.20.128", "Asia/Tokyo", "SE|SE-E|Linköping");
        check(&places, "10.0.0.1", "Asia/Tokyo", "JP||");
        check(&places, "", "", "||");
    }

    #[test]
    fn a_newer_database_takes_over_and_a_broken_one_does_not() {
        let places = Places::from_time_zones();
        check(&places, "81.2.69.142", "Asia/Tokyo", "JP||");
        assert!(places.replace(b"not a database".to_vec()).is_err());
        check(&places, "81.2.69.142", "Asia/Tokyo", "JP||");
        places.replace(CITY.to_vec()).unwrap();
        check(&places, "81.2.69.142", "Asia/Tokyo", "GB|GB-ENG|London");
        assert!(places.replace(Vec::new()).is_err());
        check(&places, "81.2.69.142", "Asia/Tokyo", "GB|GB-ENG|London");
    }

    #[test]
    fn without_a_database_the_zone_gives_the_country() {
        let places = Places::from_time_zones();
        check(&places, "81.2.69.142", "Europe/Berlin", "DE||");
        check(&places, "", "Asia/Calcutta", "IN||");
        check(&places, "", "America/Buenos_Aires", "AR||");
        check(&places, "", "UTC", "||");
        check(&places, "", "\0\u{202e}", "||");
    }

    #[test]
    fn bytes_that_are_no_database_are_refused() {
        assert!(Places::from_database(Vec::new()).is_err());
        assert!(Places::from_database(b"not a database".to_vec()).is_err());
    }

    proptest! {
        #[test]
        fn a_broken_database_never_crashes(
            cut in 0usize..CITY.len(),
            at in 0usize..CITY.len(),
            byte in any::<u8>(),
            ip in any::<std::net::Ipv4Addr>(),
        ) {
            let mut flipped = CITY.to_vec();
            flipped[at] = byte;
            for bytes in [CITY[..cut].to_vec(), flipped] {
                if let Ok(places) = Places::from_database(bytes) {
                    for ip in [IpAddr::from(ip), IpAddr::from([81, 2, 69, 142])] {
                        prop_assert!(places.find(Some(ip), "").country.len() <= 2);
                    }
                }
            }
        }
    }
}
