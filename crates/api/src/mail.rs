//! What is written to people, and the sender that whoever wired the parts has given. How mail
//! travels is the sender's business.

use std::future::Future;
use std::pin::Pin;

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Why a letter could not be sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MailError(String);

impl From<String> for MailError {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

type Sending = Pin<Box<dyn Future<Output = Result<(), MailError>> + Send>>;

/// Sends letters.
#[expect(missing_debug_implementations, reason = "it is a function")]
pub struct Mailer(Box<dyn Fn(Mail) -> Sending + Send + Sync>);

impl Mailer {
    /// A sender that is this function.
    pub fn new(send: impl Fn(Mail) -> Sending + Send + Sync + 'static) -> Self {
        Self(Box::new(send))
    }

    /// Sends a letter.
    pub(crate) async fn send(&self, mail: Mail) -> Result<(), MailError> {
        self.0(mail).await
    }
}

/// The letter with a link that sets a new password.
pub(crate) fn reset(to: &str, link: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "A new password for Almanac".to_owned(),
        text: format!(
            "Somebody, probably you, asked for a new password.\n\n{link}\n\nThe link works once, \
             for an hour. If it was not you, do nothing: your password stays as it is.\n"
        ),
    }
}

/// The letter with an invitation.
pub(crate) fn invitation(to: &str, link: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "You are invited to Almanac".to_owned(),
        text: format!(
            "With this link you get an account:\n\n{link}\n\nIt works once, for a week.\n"
        ),
    }
}
