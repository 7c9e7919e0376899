//! Settings: file, environment and command line become one typed [`Config`]. [`SETTINGS`] says which there are.

mod mail;
mod table;
#[cfg(test)]
mod tests;
mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use tracing::Level;

use crate::crypto::envelope::Recipient;
use crate::domain::backup::TimeOfDay;
use crate::domain::base_url::BaseUrl;
use crate::domain::passkey_place::{self, RpId};
use crate::domain::settings::{RETENTION, Setting as RunTime};
use crate::domain::tls::Names;
use crate::domain::{duration, password};
use crate::words::Words;

use table::known;
use values::{addresses, networks, number, plain, recipients, time_of_day};

pub use mail::SmtpPassword;
pub use table::{SETTINGS, reference};
pub use values::seconds;

/// Where a setting is looked up when it is not on the command line.
pub const DEFAULT_FILE: &str = "/etc/latchkey/latchkey.toml";
const DEFAULT_URL: &str = "http://localhost:8410";
/// Not 9443, 9000 or 8000: those are Portainer's.
const DEFAULT_HTTPS_PORT: u16 = 8443;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// As suits where the lines go.
    Auto,
    Text,
    Json,
}

/// How https is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    Off,
    /// By certificates of the own authority.
    OwnCa,
    /// By a certificate that somebody else looks after.
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// The settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    /// Absent when nothing was said: `serve` takes the default, other commands what `serve` stored.
    pub url: Option<BaseUrl>,
    pub listen: Vec<SocketAddr>,
    /// Where `/metrics` is; nowhere when empty.
    pub metrics_listen: Vec<SocketAddr>,
    pub tls: Tls,
    /// Empty when `tls` is off.
    pub https_listen: Vec<SocketAddr>,
    pub tls_names: Names,
    pub master_key_file: Option<PathBuf>,
    pub trusted_proxies: Vec<IpNet>,
    /// Absent: the base URL's host.
    pub passkey_rp_id: Option<RpId>,
    pub related_origins: Vec<BaseUrl>,
    /// Settings that can be made while the server runs, as far as they were said; each in the one way it is written.
    pub run_time: BTreeMap<RunTime, Said>,
    /// Where each setting was said that was.
    pub sources: BTreeMap<&'static str, Source>,
    pub smtp_password: Option<SmtpPassword>,
    pub password_passes: Option<u32>,
    pub max_connections: usize,
    pub max_connections_per_address: usize,
    /// Whom nightly backups are encrypted to; none are made when there is nobody.
    pub backup_recipients: Vec<Recipient>,
    pub backup_dir: PathBuf,
    pub backup_keep: usize,
    pub backup_at: TimeOfDay,
    pub log: Level,
    pub log_format: LogFormat,
    /// Whether the data folder was named on the command line: then a database may be made there by any command.
    pub data_dir_explicit: bool,
    /// Things worth a warning that are no errors.
    pub warnings: Vec<String>,
}

/// A setting that cannot be used, and where it came from.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{place}: {name} = {value:?}: {why}")]
    Bad { place: Source, name: String, value: String, why: String },
    #[error("{place}: there is no setting {name:?}. `latchkey config reference` lists them all")]
    Unknown { place: Source, name: String },
    #[error("the settings do not fit together: {0}")]
    Together(&'static str),
    #[error("{path}: {why}")]
    File { path: PathBuf, why: String },
}

/// Where a setting was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// The variable's name.
    Environment(String),
    /// The option's name.
    Option(&'static str),
    /// What the server was told when it started, in its words: for the commands beside it.
    Server(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Option(name) => write!(f, "option --{name}"),
            Self::Server(words) => write!(f, "{words}, when `latchkey serve` was started"),
        }
    }
}

impl From<&Source> for Words {
    fn from(source: &Source) -> Self {
        match source {
            Source::File(path) => Self::new("said-file").with("name", path.display().to_string()),
            Source::Environment(name) => Self::new("said-environment").with("name", name),
            Source::Option(name) => Self::new("said-option").with("name", format!("--{name}")),
            Source::Server(words) => Self::new("said-server").with("name", words),
        }
    }
}

/// A value and where it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub value: String,
    pub source: Source,
}

/// What was said, by setting: later sources win.
#[derive(Debug, Default)]
pub struct Sources {
    said: BTreeMap<&'static str, Said>,
    warnings: Vec<String>,
    data_dir_explicit: bool,
}

