//! Settings: file, environment and command line become one typed [`Config`]. [`SETTINGS`] is also the reference that
//! `latchkey config reference` prints.

mod mail;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use tracing::Level;

use crate::crypto::envelope::{BadRecipient, Recipient};
use crate::domain::backup::TimeOfDay;
use crate::domain::base_url::BaseUrl;
use crate::domain::passkey_place::{self, RpId};
use crate::domain::settings::{RETENTION, Setting as RunTime};
use crate::domain::tls::Names;
use crate::domain::{duration, password};
use crate::words::Words;

pub use mail::SmtpPassword;

/// Where a setting is looked up when it is not on the command line.
pub const DEFAULT_FILE: &str = "/etc/latchkey/latchkey.toml";
const DEFAULT_URL: &str = "http://localhost:8410";
/// Not 9443, 9000 or 8000: those are Portainer's.
const DEFAULT_HTTPS_PORT: u16 = 8443;

/// One setting: `--name` on the command line, `LATCHKEY_NAME` in the environment, `name` in the file.
pub struct Setting {
    pub name: &'static str,
    /// What holds when nothing is said, in words when it is not a fixed value.
    pub default: &'static str,
    pub meaning: &'static str,
}

/// All settings in the order of the reference.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "data-dir",
        default: "./data",
        meaning: "The folder of the database and the master key. Only its owner may read it (mode 0700).",
    },
    Setting {
        name: "url",
        default: "http://localhost:8410, or with `tls` https://localhost:8443",
        meaning: "The base URL that browsers and applications use, without a path. `serve` stores it for the other commands.",
    },
    Setting {
        name: "listen",
        default: "127.0.0.1:8410",
        meaning: "Addresses and ports to listen on, separated by commas.",
    },
    Setting {
        name: "metrics-listen",
        default: "none",
        meaning: "Addresses and ports where monitoring may read /metrics in Prometheus's format, separated by commas. Whoever reaches them reads it: this machine's own (127.0.0.1:9410), or a private network's.",
    },
    Setting {
        name: "tls",
        default: "off",
        meaning: "How https is served: off (a reverse proxy does, or nobody), own-ca (by certificates of an authority of its own, whose root you install on your devices; see /trust/), or files.",
    },
    Setting {
        name: "https-listen",
        default: "127.0.0.1:8443, when `tls` is not off",
        meaning: "Addresses and ports to serve https on, separated by commas. `listen` then sends pages there.",
    },
    Setting {
        name: "tls-names",
        default: "none",
        meaning: "With own-ca: more host names and addresses that the certificate is for, separated by commas, besides that of the base URL.",
    },
    Setting {
        name: "tls-certificate-file",
        default: "none",
        meaning: "With files: the certificate and those between it and its root, in PEM form. Read anew when it changes.",
    },
    Setting {
        name: "tls-key-file",
        default: "none",
        meaning: "With files: the private key of the certificate, in PEM form, mode 0600 or 0640. Read anew when it changes.",
    },
    Setting {
        name: "master-key-file",
        default: "master.key in the data folder, or the systemd credential `master-key`",
        meaning: "The file of the key that seals the secrets in the database: 32 bytes in base64, mode 0600.",
    },
    Setting {
        name: "trusted-proxies",
        default: "none",
        meaning: "Networks of reverse proxies whose X-Forwarded-For, -Proto and -Host are believed, separated by commas (172.16.0.0/12).",
    },
    Setting {
        name: "passkey-rp-id",
        default: "the base URL's host",
        meaning: "The host name that passkeys are made for and work under (their RP ID). After the base URL moved: the former host, so that passkeys go on working, as long as that host answers at /.well-known/webauthn as this server does.",
    },
    Setting {
        name: "related-origins",
        default: "none",
        meaning: "More https origins that may use the passkeys of this place, separated by commas (https://auth.company.example). Told to browsers at /.well-known/webauthn.",
    },
    Setting {
        name: "session-idle",
        default: "what the settings page says, at first 12h",
        meaning: "How long a sign-in lasts without use (s, m, h or d).",
    },
    Setting {
        name: "session-maximum",
        default: "what the settings page says, at first 7d",
        meaning: "How long a sign-in lasts at most (s, m, h or d).",
    },
    Setting {
        name: "password-minimum",
        default: "what the settings page says, at first 8",
        meaning: "The shortest password that may be set, in characters, 8 to 64.",
    },
    Setting {
        name: "event-retention",
        default: "what the settings page says, at first 90",
        meaning: "Days that events are kept, 14 to 3660.",
    },
    Setting {
        name: "password-passes",
        default: "measured at the first start, about a quarter of a second a password",
        meaning: "Passes of argon2id over 19 MiB for each password, 2 to 32.",
    },
    Setting {
        name: "smtp-host",
        default: "what the settings page says, at first none: no mail is sent",
        meaning: "The mail server that takes mails: its host name or address.",
    },
    Setting {
        name: "smtp-port",
        default: "what the settings page says, at first by smtp-security: 587, 465 or 25",
        meaning: "The port of the mail server.",
    },
    Setting {
        name: "smtp-security",
        default: "what the settings page says, at first starttls",
        meaning: "How the connection to the mail server is protected: starttls, tls, none (to this machine only), or none-forced (to anywhere: mails and password can be read on the way).",
    },
    Setting {
        name: "smtp-username",
        default: "what the settings page says, at first none: no sign-in to the mail server",
        meaning: "The user name at the mail server.",
    },
    Setting {
        name: "smtp-password",
        default: "what the settings page says, or the systemd credential `smtp-password`",
        meaning: "The password at the mail server. No option of the command line, which everybody on the machine can read.",
    },
    Setting {
        name: "smtp-password-file",
        default: "none",
        meaning: "The file with the password at the mail server, in the place of smtp-password. Read for each mail.",
    },
    Setting {
        name: "smtp-from",
        default: "what the settings page says, at first the user name where that is an address",
        meaning: "Who mails are from: latchkey@home.example, or Latchkey at home <latchkey@home.example>.",
    },
    Setting {
        name: "max-connections",
        default: "256",
        meaning: "Connections kept open at once; lowered when the system allows fewer open files or threads.",
    },
    Setting {
        name: "max-connections-per-address",
        default: "64",
        meaning: "Connections from one address (IPv6: one /64) at once. Trusted proxies are exempt.",
    },
    Setting {
        name: "backup-recipient",
        default: "none: no backup is made at night",
        meaning: "Public keys (age1…) that nightly backups are encrypted to, separated by commas. `latchkey backup-identity` makes one.",
    },
    Setting {
        name: "backup-dir",
        default: "backups in the data folder",
        meaning: "The folder of nightly backups: better on another disk. Outside of the data folder it must be there already.",
    },
    Setting { name: "backup-keep", default: "14", meaning: "How many nightly backups are kept, 1 to 1000." },
    Setting {
        name: "backup-at",
        default: "03:30",
        meaning: "The time of day of the nightly backup, local. A night that was missed is made up for after the start.",
    },
    Setting { name: "log", default: "info", meaning: "What is logged to stderr: error, warn, info or debug." },
    Setting {
        name: "log-format",
        default: "auto",
        meaning: "auto (text in colours on a terminal, lines with priorities for systemd's journal, else json), text, or json for a line of JSON each.",
    },
];

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

