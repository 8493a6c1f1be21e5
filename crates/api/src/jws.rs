//! Signed tokens in their compact form (RFC 7515): three parts in base64url, taken apart strictly
//! and put together. Whose signature is believed, and what the claims mean, is decided elsewhere.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A token taken apart. Nothing of it has been believed yet.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// What the signature is over: header and claims as they came.
    pub(crate) signed: &'a str,
    header: Vec<u8>,
    claims: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Parts<'_> {
    /// The header, if it is what is asked for; a name that stands there twice is an error.
    pub(crate) fn header<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.header).ok()
    }

    /// The claims, if they are what is asked for.
    pub(crate) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.claims).ok()
    }
}

/// Takes a token of at most so many bytes apart. Each part has one spelling only: padding, other
/// alphabets, and bits that mean nothing are refused.
pub(crate) fn split(text: &str, bytes_max: usize) -> Option<Parts<'_>> {
    if text.len() > bytes_max {
        return None;
    }
    let (signed, signature) = text.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    // A fourth part would leave a dot in the claims, which is in no alphabet.
    Some(Parts {
        signed,
        header: part(header)?,
        claims: part(claims)?,
        signature: part(signature)?,
    })
}

/// Puts a token together.
pub(crate) fn join(
    header: &impl Serialize,
    claims: &impl Serialize,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<String, serde_json::Error> {
    let part = |value: Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(value);
    let (header, claims) = (serde_json::to_vec(header)?, serde_json::to_vec(claims)?);
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = part(sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_token_has_one_spelling() {
        let (header, claims) = (json!({ "alg": "x" }), json!({ "sub": "1" }));
        let token = join(&header, &claims, |_| vec![1, 2, 3, 4]).unwrap();
        let parts = split(&token, 100).unwrap();
        assert_eq!(parts.header::<Value>(), Some(header));
        assert_eq!(parts.claims::<Value>(), Some(claims));
        assert_eq!(parts.signature, [1, 2, 3, 4]);
        assert!(split(&token, token.len()).is_some());
        assert!(split(&token, token.len() - 1).is_none());
        let others = [
            format!("{token}="),
            format!("{token}=="),
            format!("{token}.e30"),
            format!("e30.{token}"),
            format!(" {token}"),
            // The last letter of four bytes carries four bits that mean nothing.
            token.replace("AQIDBA", "AQIDBB"),
            token.replacen('.', "", 1),
            token.replace("AQIDBA", "AQI+BA"),
        ];
        for other in others {
            assert!(split(&other, 100).is_none(), "{other}");
        }
    }
}
