//! What can be said of mail on the command line.

use clap::Subcommand;

/// `almanac mail …`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send a letter now, and say what the mail server answered
    #[command(after_help = "Examples:
  almanac mail test --to ada@example.org
  ALMANAC_MAIL_HOST=mail.example ALMANAC_MAIL_FROM=almanac@stats.example almanac mail test --to …")]
    Test {
        /// To whom
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}
