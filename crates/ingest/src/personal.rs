//! Finds personal data where none may be: names of fields that ask for it, and values that look
//! like it. It errs on the side of finding, since nothing here has need of such values, and its
//! answers describe what was found without repeating it. How often it errs is measured below.

mod disguises;
mod names;
mod numbers;
mod tokens;

pub use names::in_name;

/// What personal data is in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// An e-mail address.
    Email,
    /// A phone number, with its country or with the signs that phone numbers are written with.
    Phone,
    /// The number of a payment card.
    Card,
    /// The number of a bank account (IBAN).
    Account,
    /// A position on earth.
    Position,
    /// An IP address of somebody.
    Address,
    /// A password, key or token with a mark by which it is known.
    Secret,
    /// A long run of letters and digits, which may be a token, or the hash of something.
    Opaque,
    /// The folder of a person on a computer.
    HomeFolder,
}

impl Sort {
    /// What is told to whoever sent it.
    pub fn what(self) -> &'static str {
        match self {
            Self::Email => "looks like an e-mail address",
            Self::Phone => "looks like a phone number",
            Self::Card => "looks like the number of a payment card",
            Self::Account => "looks like the number of a bank account",
            Self::Position => "looks like a position",
            Self::Address => "looks like an IP address",
            Self::Secret | Self::Opaque => "looks like a secret",
            Self::HomeFolder => "holds the home folder of a person",
        }
    }
}

/// What a text value holds, if it may not be there.
pub fn in_value(text: &str) -> Option<&'static str> {
    find(text).map(Sort::what)
}

/// The first sort of personal data that a text value holds.
pub fn find(text: &str) -> Option<Sort> {
    let text = text.trim();
    numbers::find(text).or_else(|| tokens::find(&disguises::plain(text)))
}

/// The same, for values that the owner of a site chose to send: a hash or the id of a release is
/// left to them, and so is a folder.
pub fn find_in_property(text: &str) -> Option<Sort> {
    find(text).filter(|sort| !matches!(sort, Sort::Opaque | Sort::HomeFolder))
}

#[cfg(test)]
mod tests;