impl Sources {
    /// Reads a TOML file.
    pub fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let fail = |why: String| ConfigError::File { path: path.to_owned(), why };
        let text = std::fs::read_to_string(path).map_err(|e| fail(e.to_string()))?;
        self.text(&text, path)
    }

    /// Takes what stands, or would stand, in a TOML file.
    pub fn text(&mut self, text: &str, path: &Path) -> Result<(), ConfigError> {
        let fail = |why: String| ConfigError::File { path: path.to_owned(), why };
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| fail(e.to_string()))?;
        for (name, value) in table {
            let source = Source::File(path.to_owned());
            let Some(known) = known(&name) else { return Err(ConfigError::Unknown { place: source, name }) };
            let value =
                plain(&value).ok_or_else(|| fail(format!("{name} must be a text, a number or a list of texts")))?;
            self.said.insert(known, Said { value, source });
        }
        Ok(())
    }

    /// Reads `LATCHKEY_*`. A name we do not know is worth a warning only: container platforms add some of their own.
    pub fn environment(&mut self, variables: impl Iterator<Item = (String, String)>) {
        for (name, value) in variables {
            let Some(rest) = name.strip_prefix("LATCHKEY_") else { continue };
            match known(&rest.to_ascii_lowercase()) {
                Some(known) => {
                    self.said.insert(known, Said { value, source: Source::Environment(name) });
                }
                None if rest == "CONFIG" => {}
                None => self.warnings.push(format!("the environment variable {name} is no setting of Latchkey's")),
            }
        }
    }

    /// Takes an option of the command line.
    pub fn option(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.data_dir_explicit |= name == "data-dir";
            self.said.insert(name, Said { value: value.to_owned(), source: Source::Option(name) });
        }
    }

    /// Checks everything.
    pub fn build(self) -> Result<Config, ConfigError> {
        let url = self.parse("url", |v| BaseUrl::parse(v).map_err(|e| e.to_string()))?;
        let log = self.parse("log", |v| match v {
            "error" => Ok(Level::ERROR),
            "warn" => Ok(Level::WARN),
            "info" => Ok(Level::INFO),
            "debug" => Ok(Level::DEBUG),
            _ => Err("expected error, warn, info or debug".into()),
        })?;
        let log_format = self.parse("log-format", |v| match v {
            "auto" => Ok(LogFormat::Auto),
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("expected auto, text or json".into()),
        })?;
        let passes = self.parse("password-passes", |v| number(v, 2, 32))?;
        let data_dir: PathBuf = self.parse("data-dir", |v| Ok(v.into()))?.unwrap_or_else(|| "./data".into());
        let backup_at = self.parse("backup-at", time_of_day)?;
        let tls = self.tls()?;
        let https_listen = self.parse("https-listen", addresses)?;
        let tls_names = self.parse("tls-names", |v| Names::parse(v).map_err(|e| e.to_string()))?.unwrap_or_default();
        self.check_mail()?;
        fit_together(&tls, url.as_ref(), https_listen.is_some(), &tls_names)?;
        let default_https = || vec![([127, 0, 0, 1], DEFAULT_HTTPS_PORT).into()];
        let https_listen = if tls == Tls::Off { Vec::new() } else { https_listen.unwrap_or_else(default_https) };
        Ok(Config {
            backup_recipients: self.parse("backup-recipient", recipients)?.unwrap_or_default(),
            backup_dir: self.parse("backup-dir", |v| Ok(v.into()))?.unwrap_or_else(|| data_dir.join("backups")),
            backup_keep: self.parse("backup-keep", |v| number(v, 1, 1000))?.unwrap_or(14),
            backup_at: backup_at.unwrap_or(TimeOfDay::HALF_PAST_THREE),
            data_dir,
            url,
            listen: self.parse("listen", addresses)?.unwrap_or_else(|| vec![([127, 0, 0, 1], 8410).into()]),
            metrics_listen: self.parse("metrics-listen", addresses)?.unwrap_or_default(),
            tls,
            https_listen,
            tls_names,
            master_key_file: self.parse("master-key-file", |v| Ok(v.into()))?,
            trusted_proxies: self.parse("trusted-proxies", networks)?.unwrap_or_default(),
            passkey_rp_id: self.parse("passkey-rp-id", RpId::parse)?,
            related_origins: self.parse("related-origins", passkey_place::origins)?.unwrap_or_default(),
            run_time: self.run_time()?,
            sources: self.said.iter().map(|(name, said)| (*name, said.source.clone())).collect(),
            smtp_password: self.smtp_password()?,
            password_passes: passes.map(|p| p as u32),
            max_connections: self.parse("max-connections", |v| number(v, 8, 65536))?.unwrap_or(256),
            max_connections_per_address: self
                .parse("max-connections-per-address", |v| number(v, 1, 65536))?
                .unwrap_or(64),
            log: log.unwrap_or(Level::INFO),
            log_format: log_format.unwrap_or(LogFormat::Auto),
            data_dir_explicit: self.data_dir_explicit,
            warnings: self.warnings,
        })
    }

    /// What was said of settings that can be made while the server runs. Who starts the server may end sessions sooner
    /// than the page lets anybody.
    fn run_time(&self) -> Result<BTreeMap<RunTime, Said>, ConfigError> {
        let (shortest, longest) = (password::MIN_CHARS, password::MOST_MINIMUM);
        let days = |v: &str| number(v.trim_end_matches('d'), *RETENTION.start() as usize, *RETENTION.end() as usize);
        let mut run_time = BTreeMap::new();
        for setting in RunTime::ALL {
            let name = setting.name();
            let value = match setting {
                RunTime::SessionIdle | RunTime::SessionMaximum => self.parse(name, seconds)?.map(duration::write),
                RunTime::PasswordMinimum => self.parse(name, |v| number(v, shortest, longest))?.map(|n| n.to_string()),
                RunTime::EventRetention => self.parse(name, days)?.map(|n| n.to_string()),
                RunTime::BrandName
                | RunTime::BrandAccent
                | RunTime::AdministratorSecondFactor
                | RunTime::RememberBrowser
                | RunTime::OutboundNetworks => None,
                RunTime::SmtpHost
                | RunTime::SmtpPort
                | RunTime::SmtpSecurity
                | RunTime::SmtpUsername
                | RunTime::SmtpFrom => {
                    let read = |v: &str| setting.read(v).map_err(|words| words.to_string());
                    self.parse(name, read)?.map(|value| value.unwrap_or_else(|| setting.default()))
                }
            };
            if let (Some(value), Some(said)) = (value, self.said.get(name)) {
                run_time.insert(setting, Said { value, source: said.source.clone() });
            }
        }
        Ok(run_time)
    }

    fn tls(&self) -> Result<Tls, ConfigError> {
        let file = |name| self.parse(name, |v| Ok(PathBuf::from(v)));
        let (certificate, key) = (file("tls-certificate-file")?, file("tls-key-file")?);
        let mode = self.parse("tls", |v| match v {
            "off" | "own-ca" | "files" => Ok(v.to_owned()),
            _ => Err("expected off, own-ca or files".into()),
        })?;
        match (mode.as_deref().unwrap_or("off"), certificate, key) {
            ("files", Some(certificate), Some(key)) => Ok(Tls::Files { certificate, key }),
            ("files", ..) => Err(ConfigError::Together("tls = files needs tls-certificate-file and tls-key-file")),
            (_, None, None) => Ok(if mode.as_deref() == Some("own-ca") { Tls::OwnCa } else { Tls::Off }),
            _ => Err(ConfigError::Together("tls-certificate-file and tls-key-file are for tls = files")),
        }
    }

    fn parse<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(said) = self.said.get(name) else { return Ok(None) };
        parse(&said.value).map(Some).map_err(|why| ConfigError::Bad {
            place: said.source.clone(),
            name: name.into(),
            value: said.value.clone(),
            why,
        })
    }
}

