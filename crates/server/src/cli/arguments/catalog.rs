//! What can be said about the catalog itself. Nothing is done here.

use clap::Subcommand;

/// `almanac catalog …`
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Take the tables back to what an older program knows
    #[command(after_help = "Examples:
  almanac catalog go-back --to 17

Stop every server first and make a back-up: what only the newer tables can hold is lost. The next
start of this program brings the tables up to date again.")]
    GoBack {
        /// The version that the older program named when it refused to start
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        to: i64,
    },
}
