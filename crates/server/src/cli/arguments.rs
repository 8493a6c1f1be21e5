//! What can be said on the command line, and the help that teaches it. Nothing is done here.

mod catalog;
mod forecast;
mod mail;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::exit_code::EXIT_CODES_HELP;
pub use catalog::CatalogCommand;
pub use forecast::{
    AnomalyCommand, AnomalyScanArguments, BacktestArguments, ForecastCommand, OfSeries, OfVersion,
    TrainArguments, TrainingCommand,
};
pub use mail::MailCommand;

/// Web, product and model analytics in one program.
#[derive(Debug, Parser)]
#[command(
    name = "almanac",
    version,
    after_help = EXIT_CODES_HELP,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Configuration file [default: almanac.toml here, if there is one]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Configuration"
    )]
    config: Option<String>,
    /// Data directory [default: almanac-data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Configuration"
    )]
    data_dir: Option<String>,
    /// Least important log lines to write: error, warn, info, debug or trace
    #[arg(
        long,
        global = true,
        value_name = "LEVEL",
        help_heading = "Configuration"
    )]
    log_level: Option<String>,
    /// Form of log lines: text or json
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        help_heading = "Configuration"
    )]
    log_format: Option<String>,
    /// Answer in JSON, errors included
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// The variables that flags override, with their values; for `config::load`.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let mut flags = Vec::new();
        let mut add = |variable, value: &Option<String>| {
            if let Some(value) = value {
                flags.push((variable, value.clone()));
            }
        };
        add("ALMANAC_CONFIG", &self.config);
        add("ALMANAC_DATA_DIR", &self.data_dir);
        add("ALMANAC_LOG_LEVEL", &self.log_level);
        add("ALMANAC_LOG_FORMAT", &self.log_format);
        if let Command::Serve(serve) = &self.command {
            add("ALMANAC_LISTEN", &serve.listen);
            add("ALMANAC_BASE_URL", &serve.base_url);
        }
        flags
    }
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Collect events and show them: the server
    Serve(ServeArguments),
    /// Load events from elsewhere
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write events to a file that other programs read
    Export(ExportArguments),
    /// Erase events for good
    Erase(EraseArguments),
    /// How long a project keeps its events
    Retention(RetentionArguments),
    /// How much disk projects take
    Disk(DiskArguments),
    /// Load a believable year of three invented projects
    Demo(DemoArguments),
    /// Ask a question and print the answer
    Query(QueryArguments),
    /// Forecasts of series in files
    #[command(subcommand)]
    Forecast(ForecastCommand),
    /// Anomalies in series in files
    #[command(subcommand)]
    Anomaly(AnomalyCommand),
    /// Look for what is wrong with this installation
    Doctor(DoctorArguments),
    /// Letters: whether the configured mail server takes them
    #[command(subcommand)]
    Mail(MailCommand),
    /// Events that could not be stored, with the reason
    #[command(subcommand)]
    DeadLetters(DeadLettersCommand),
    /// A command that needs only the catalog.
    #[command(flatten)]
    Local(LocalCommand),
}

/// Commands that need only the configuration and the catalog; `cli::run` does them.
#[derive(Debug, Subcommand)]
pub enum LocalCommand {
    /// What is configured, and from where
    #[command(subcommand)]
    Config(ConfigCommand),
    /// People who sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Sites and products whose events are kept
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Keys for programs that send events or ask questions
    #[command(subcommand)]
    Key(KeyCommand),
    /// What a project does not count: paths, countries, addresses
    #[command(subcommand)]
    DropRule(DropRuleCommand),
    /// What was done by whom
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The tables of people, projects and keys
    #[command(subcommand)]
    Catalog(CatalogCommand),
}

/// `almanac serve`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac serve
  almanac serve --listen 0.0.0.0:8000 --base-url https://stats.example --data-dir /var/lib/almanac

The first start prints a link with which you make yourself the owner.")]
pub struct ServeArguments {
    /// Address and port [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Address under which browsers reach this server [default: http:// and the listen address]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// `almanac config …`
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its origin; secrets are masked
    Show,
}

/// `almanac user …`
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; without a password given, one is made and printed once
    #[command(after_help = "Examples:
  almanac user add --email ada@example.org
  almanac user add --email bob@example.org --role editor --password-stdin < password.txt
  ALMANAC_PASSWORD=… almanac user add --email ada@example.org --json

