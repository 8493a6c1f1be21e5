//! `almanac mail test`: one letter, sent while somebody waits for the answer. It needs no data
//! directory and no server.

use almanac_api::Mail;
use serde_json::json;

use crate::cli::{ExitCode, Failure, MailCommand, World};
use crate::mail::Post;

/// Does the command.
pub(crate) async fn run(command: &MailCommand, world: &mut World<'_>) -> anyhow::Result<()> {
    let MailCommand::Test { to } = command;
    let post = Post::new(&world.config.mail)?.ok_or_else(|| {
        let text = "no mail server is configured; set ALMANAC_MAIL_HOST and ALMANAC_MAIL_FROM";
        Failure::new(ExitCode::Configuration, text)
    })?;
    let base_url = world.config.base_url();
    let mail = Mail {
        to: to.clone(),
        subject: "A letter from Almanac".to_owned(),
        text: format!("Mail works. Links in letters will begin with {base_url}\n"),
    };
    post.deliver(&mail).await.map_err(|trouble| {
        let text = format!("the letter was not sent: {}", trouble.reason);
        Failure::new(ExitCode::Failed, text)
    })?;
    let text = format!("the mail server took a letter to {to}\n");
    Ok(world.output.answer(&json!({ "sent": to }), &text)?)
}
