//! Letters on their way: taken from the API into a queue, and given to the mail server that is
//! configured. What stands in a letter is the API's business; no address is ever logged.

mod queue;
mod transport;

use std::sync::Arc;

use almanac_api::{MailError, Mailer};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::cli::{ExitCode, Failure};
use crate::config::{Mail as Settings, MailTls};
use queue::State;
pub(crate) use transport::{Post, Trouble};

/// Letters that may be handed over before the first of them is looked at.
const HANDED_OVER_MAX: usize = 64;

/// The sender for the API, with the task that does the sending until `stop`; nothing where no mail
/// server is configured.
pub(crate) fn start(
    settings: &Settings,
    stop: watch::Receiver<bool>,
) -> Result<Option<(Mailer, JoinHandle<()>)>, Failure> {
    let Some(post) = Post::new(settings)? else {
        return Ok(None);
    };
    if settings.tls == MailTls::None {
        tracing::warn!("mail travels without TLS: whoever is on the way can use the links in it");
    }
    let (sender, letters) = mpsc::channel(HANDED_OVER_MAX);
    let state = Arc::new(State::default());
    let post = Arc::new(post);
    let deliver = move |mail| {
        let post = Arc::clone(&post);
        async move { post.deliver(&mail).await }
    };
    let task = tokio::spawn(queue::run(letters, Arc::clone(&state), stop, deliver));
    let told = Arc::clone(&state);
    let send = move |mail| {
        state.took_one();
        let taken = sender.try_send(mail).map_err(|_| {
            state.refused_one();
            MailError::from("too many letters wait to be sent".to_owned())
        });
        Box::pin(std::future::ready(taken)) as _
    };
    Ok(Some((Mailer::new(send, move || told.shown()), task)))
}

/// A failure of the configuration, for a command line.
fn unusable(reason: &str) -> Failure {
    Failure::new(
        ExitCode::Configuration,
        format!("mail cannot be sent: {reason}"),
    )
}
