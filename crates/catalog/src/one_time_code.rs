//! Codes of authenticator apps (RFC 6238 over RFC 4226, HMAC-SHA-1, six digits, 30 seconds): what
//! every such app understands. Here are only the numbers; whose code it is, and whether it was used
//! already, is the business of `second_factor`.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::limits;

/// Digits of a code, and one more than the largest code.
pub(crate) const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step of time that an instant is in, counted from 1970.
pub(crate) fn step(seconds: i64) -> i64 {
    seconds.div_euclid(limits::CODE_STEP_S)
}

/// The code of a step of time.
pub(crate) fn code(secret: &[u8], step: i64) -> Option<String> {
    // A key of any length is good for HMAC; the type of the constructor does not know.
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0xf);
    let bytes: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(bytes) & 0x7fff_ffff) % CODES;
    Some(format!("{number:0DIGITS$}"))
}

/// The text of a secret as apps take it: base 32 (RFC 4648) without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(five_bits: u32) -> char {
    let index = usize::try_from(five_bits & 31).unwrap_or_default();
    char::from(BASE32.get(index).copied().unwrap_or(b'A'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Appendix B of RFC 6238, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        let cases = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(code(secret, step(seconds)).as_deref(), Some(expected));
        }
    }

    /// Section 10 of RFC 4648, without its padding.
    #[test]
    fn base_32_is_that_of_the_standard() {
        let cases = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(base32(bytes.as_bytes()), expected);
        }
    }
}