The password may also stand in ALMANAC_PASSWORD or in the file that ALMANAC_PASSWORD_FILE names.
It is no flag, because other users of a machine can read the flags of a program.")]
    Add {
        /// E-mail address, with which the user signs in
        #[arg(long)]
        email: String,
        /// How the user is called; without it, the address up to the @
        #[arg(long, default_value = "")]
        name: String,
        /// owner, admin, editor or viewer [default: owner where there is none yet, else viewer]
        #[arg(long)]
        role: Option<String>,
        /// Read the password from the first line of this file
        #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
        password_file: Option<PathBuf>,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print all users
    List,
    /// Print a link with which a user sets a new password; it works once, for an hour
    #[command(after_help = "Examples:
  almanac user reset --email ada@example.org

Setting the password ends the user's sessions. A second factor stays: for a lost telephone see
`almanac user second-factor-off`.")]
    Reset {
        /// E-mail address of the user
        #[arg(long)]
        email: String,
    },
    /// Change what a user may do, or switch the account off or on
    #[command(after_help = "Examples:
  almanac user change --email bob@example.org --role editor
  almanac user change --email bob@example.org --switch off

Switching an account off ends its sessions at once.")]
    Change {
        /// E-mail address of the user
        #[arg(long)]
        email: String,
        /// owner, admin, editor or viewer
        #[arg(long)]
        role: Option<String>,
        /// on or off
        #[arg(long, value_name = "STATE")]
        switch: Option<String>,
    },
    /// Remove a user, with sessions and second factor
    Remove {
        /// E-mail address of the user
        #[arg(long)]
        email: String,
    },
    /// Take a user's second factor away, for somebody who lost telephone and recovery codes
    SecondFactorOff {
        /// E-mail address of the user
        #[arg(long)]
        email: String,
    },
    /// End every session of a user, at once
    EndSessions {
        /// E-mail address of the user
        #[arg(long)]
        email: String,
    },
}

/// `almanac audit …`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Print what was done by whom, newest first
    #[command(after_help = "Examples:
  almanac audit list --action key
  almanac audit list --actor ada@example.org --limit 20 --json")]
    List {
        /// Part of who did it: an e-mail address, `command line`, the prefix of a key
        #[arg(long, default_value = "")]
        actor: String,
        /// The action, or its beginning: `key` finds key.add and key.revoke
        #[arg(long, default_value = "")]
        action: String,
        /// What it happened to, such as `user 3`
        #[arg(long, default_value = "")]
        subject: String,
        /// Most entries to print, up to 1000
        #[arg(long, default_value_t = 50)]
        limit: i64,
    },
    /// Check that no entry was changed, left out or cut off
    #[command(after_help = "Examples:
  almanac audit verify
  almanac audit verify --head 0f1e2d…

It prints the newest hash, the head. Note it somewhere else: given with --head later, it proves that
nothing was cut off since.")]
    Verify {
        /// A head that was noted earlier
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
    },
}

/// `almanac project …`
#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// Add a project
    #[command(after_help = "Examples:
  almanac project add --name Shop --host shop.example --time-zone Europe/Berlin
  almanac project add --name Docs --host docs.example --host help.example --json")]
    Add {
        /// How the project is called
        #[arg(long)]
        name: String,
        /// A host whose events it takes; repeatable, the first is its domain
        #[arg(long = "host", value_name = "HOST", required = true)]
        hosts: Vec<String>,
        /// IANA name of the zone of its days
        #[arg(long, value_name = "ZONE", default_value = "UTC")]
        time_zone: String,
        /// How visitors are told apart: cookieless (a hash that lives a day) or stable (consented)
        #[arg(long, value_name = "WAY", default_value = "cookieless")]
        identity: String,
    },
    /// Change a project; what is not named stays
    #[command(after_help = "Examples:
  almanac project change shop.example --query-parameter page --query-parameter q
  almanac project change shop.example --host shop.example --host pay.example")]
    Change {
        /// The project: its id, its domain or one of its hosts
        project: String,
        /// How it is called from now on
        #[arg(long)]
        name: Option<String>,
        /// A host whose events it takes; repeatable, replacing those it has
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        /// A parameter of addresses that is kept as a part of a page's name; repeatable, replacing
        /// those it has
        #[arg(long = "query-parameter", value_name = "NAME")]
        query_parameters: Vec<String>,
        /// Keep no parameter
        #[arg(long, conflicts_with = "query_parameters")]
        no_query_parameters: bool,
    },
    /// Print all projects
    List,
}