/// What is said of https must be meant.
fn fit_together(tls: &Tls, url: Option<&BaseUrl>, listens: bool, names: &Names) -> Result<(), ConfigError> {
    let clash = |why| Err(ConfigError::Together(why));
    match tls {
        Tls::Off if listens => clash("https-listen is for tls = own-ca or files"),
        Tls::Off | Tls::Files { .. } if !names.is_empty() => clash("tls-names is for tls = own-ca"),
        Tls::Off => Ok(()),
        Tls::OwnCa | Tls::Files { .. } if url.is_some_and(|u| !u.is_https()) => {
            clash("tls is on, but the base URL begins with http://. Begin it with https://")
        }
        Tls::OwnCa if url.is_some_and(|u| Names::parse(u.host()).is_err()) => {
            clash("no certificate can be made for the host of the base URL")
        }
        Tls::OwnCa | Tls::Files { .. } => Ok(()),
    }
}

impl Config {
    /// The part of [`Config::run_time`] that `serve` leaves for the commands beside it.
    pub fn told(&self) -> String {
        let all = self.run_time.iter().map(|(s, said)| (s.name(), (&said.value, said.source.to_string())));
        serde_json::to_string(&all.collect::<BTreeMap<_, _>>()).unwrap_or_default()
    }

    /// Takes what a server left. What was said to the command itself goes before it.
    pub fn take_told(&mut self, told: &str) {
        let told: BTreeMap<String, (String, String)> = serde_json::from_str(told).unwrap_or_default();
        for (name, (value, source)) in told {
            if let Some(setting) = RunTime::named(&name) {
                let said = Said { value, source: Source::Server(source) };
                self.run_time.entry(setting).or_insert(said);
            }
        }
    }

    /// The base URL when nothing was said.
    pub fn default_url(&self) -> BaseUrl {
        let url = match self.https_listen.first() {
            None => DEFAULT_URL.to_owned(),
            Some(address) if address.port() == 0 => format!("https://localhost:{DEFAULT_HTTPS_PORT}"),
            Some(address) => format!("https://localhost:{}", address.port()),
        };
        BaseUrl::parse(&url).expect("the default base URL is one")
    }
}
