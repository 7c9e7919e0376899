//! The command line: one file a command group. Parses, runs, and turns errors into words and exit codes.

mod app;
mod backup;
mod bindings;
mod ca;
mod check;
mod clock;
mod connect_card;
mod expression_options;
mod generate;
mod group;
mod invitation;
mod key;
mod logging;
mod mail;
mod monitoring;
mod output;
mod owner;
mod passkeys;
mod person_options;
mod policy;
mod probe;
mod provider;
mod provider_options;
mod scope_mapping;
mod secret;
mod serve;
mod serve_options;
mod settings;
mod setup_service;
mod small;
mod supervision;
mod terminal;
mod user;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing::Level;

use crate::acts::ActError;
use crate::app::{App, KeyNeed, StartError};
use crate::config::{Config, ConfigError, DEFAULT_FILE, Sources};
use crate::error::Internal;
use crate::store::OpenMode;

/// A complete OpenID Connect provider for home servers.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command, before or after it. Each is a setting too: see `latchkey config reference`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
struct Global {
    /// The folder of the database and the master key [default: ./data, or what the settings file says]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// The base URL that browsers and applications use [default: what `serve` used last]
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// The settings file [default: /etc/latchkey/latchkey.toml, when it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The file of the master key [default: master.key in the data folder, or the systemd credential]
    #[arg(long, global = true, value_name = "FILE")]
    master_key_file: Option<String>,
    /// What is logged: error, warn, info or debug [default: info for serve, warn for other commands]
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
    /// How log lines look: auto, text or json [default: auto, by where they go]
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in the life of a process")]
enum Command {
    /// Run the provider
    Serve(serve_options::Options),
    /// Set the service up: address, https, first administrator; asks, or takes options
    Setup(setup_service::Options),
    /// Print a new one-time link that opens the setup of the first administrator
    SetupLink,
    /// Users: create, change, list, disable, recover
    #[command(subcommand)]
    User(user::Command),
    /// Groups and their members
    #[command(subcommand)]
    Group(group::Command),
    /// Invitations: links by which guests make their accounts
    #[command(subcommand)]
    Invitation(invitation::Command),
    /// Applications: create with provider, change, show what to paste, bind, check access
    #[command(subcommand)]
    App(app::Command),
    /// OAuth2/OpenID providers on their own
    #[command(subcommand)]
    Provider(provider::Command),
    /// Policies: expressions that say who may pass
    #[command(subcommand)]
    Policy(policy::Command),
    /// Scope mappings: expressions that add claims to a scope
    #[command(subcommand)]
    ScopeMapping(scope_mapping::Command),
    /// The own certificate authority (--tls own-ca)
    #[command(subcommand)]
    Ca(ca::Command),
    /// Print what a reverse proxy needs: caddy, traefik, nginx or npm (Nginx Proxy Manager)
    ProxyConfig(small::ProxyConfigOptions),
    /// Signing keys
    #[command(subcommand)]
    Key(key::Command),
    /// Settings that can be made while the server runs: brand, session lengths, passwords, events
    #[command(subcommand)]
    Settings(settings::Command),
    /// E-mail: try the mail server, keep the password there
    #[command(subcommand)]
    Mail(mail::Command),
    /// The time, and how this machine's clock stands to it
    #[command(subcommand)]
    Clock(clock::Command),
    /// Make a backup, encrypted, while the server runs or not
    Backup(backup::Options),
    /// Whether the installation is whole: database, references, secrets, file modes, clock, disk
    Check(check::Options),
    /// Make a key for backups: the private half to keep elsewhere, the public one to encrypt to
    BackupIdentity(backup::IdentityOptions),
    /// Put a backup in the place of the data folder, on this machine or another
    Restore(backup::RestoreOptions),
    /// Check the settings, or print the reference of all
    #[command(subcommand)]
    Config(small::ConfigCommand),
    /// Who signed in where, and what was refused and why
    Events(small::EventsOptions),
    /// Print every address that the provider answers
    Routes,
    /// Ask a running provider whether it is ready: exit code 0 when it is
    Healthcheck(small::HealthcheckOptions),
    /// Print the version
    Version,
    /// Make completions and manual pages for packages
    #[command(subcommand, hide = true)]
    Generate(generate::Command),
}

/// Why a command ended without doing what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The answer is no, in words. Exit code 1.
    #[error("{0}")]
    Refused(String),
    /// The command was not understood. Exit code 2.
    #[error("{0}")]
    Usage(String),
    /// The machine does not let it, in words, and may later: a server is started again. Exit code 70.
    #[error("{0}")]
    NotNow(String),
    /// A fault of ours or of the machine. Exit code 70.
    #[error("{0}")]
    Internal(Internal),
}

impl CliError {
    pub fn refused(words: impl std::fmt::Display) -> Self {
        Self::Refused(words.to_string())
    }

    /// Why a server does not start: refused, unless the next try may end otherwise.
    pub fn start(words: impl std::fmt::Display, is_passing: bool) -> Self {
        if is_passing { Self::NotNow(words.to_string()) } else { Self::Refused(words.to_string()) }
    }

    pub fn usage(words: impl std::fmt::Display) -> Self {
        Self::Usage(words.to_string())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::NotNow(_) | Self::Internal(_) => 70,
        }
    }
}