/// `almanac key …`
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, once
    #[command(after_help = "Examples:
  almanac key add --project shop.example --scope stats --name 'weekly report'
  KEY=$(almanac key add --project 1 --scope ingest --json | jq -r .key)")]
    Add {
        /// The project: its id, its domain or one of its hosts; not for the scope admin
        #[arg(long, required_unless_present = "is_for_all")]
        project: Option<String>,
        /// What the key opens: ingest (sending events), stats:read (asking questions),
        /// project:write (changing the project too)
        #[arg(long, required_unless_present = "is_for_all")]
        scope: Option<String>,
        /// Make a key of the whole instance instead: what an admin may do
        #[arg(long = "admin", conflicts_with_all = ["project", "scope"])]
        is_for_all: bool,
        /// What the key is for [default: its scope]
        #[arg(long, default_value = "")]
        name: String,
        /// Days after which the key stops working [default: when it is revoked]
        #[arg(long, value_name = "DAYS")]
        expires_in: Option<i64>,
    },
    /// Print keys, without their secrets
    List {
        /// Only of this project
        #[arg(long)]
        project: Option<String>,
    },
    /// Revoke a key; it fails at once
    Revoke {
        /// The key's id, or its prefix (the third part of alm_s_PREFIX_…)
        key: String,
    },
    /// Sign access tokens with a new key; those signed before stay good until they are over
    RotateSigning {
        /// Forget the old keys at once: every access token has to be refreshed
        #[arg(long)]
        forget_old: bool,
    },
}

/// `almanac drop-rule …`
#[derive(Debug, Subcommand)]
pub enum DropRuleCommand {
    /// Refuse events from now on; they are counted as refused, with the rule's kind as the reason
    #[command(after_help = "Examples:
  almanac drop-rule add --project shop.example --kind path --value '/admin/*'
  almanac drop-rule add --project shop.example --kind country --value DE
  almanac drop-rule add --project shop.example --kind ip_range --value 192.0.2.0/24

What is stored already stays.")]
    Add {
        /// The project: its id, its domain or one of its hosts
        #[arg(long)]
        project: String,
        /// What the rule looks at: path, country or ip_range
        #[arg(long)]
        kind: String,
        /// A path with * for any text, a country's two letters, or a range of addresses
        #[arg(long)]
        value: String,
    },
    /// Print rules
    List {
        /// Only of this project
        #[arg(long)]
        project: Option<String>,
    },
    /// Remove a rule
    Remove {
        /// The project: its id, its domain or one of its hosts
        #[arg(long)]
        project: String,
        /// The rule's id, as `list` prints it
        id: i64,
    },
}

/// `almanac import …`
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Access logs of a web server, Common or Combined format
    AccessLog(AccessLogArguments),
    /// Events in Parquet files
    Parquet(RowsArguments),
    /// Events as lines of JSON, an object each, plain or gzip
    Ndjson(RowsArguments),
    /// Events as comma-separated values, names in the first line, plain or gzip
    Csv(RowsArguments),
}

/// `almanac import parquet`, `ndjson` and `csv`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac import parquet events.parquet --project shop.example
  almanac import csv old.csv --project 1 --map ts=time --map uid=visitor,page=path
  zcat export.ndjson.gz | almanac import ndjson - --project 1

A column goes where its name or --map says; docs/import.md lists the fields. Rows with a url, an ip
or a user_agent are enriched as live events are, all others are taken as they are. Importing the
same rows again changes nothing. A server may run on the same data directory: it then does the
work.")]
pub struct RowsArguments {
    /// Files; - for standard input, except Parquet
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// What a column becomes, repeatable or with commas; column=- leaves it out
    #[arg(long, value_name = "COLUMN=FIELD", value_delimiter = ',')]
    pub map: Vec<String>,
}

/// `almanac import access-log`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac import access-log /var/log/nginx/access.log* --project shop.example
  zcat old.gz | almanac import access-log - --project 1 --host shop.example

Importing the same lines again changes nothing. A server may run on the same data directory: it
then does the work.")]
pub struct AccessLogArguments {
    /// Log files, gzip or plain; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// Host of the logged pages [default: the project's domain]
    #[arg(long)]
    pub host: Option<String>,
    /// Count images, scripts, styles and other static files too
    #[arg(long)]
    pub include_static: bool,
}

