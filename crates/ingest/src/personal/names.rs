//! Names of fields that ask for personal data. Whole words at the end of a name decide, so that
//! counters and settings which merely speak of such data are left alone.

/// Endings of field names, as words, and what they announce. `user_email`, `clientIp` and
/// `x-api-key` end in one; `token_count` and `max_tokens` do not.
const NAMES: &[(&[&str], &str)] = &[
    (&["email"], "names an e-mail address"),
    (&["e", "mail"], "names an e-mail address"),
    (&["mail"], "names an e-mail address"),
    (&["phone"], "names a phone number"),
    (&["phone", "number"], "names a phone number"),
    (&["mobile"], "names a phone number"),
    (&["password"], "names a secret"),
    (&["passwd"], "names a secret"),
    (&["secret"], "names a secret"),
    (&["token"], "names a secret"),
    (&["api", "key"], "names a secret"),
    (&["apikey"], "names a secret"),
    (&["private", "key"], "names a secret"),
    (&["authorization"], "names a secret"),
    (&["cookie"], "names a secret"),
    (&["ip"], "names an IP address"),
    (&["ip", "address"], "names an IP address"),
    (&["ipaddress"], "names an IP address"),
    (&["username"], "names a person"),
    (&["user", "name"], "names a person"),
    (&["first", "name"], "names a person"),
    (&["last", "name"], "names a person"),
    (&["full", "name"], "names a person"),
    (&["given", "name"], "names a person"),
    (&["family", "name"], "names a person"),
    (&["passport", "number"], "names an identity number"),
    (&["surname"], "names a person"),
    (&["birthday"], "names a date of birth"),
    (&["date", "of", "birth"], "names a date of birth"),
    (&["dob"], "names a date of birth"),
    (&["street"], "names a postal address"),
    (&["street", "address"], "names a postal address"),
    (&["ssn"], "names an identity number"),
    (&["iban"], "names a bank account"),
    (&["card", "number"], "names a payment card"),
    (&["credit", "card"], "names a payment card"),
    (&["latitude"], "names a position"),
    (&["longitude"], "names a position"),
    (&["lat"], "names a position"),
    (&["lng"], "names a position"),
    (&["lon"], "names a position"),
];

/// What a field of that name would hold, if it may not be there.
pub fn in_name(name: &str) -> Option<&'static str> {
    // Nearly every name ends otherwise, however it is parted into words.
    let joined: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if !NAMES.iter().any(|(ending, _)| ends_joined(&joined, ending)) {
        return None;
    }
    let words = words(name);
    // `is_mobile` asks for yes or no.
    if words.first().is_some_and(|word| word == "is") {
        return None;
    }
    NAMES
        .iter()
        .find(|(ending, _)| ends_with(&words, ending))
        .map(|(_, what)| *what)
}

/// The words of a name in lower case: parts between signs, and humps of camel case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = c.is_lowercase();
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the letters of a name end with those of the words.
fn ends_joined(joined: &str, ending: &[&str]) -> bool {
    let mut rest = Some(joined);
    for word in ending.iter().rev() {
        rest = rest.and_then(|rest| rest.strip_suffix(word));
    }
    rest.is_some()
}

fn ends_with(words: &[String], ending: &[&str]) -> bool {
    let tail = words.iter().rev().zip(ending.iter().rev());
    words.len() >= ending.len() && tail.into_iter().all(|(word, wanted)| word == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_ask_for_personal_data_are_found() {
        for name in [
            "email",
            "userEmail",
            "E-Mail",
            "client_ip",
            "remoteIP",
            "x-api-key",
            "apiKey",
            "access_token",
            "Password",
            "user.name",
            "phone_number",
            "lat",
        ] {
            assert!(in_name(name).is_some(), "{name}");
        }
        for name in [
            "max_tokens",
            "token_count",
            "emails_sent",
            "zip",
            "tool",
            "plat",
            "format",
        ] {
            assert_eq!(in_name(name), None, "{name}");
        }
    }
}
