//! Exit codes, each with its meaning; scripts may rely on them.

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done.
    Done,
    /// Failed for a reason without a code of its own.
    Failed,
    /// The command line cannot be understood.
    Usage,
    /// What was named does not exist.
    NotFound,
    /// A value that must be unique is in use.
    Taken,
    /// A value breaks a rule.
    Invalid,
    /// The configuration or the instance secret cannot be used.
    Configuration,
    /// The data directory cannot be read or written.
    DataDirectory,
    /// Another process holds the data directory or its database.
    Held,
    /// The listen address is in use or cannot be ours.
    ListenAddress,
    /// A newer program wrote the data.
    TooNew,
}

/// The end of `almanac --help`.
pub(super) const EXIT_CODES_HELP: &str = "\
Exit codes:
  0   done
  1   failed; the message says why
  2   the command line cannot be understood
  3   what was named does not exist
  4   a value that must be unique is in use
  5   a value breaks a rule
  6   the configuration or the secret cannot be used
  7   the data directory cannot be read or written
  8   another process holds the data directory
  10  the listen address cannot be had
  11  a newer almanac wrote the data";

impl ExitCode {
    /// Every code.
    pub const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::NotFound,
        Self::Taken,
        Self::Invalid,
        Self::Configuration,
        Self::DataDirectory,
        Self::Held,
        Self::ListenAddress,
        Self::TooNew,
    ];

    /// The number that the shell sees.
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Taken => 4,
            Self::Invalid => 5,
            Self::Configuration => 6,
            Self::DataDirectory => 7,
            Self::Held => 8,
            Self::ListenAddress => 10,
            Self::TooNew => 11,
        }
    }

    /// The word that `--json` gives beside the number.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Taken => "taken",
            Self::Invalid => "invalid",
            Self::Configuration => "configuration",
            Self::DataDirectory => "data_directory",
            Self::Held => "held",
            Self::ListenAddress => "listen_address",
            Self::TooNew => "too_new",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}