fn known(name: &str) -> Option<&'static str> {
    let name = name.replace('_', "-");
    SETTINGS.iter().map(|s| s.name).find(|n| *n == name)
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
                | RunTime::RememberBrowser => None,
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

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(s) => Some(s.clone()),
        toml::Value::Integer(i) => Some(i.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(|i| i.as_str()).collect();
            items.map(|i| i.join(","))
        }
        _ => None,
    }
}

fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(parse).collect()
}

fn addresses(text: &str) -> Result<Vec<SocketAddr>, String> {
    let all = list(text, |t| t.parse().map_err(|_| format!("{t:?} is no address and port, such as 127.0.0.1:8410")))?;
    if all.is_empty() { Err("expected an address and port, such as 127.0.0.1:8410".into()) } else { Ok(all) }
}

fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    list(text, |t| {
        let single = t.parse::<std::net::IpAddr>().map(IpNet::from);
        t.parse().or(single).map_err(|_| format!("{t:?} is no network, such as 172.16.0.0/12"))
    })
}

fn recipients(text: &str) -> Result<Vec<Recipient>, String> {
    list(text, |t| t.parse().map_err(|e: BadRecipient| e.to_string()))
}

fn time_of_day(text: &str) -> Result<TimeOfDay, String> {
    TimeOfDay::parse(text).ok_or("expected a time of day, such as 03:30".into())
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let n = text.parse().ok().filter(|n| (least..=most).contains(n));
    n.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

/// A duration such as `90`, `90s`, `15m`, `12h` or `7d`, in seconds.
pub fn seconds(text: &str) -> Result<i64, String> {
    duration::parse(text).map_err(|words| words.to_string())
}

/// The reference of all settings, as a commented file to begin with.
pub fn reference() -> String {
    let mut out = String::from(
        "# Settings of Latchkey. Each is also an option (--name) and an environment variable (LATCHKEY_NAME,\n\
         # in capitals, with _ for -). The command line wins over the environment, and that over the file.\n",
    );
    for s in SETTINGS {
        let env = s.name.to_ascii_uppercase().replace('-', "_");
        // Writing to a String cannot fail.
        _ = write!(
            out,
            "\n# {}\n# Default: {}. Environment: LATCHKEY_{env}\n#{} = \"\"\n",
            s.meaning, s.default, s.name
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn built(pairs: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
        let mut sources = Sources::default();
        for (name, value) in pairs {
            sources.option(name, Some(value));
        }
        sources.build()
    }

    #[test]
    fn nothing_said_is_safe_to_try() {
        let c = built(&[]).expect("defaults");
        assert!(c.listen.iter().all(|a| a.ip().is_loopback()));
        assert!(c.run_time.is_empty() && c.sources.is_empty() && c.metrics_listen.is_empty());
        assert!(c.trusted_proxies.is_empty() && c.url.is_none() && !c.data_dir_explicit);
    }

    #[test]
    fn the_command_line_wins_over_the_environment() {
        let mut s = Sources::default();
        s.environment([("LATCHKEY_SESSION_IDLE".to_owned(), "1h".to_owned())].into_iter());
        s.option("session-idle", Some("2h"));
        let config = s.build().expect("valid");
        let said = Said { value: "2h".into(), source: Source::Option("session-idle") };
        assert_eq!(config.run_time.get(&RunTime::SessionIdle), Some(&said));
        assert_eq!(config.sources.get("session-idle"), Some(&said.source));
    }

    #[test]
    fn commands_take_on_what_the_server_was_told_and_they_were_not() {
        let server = built(&[("session-idle", "120m"), ("event-retention", "30d")]).expect("valid");
        let mut command = built(&[("event-retention", "20")]).expect("valid");
        command.take_told(&server.told());
        let value = |c: &Config, s| c.run_time.get(&s).map(|said| (said.value.clone(), said.source.to_string()));
        let (idle, source) = value(&command, RunTime::SessionIdle).expect("taken on");
        assert_eq!((idle.as_str(), source.contains("option --session-idle, when")), ("2h", true), "{source}");
        let own = ("20".to_owned(), "option --event-retention".to_owned());
        assert_eq!(value(&command, RunTime::EventRetention), Some(own));
        for nothing in ["", "{}", "[1]", r#"{"other":["1","2"]}"#] {
            let mut fresh = built(&[]).expect("valid");
            fresh.take_told(nothing);
            assert!(fresh.run_time.is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_bad_value_names_its_place_and_what_was_expected() {
        for (name, value) in [
            ("url", "ftp://x"),
            ("listen", "8410"),
            ("metrics-listen", "9410"),
            ("trusted-proxies", "proxy"),
            ("passkey-rp-id", "https://home.example"),
            ("related-origins", "http://home.example"),
            ("session-idle", "soon"),
            ("session-idle", "0"),
            ("session-idle", "99999999999999999999d"),
            ("password-passes", "1"),
            ("password-minimum", "7"),
            ("password-minimum", "65"),
            ("event-retention", "13"),
            ("event-retention", "1y"),
            ("backup-recipient", "age1nobody"),
            ("backup-keep", "0"),
            ("backup-at", "25:00"),
            ("tls", "on"),
            ("tls-names", "*.home.example"),
            ("https-listen", "8443"),
            ("smtp-host", "smtp://mail"),
            ("smtp-port", "0"),
            ("smtp-security", "ssl"),
            ("smtp-from", "nobody"),
            ("log", "loud"),
            ("log-format", "xml"),
        ] {
            let error = built(&[(name, value)]).expect_err(name).to_string();
            assert!(error.contains(&format!("--{name}")) && error.contains(value), "{error}");
        }
    }

    #[test]
    fn every_setting_of_the_reference_can_be_set() {
        let example = |name: &str| match name {
            "url" => "https://a.example",
            "listen" | "metrics-listen" => "127.0.0.1:1,[::1]:1",
            "tls" => "off",
            "trusted-proxies" => "10.0.0.0/8,::1",
            "passkey-rp-id" => "home.example",
            "related-origins" => "https://auth.company.example",
            "session-idle" | "session-maximum" => "3d",
            "password-passes" => "3",
            "password-minimum" => "15",
            "event-retention" => "30",
            "max-connections" | "max-connections-per-address" => "9",
            "backup-recipient" => "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
            "backup-keep" => "9",
            "backup-at" => "23:59",
            "log" => "debug",
            "log-format" => "json",
            "smtp-port" => "25",
            "smtp-security" => "tls",
            "smtp-from" => "a@b.example",
            _ => "x",
        };
        let with = |name: &'static str| match name {
            "https-listen" => vec![(name, "[::1]:1,127.0.0.1:1"), ("tls", "own-ca")],
            "tls-names" => vec![(name, "nas, 192.168.1.5"), ("tls", "own-ca")],
            "tls-certificate-file" | "tls-key-file" => {
                vec![("tls-certificate-file", "x"), ("tls-key-file", "y"), ("tls", "files")]
            }
            _ => vec![(name, example(name))],
        };
        for s in SETTINGS {
            built(&with(s.name)).unwrap_or_else(|e| panic!("{}: {e}", s.name));
            assert!(reference().contains(s.name));
        }
    }

    #[test]
    fn https_is_said_as_a_whole_or_refused() {
        for (said, words) in [
            (vec![("tls", "files")], "needs tls-certificate-file and tls-key-file"),
            (vec![("tls", "files"), ("tls-key-file", "k")], "needs tls-certificate-file and tls-key-file"),
            (vec![("tls-key-file", "k")], "are for tls = files"),
            (vec![("tls", "own-ca"), ("tls-certificate-file", "c")], "are for tls = files"),
            (vec![("https-listen", "127.0.0.1:1")], "https-listen is for"),
            (vec![("tls", "off"), ("tls-names", "nas")], "tls-names is for"),
            (vec![("tls", "own-ca"), ("url", "http://nas")], "begins with http://"),
        ] {
            let error = built(&said).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_default_address_is_that_of_https_when_it_is_served() {
        let c = |said: &[(&'static str, &str)]| built(said).expect("valid");
        assert_eq!(c(&[]).default_url().as_str(), "http://localhost:8410");
        let own = c(&[("tls", "own-ca")]);
        assert_eq!(own.default_url().as_str(), "https://localhost:8443");
        assert_eq!(own.https_listen, [([127, 0, 0, 1], 8443).into()]);
        let other = c(&[("tls", "own-ca"), ("https-listen", "0.0.0.0:443,[::]:8443")]);
        assert_eq!((other.default_url().as_str(), other.https_listen.len()), ("https://localhost", 2));
        assert!(c(&[("tls", "off")]).https_listen.is_empty());
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error() {
        let dir = std::env::temp_dir().join(format!("latchkey-config-{}", std::process::id()));
        std::fs::write(&dir, "session_idle = \"2h\"\n").expect("temp file");
        let mut s = Sources::default();
        s.file(&dir).expect("known key, with an underscore too");
        let said = s.build().expect("valid").run_time.remove(&RunTime::SessionIdle).expect("said");
        assert_eq!(said, Said { value: "2h".into(), source: Source::File(dir.clone()) });
        std::fs::write(&dir, "sesion-idle = \"2h\"\n").expect("temp file");
        let error = Sources::default().file(&dir).expect_err("typo").to_string();
        std::fs::remove_file(&dir).expect("temp file");
        assert!(error.contains("sesion-idle"), "{error}");
    }
}
