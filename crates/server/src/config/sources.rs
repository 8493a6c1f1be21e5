//! The raw configuration: for each setting the text that counts and where it came from. Values are
//! not looked into here.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ConfigError;
use super::settings;

/// One setting as it is declared.
#[derive(Debug)]
pub struct Setting {
    /// Its section in the file.
    pub section: &'static str,
    /// Its key in the section.
    pub key: &'static str,
    /// Its environment variable, which is also its identity.
    pub variable: &'static str,
    /// The text of its default.
    pub default: &'static str,
    /// What it means, with a leading space per line of comment.
    pub meaning: &'static str,
    /// Whether its value is never shown.
    pub is_secret: bool,
}

/// Where a value came from, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, as it is written.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// A key of the configuration file.
    File(PathBuf, String),
    /// Nobody said anything.
    Default(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(formatter, "flag {flag}"),
            Self::Variable(name) => write!(formatter, "variable {name}"),
            Self::File(path, key) => write!(formatter, "{}: {key}", path.display()),
            Self::Default(variable) => write!(formatter, "default of {variable}"),
        }
    }
}

#[derive(Debug, Clone)]
struct Given {
    text: String,
    origin: Origin,
}

/// The text of each setting and its origin.
#[derive(Clone)]
pub struct Sources {
    given: BTreeMap<&'static str, Given>,
    /// Things that are probably slips but stop nothing, for the log.
    pub warnings: Vec<String>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Texts may be secrets.
        let origins = self
            .given
            .iter()
            .map(|(variable, given)| (variable, &given.origin));
        formatter.debug_map().entries(origins).finish()
    }
}