/// `almanac erase`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac erase --project shop.example --visitor 11083497808733130 --dry-run
  almanac erase --project 1 --user ada@example.org
  almanac erase --project 1 --day 2026-02-28 --yes

Without --yes it counts, shows the count and asks. Works while a server runs on the same data
directory.")]
pub struct EraseArguments {
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// What is to go.
    #[command(flatten)]
    pub what: ErasedEvents,
    /// Count only
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// What an erasure is about: exactly one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ErasedEvents {
    /// All events of this visitor
    #[arg(long, value_name = "NUMBER")]
    pub visitor: Option<String>,
    /// All events that carry this user's id
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
    /// All events of this local day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub day: Option<String>,
    /// All events of local days before this one
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub before: Option<String>,
}

/// `almanac retention`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac retention --project shop.example
  almanac retention --project shop.example --days 90 --dry-run
  almanac retention --project shop.example --for-ever

What is older goes within minutes while a server runs. Unless chosen, two years are kept.")]
pub struct RetentionArguments {
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// Keep so many whole local days beside today
    #[arg(long, value_name = "DAYS", conflicts_with = "for_ever")]
    pub days: Option<u32>,
    /// Keep all events
    #[arg(long)]
    pub for_ever: bool,
    /// Show what the choice would remove, without choosing
    #[arg(long)]
    pub dry_run: bool,
}

/// `almanac disk`
#[derive(Debug, Args)]
pub struct DiskArguments {
    /// Only this project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: Option<String>,
}

/// `almanac export`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac export --project shop.example -o events.parquet
  almanac export --project 1 --format ndjson --from 2026-01-01 --to 2026-01-31 -o - | gzip > jan.gz

Cut off, run the same command again: it goes on with the first day that is not complete. A server
may run on the same data directory.")]
pub struct ExportArguments {
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// parquet, ndjson or csv [default: by the ending of the file, else ndjson]
    #[arg(long)]
    pub format: Option<String>,
    /// First local day [default: the first with events]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Option<String>,
    /// Last local day [default: the last with events]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<String>,
    /// Where the events go; - for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `almanac demo`
#[derive(Debug, Args)]
#[command(after_help = "Example:
  almanac demo --data-dir /tmp/demo && almanac serve --data-dir /tmp/demo")]
pub struct DemoArguments {
    /// Last day of the year [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub today: Option<String>,
    /// More or fewer visits than usual, as a factor
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    pub scale: f64,
}

/// `almanac query`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  almanac query --project shop.example --metrics visitors,pageviews --range 30d
  almanac query --project 1 --dimensions event:page \\
      --filters '[[\"is\",\"visit:country\",[\"DE\"]]]'")]
pub struct QueryArguments {
    /// The project: its id, its domain or one of its hosts
    #[arg(long)]
    pub project: String,
    /// What to count, with commas
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "visitors,visits,pageviews"
    )]
    pub metrics: Vec<String>,
    /// What to group by, with commas
    #[arg(long, value_delimiter = ',')]
    pub dimensions: Vec<String>,
    /// Filters, as JSON in the form of the API
    #[arg(long, value_name = "JSON")]
    pub filters: Option<String>,
    /// Period: day, 7d, 30d, month, 12mo, all, or two dates with a comma, 2026-11-01,2026-11-07
    #[arg(long, default_value = "7d")]
    pub range: String,
    /// Rows at most, 1 to 10000
    #[arg(
        long,
        default_value_t = 100,
        value_parser = clap::value_parser!(u64).range(1..=10_000)
    )]
    pub limit: u64,
    /// Tell what was read for the answer, and why
    #[arg(long)]
    pub explain: bool,
    /// Whose traffic: people or bots
    #[arg(long, default_value = "people")]
    pub traffic: String,
}

/// `almanac doctor`
#[derive(Debug, Args)]
pub struct DoctorArguments {}

/// `almanac dead-letters …`
#[derive(Debug, Subcommand)]
pub enum DeadLettersCommand {
    /// Print them, newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// Print one in full
    Show {
        /// Its number
        id: u64,
    },
    /// Give one, or all, to the store again
    Replay {
        /// Its number [default: all]
        id: Option<u64>,
    },
    /// Forget one for ever
    Drop {
        /// Its number
        id: u64,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}
