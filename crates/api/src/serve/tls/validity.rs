//! From when until when a certificate is valid: the one thing in it that the server has to know
//! itself. Reads no other field, and judges nothing.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Tags of DER (X.690) that stand on the way.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALISED_TIME: u8 = 0x18;

/// The first and the last second in which a certificate in DER is valid, since 1970. Nothing when
/// it is no certificate.
pub(super) fn of(certificate: &[u8]) -> Option<(i64, i64)> {
    let (_, whole, _) = element(certificate)?;
    let (_, mut fields, _) = element(whole)?;
    if fields.first() == Some(&VERSION) {
        fields = element(fields)?.2;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let (tag, times, _) = element(fields)?;
    if tag != SEQUENCE {
        return None;
    }
    let (begin_tag, begin, rest) = element(times)?;
    let (end_tag, end, _) = element(rest)?;
    Some((seconds(begin_tag, begin)?, seconds(end_tag, end)?))
}

/// The first element: its tag, what is inside, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        // A length of up to four bytes follows.
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits
                .iter()
                .fold(0_usize, |length, digit| (length << 8) | usize::from(*digit));
            (length, rest)
        }
        _ => return None,
    };
    let (inside, rest) = rest.split_at_checked(length)?;
    Some((tag, inside, rest))
}

/// `YYMMDDHHMMSSZ` (years 1950 to 2049), or the same with four digits of the year (RFC 5280).
fn seconds(tag: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let text = match tag {
        UTC_TIME => {
            let is_last_century = text.get(..2)?.parse::<u8>().ok()? >= 50;
            format!("{}{text}", if is_last_century { "19" } else { "20" })
        }
        GENERALISED_TIME => text.to_owned(),
        _ => return None,
    };
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", &text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(begin: (i32, u8, u8), end: (i32, u8, u8)) -> Vec<u8> {
        let mut parameters = rcgen::CertificateParams::new(["stats.example".to_owned()]).unwrap();
        let date = |(year, month, day)| rcgen::date_time_ymd(year, month, day);
        parameters.not_before = date(begin);
        parameters.not_after = date(end);
        let key = rcgen::KeyPair::generate().unwrap();
        parameters.self_signed(&key).unwrap().der().to_vec()
    }

    #[track_caller]
    fn check(begin: (i32, u8, u8), end: (i32, u8, u8), expected: [&str; 2]) {
        let second = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        let expected = expected.map(second);
        assert_eq!(of(&made(begin, end)), Some((expected[0], expected[1])));
    }

    #[test]
    fn both_spellings_of_a_year_are_read() {
        check(
            (2026, 11, 21),
            (2027, 2, 19),
            ["2026-11-21T00:00:00Z", "2027-02-19T00:00:00Z"],
        );
        check(
            (1999, 12, 31),
            (2060, 2, 29),
            ["1999-12-31T00:00:00Z", "2060-02-29T00:00:00Z"],
        );
    }

    #[test]
    fn what_is_no_certificate_has_no_validity_and_hurts_nobody() {
        let whole = made((2026, 1, 1), (2027, 1, 1));
        for length in 0..200.min(whole.len()) {
            assert_eq!(of(&whole[..length]), None);
        }
        assert_eq!(of(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(of(&[0x30, 0x88, 1, 1, 1, 1, 1, 1, 1, 1]), None);
    }
}
