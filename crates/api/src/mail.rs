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

/// How sending goes, since the start of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailState {
    /// Letters that wait to be sent, or to be tried again.
    pub waiting: u64,
    /// Letters that the mail server took.
    pub sent: u64,
    /// Letters that were given up.
    pub failed: u64,
    /// Why the newest attempt failed, if it did. It holds no address.
    pub trouble: Option<String>,
}

/// Sends letters.
#[expect(missing_debug_implementations, reason = "it is two functions")]
pub struct Mailer {
    send: Box<dyn Fn(Mail) -> Sending + Send + Sync>,
    state: Box<dyn Fn() -> MailState + Send + Sync>,
}

impl Mailer {
    /// A sender that takes letters by the one function and tells by the other how it goes. Taken
    /// is not sent yet.
    pub fn new(
        send: impl Fn(Mail) -> Sending + Send + Sync + 'static,
        state: impl Fn() -> MailState + Send + Sync + 'static,
    ) -> Self {
        Self {
            send: Box::new(send),
            state: Box::new(state),
        }
    }

    /// Hands a letter over.
    pub(crate) async fn send(&self, mail: Mail) -> Result<(), MailError> {
        (self.send)(mail).await
    }

    /// How it goes.
    pub(crate) fn state(&self) -> MailState {
        (self.state)()
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