impl From<Internal> for CliError {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

impl From<StartError> for CliError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Internal(error) => Self::Internal(error),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<ActError> for CliError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Malformed(problems) => Self::Usage(problems.to_string()),
            ActError::Refused(problems) => Self::Refused(problems.to_string()),
            ActError::NotFound => Self::refused("it is not there any more: somebody else deleted it"),
            ActError::Busy => Self::refused("too many passwords are being set; try again"),
            ActError::NoMasterKey(error) => error.into(),
            ActError::Internal(error) => Self::Internal(error),
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

type Outcome = Result<(), CliError>;

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error.to_string());
            ExitCode::from(error.code())
        }
    }
}

fn execute(cli: Cli) -> Outcome {
    let Cli { global, command } = cli;
    let is_serve = matches!(command, Command::Serve(_));
    match &command {
        Command::Version => return output::line(concat!("latchkey ", env!("CARGO_PKG_VERSION"))),
        Command::Routes => return small::routes(),
        Command::Config(small::ConfigCommand::Reference) => return output::text(&crate::config::reference()),
        Command::Generate(what) => return generate::run(what),
        // Reads and writes the settings itself: they need not be there, nor be right.
        Command::Setup(options) => return setup_service::run(&global, options),
        Command::BackupIdentity(options) => return backup::identity(options),
        _ => {}
    }
    let mut sources = sources(&global)?;
    match &command {
        Command::Serve(options) => options.add_to(&mut sources),
        Command::Healthcheck(options) => options.add_to(&mut sources),
        Command::ProxyConfig(options) => options.add_to(&mut sources),
        Command::Ca(command) => command.add_to(&mut sources),
        _ => {}
    }
    let config = sources.build()?;
    log_to_stderr(&config, &global, is_serve);
    config.warnings.iter().for_each(|w| tracing::warn!("{w}"));
    match &command {
        Command::Healthcheck(_) => return small::healthcheck(&config),
        // As root, these read and write files that the data folder's owner may not touch.
        Command::Backup(options) => return backup::backup(&config, options),
        Command::Check(options) => return check::run(&config, options),
        Command::Restore(options) => return backup::restore(&config, options),
        _ => {}
    }
    owner::take_on(&config.data_dir)?;
    match command {
        Command::Serve(_) => serve::run(config),
        Command::SetupLink => small::setup_link(&open(config)?),
        Command::User(command) => user::run(&open(config)?, command),
        Command::Group(command) => group::run(&open(config)?, command),
        Command::Invitation(command) => invitation::run(&open(config)?, command),
        Command::App(command) => app::run(&open(config)?, command),
        Command::Provider(command) => provider::run(&open(config)?, command),
        Command::Policy(command) => policy::run(&open(config)?, command),
        Command::ScopeMapping(command) => scope_mapping::run(&open(config)?, command),
        Command::Ca(command) => ca::run(&open(config)?, command),
        Command::ProxyConfig(options) => small::proxy_config(config, &options),
        Command::Key(command) => key::run(&open(config)?, command),
        Command::Settings(command) => settings::run(&open(config)?, command),
        Command::Mail(command) => mail::run(&open(config)?, command),
        Command::Clock(command) => clock::run(&open(config)?, command),
        Command::Config(_) => small::config_check(config),
        Command::Events(options) => small::events(&open(config)?, &options),
        // Done above.
        Command::Backup(_) | Command::Check(_) | Command::BackupIdentity(_) | Command::Restore(_) => Ok(()),
        Command::Routes | Command::Healthcheck(_) | Command::Version | Command::Generate(_) | Command::Setup(_) => {
            Ok(())
        }
    }
}

/// File, then environment, then options: later ones win.
fn sources(global: &Global) -> Result<Sources, CliError> {
    let mut sources = Sources::default();
    let named = global.config.clone().or_else(|| std::env::var_os("LATCHKEY_CONFIG").map(PathBuf::from));
    match named {
        Some(path) => sources.file(&path)?,
        None if Path::new(DEFAULT_FILE).exists() => sources.file(Path::new(DEFAULT_FILE))?,
        None => {}
    }
    sources.environment(std::env::vars_os().filter_map(|(n, v)| Some((n.into_string().ok()?, v.into_string().ok()?))));
    sources.option("data-dir", global.data_dir.as_deref());
    sources.option("url", global.url.as_deref());
    sources.option("master-key-file", global.master_key_file.as_deref());
    sources.option("log", global.log.as_deref());
    sources.option("log-format", global.log_format.as_deref());
    Ok(sources)
}

/// Opens the data folder for a command beside the server. Only an explicit `--data-dir` lets it make one.
fn open(config: Config) -> Result<App, CliError> {
    let mode = if config.data_dir_explicit { OpenMode::Create } else { OpenMode::Existing };
    Ok(App::open(config, mode, KeyNeed::IfThere)?)
}

fn log_to_stderr(config: &Config, global: &Global, is_serve: bool) {
    let quiet = !is_serve && global.log.is_none();
    logging::start(config, if quiet { Level::WARN } else { config.log }, is_serve);
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
    /// One key id in 64 begins with a hyphen: they are base64url.
    #[test]
    fn a_key_id_may_begin_with_a_hyphen() {
        for line in [
            "key retire -vQ",
            "key revoke -vQ",
            "key certificate --vQ",
            "app set wiki --signing-key -vQ",
            "provider create wiki --signing-key -vQ",
        ] {
            Cli::try_parse_from(format!("latchkey {line}").split(' ')).expect(line);
        }
    }
}