impl Sources {
    /// Gathers defaults, file, environment and flags, each over the one before.
    pub(super) fn gather(
        environment: &Environment,
        flags: &[(&'static str, String)],
    ) -> Result<Self, ConfigError> {
        let mut given = BTreeMap::new();
        for (setting, text, origin) in from_file(environment, flags)? {
            given.insert(setting.variable, Given { text, origin });
        }
        for setting in settings::all() {
            if let Some(found) = from_environment(environment, setting)? {
                given.insert(setting.variable, found);
            }
        }
        for (variable, text) in flags {
            let origin = Origin::Flag(flag_of(variable));
            given.insert(
                variable,
                Given {
                    text: text.clone(),
                    origin,
                },
            );
        }
        Ok(Self {
            given,
            warnings: slips(environment),
        })
    }

    /// The value of a setting.
    pub(super) fn read<T>(
        &self,
        variable: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        read(self.text(variable)).map_err(|reason| self.wrong(variable, &reason))
    }

    /// The text of a setting as it counts.
    pub(super) fn text(&self, variable: &'static str) -> &str {
        match self.given.get(variable) {
            Some(given) => &given.text,
            None => setting(variable).map_or("", |setting| setting.default),
        }
    }

    /// Where the text of a setting came from.
    pub fn origin(&self, variable: &'static str) -> Origin {
        self.given
            .get(variable)
            .map_or(Origin::Default(variable), |given| given.origin.clone())
    }

    /// The error for a value that cannot be.
    pub(super) fn wrong(&self, variable: &'static str, reason: &str) -> ConfigError {
        let is_secret = setting(variable).is_none_or(|setting| setting.is_secret);
        let value = if is_secret {
            String::new()
        } else {
            format!("{:?} ", self.text(variable))
        };
        ConfigError::Value {
            origin: self.origin(variable),
            value,
            reason: reason.to_owned(),
        }
    }
}

fn setting(variable: &str) -> Option<&'static Setting> {
    settings::all().find(|setting| setting.variable == variable)
}

/// `ALMANAC_DATA_DIR` is `--data-dir` on the command line.
fn flag_of(variable: &str) -> String {
    let name = variable.strip_prefix("ALMANAC_").unwrap_or(variable);
    format!("--{}", name.to_lowercase().replace('_', "-"))
}

fn from_environment(
    environment: &Environment,
    setting: &Setting,
) -> Result<Option<Given>, ConfigError> {
    let plain = environment.get(setting.variable).map(|text| Given {
        text: text.to_owned(),
        origin: Origin::Variable(setting.variable.to_owned()),
    });
    let file_variable = format!("{}_FILE", setting.variable);
    let Some(path) = environment
        .get(&file_variable)
        .filter(|_| setting.is_secret)
    else {
        return Ok(plain);
    };
    if plain.is_some() {
        return Err(ConfigError::Both {
            variable: setting.variable,
        });
    }
    let text = read_file(Path::new(path), &format!("variable {file_variable}"))?;
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    Ok(Some(Given {
        text,
        origin: Origin::Variable(file_variable),
    }))
}

type FromFile = Vec<(&'static Setting, String, Origin)>;

/// The settings in the file: the one that `--config` or `ALMANAC_CONFIG` names, which must exist,
/// else `almanac.toml` in the working directory, if it is there.
fn from_file(
    environment: &Environment,
    flags: &[(&'static str, String)],
) -> Result<FromFile, ConfigError> {
    let flag = flags
        .iter()
        .find(|(variable, _)| *variable == "ALMANAC_CONFIG");
    let named = match flag {
        Some((_, path)) => Some(("flag --config", path.as_str())),
        None => environment
            .get("ALMANAC_CONFIG")
            .map(|path| ("variable ALMANAC_CONFIG", path)),
    };
    let path = match named {
        Some((_, path)) => Path::new(path),
        None if Path::new(super::FILE_NAME).exists() => Path::new(super::FILE_NAME),
        None => return Ok(Vec::new()),
    };
    let text = read_file(path, named.map_or("configuration", |(by, _)| by))?;
    let table: toml::Table =
        text.parse()
            .map_err(|error: toml::de::Error| ConfigError::Syntax {
                path: path.to_owned(),
                problem: error.to_string(),
            })?;
    let mut found = Vec::new();
    for (section, value) in &table {
        let toml::Value::Table(keys) = value else {
            return Err(unknown_key(path, section));
        };
        for (key, value) in keys {
            let full = format!("{section}.{key}");
            let setting = settings::all()
                .find(|setting| setting.section == section && setting.key == key)
                .ok_or_else(|| unknown_key(path, &full))?;
            let origin = Origin::File(path.to_owned(), full);
            let text = text_of(value).map_err(|reason| ConfigError::Value {
                origin: origin.clone(),
                value: String::new(),
                reason,
            })?;
            found.push((setting, text, origin));
        }
    }
    Ok(found)
}

fn text_of(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(value) => Ok(value.to_string()),
        toml::Value::Array(values) => {
            let texts: Result<Vec<_>, _> = values.iter().map(text_of).collect();
            Ok(texts?.join(","))
        }
        other => Err(format!(
            "is a {}; write text, a number or a list",
            other.type_str()
        )),
    }
}

fn unknown_key(path: &Path, key: &str) -> ConfigError {
    let full = |setting: &Setting| format!("{}.{}", setting.section, setting.key);
    // A key without its section, or in the wrong one, is worth recognising too.
    let likeness = |setting: &Setting| {
        let bare = key.rsplit_once('.').map_or(key, |(_, bare)| bare);
        strsim::jaro_winkler(key, &full(setting)).max(strsim::jaro_winkler(bare, setting.key))
    };
    let best = settings::all().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let suggestion = match best.filter(|setting| likeness(setting) > 0.8) {
        Some(setting) => format!("; did you mean {} in [{}]?", setting.key, setting.section),
        None => "; `almanac config show` lists all".to_owned(),
    };
    ConfigError::UnknownKey {
        path: path.to_owned(),
        key: key.to_owned(),
        suggestion,
    }
}

/// Variables that are read, but are no settings.
const OTHER_VARIABLES: [&str; 4] = [
    "ALMANAC_CONFIG",
    "ALMANAC_PASSWORD",
    "ALMANAC_PASSWORD_FILE",
    "ALMANAC_UPDATE",
];

/// Variables that nothing reads.
fn slips(environment: &Environment) -> Vec<String> {
    let known = |name: &str| {
        let base = name.strip_suffix("_FILE").unwrap_or(name);
        OTHER_VARIABLES.contains(&name)
            || setting(name).is_some()
            || setting(base).is_some_and(|setting| setting.is_secret)
    };
    environment
        .names()
        .filter(|name| !known(name))
        .filter_map(|name| {
            let likeness =
                |setting: &Setting| strsim::normalized_damerau_levenshtein(name, setting.variable);
            let best = settings::all().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
            let remedy = if likeness(best) > 0.8 {
                format!("did you mean {}?", best.variable)
            } else {
                "`almanac config show` lists all".to_owned()
            };
            Some(format!("{name} is no setting and is ignored; {remedy}"))
        })
        .collect()
}

fn read_file(path: &Path, named_by: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File {
        named_by: named_by.to_owned(),
        path: path.to_owned(),
        source,
    })
}
