//! `latchkey setup`: from an installed program to a running service and its first administrator. Asks at a terminal,
//! or takes everything from options; run again, it changes nothing that nobody agreed to.

mod answers;
mod service;
mod settings_file;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use clap::Args;

use super::{CliError, Global, Outcome, output, probe, terminal};
use crate::config::{Config, DEFAULT_FILE, Sources, Tls};
use crate::crypto::identity::Identity;
use answers::{Administrator, Answers};

/// How long a server that runs may take to say so.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub struct Options {
    /// Addresses to listen on [default: what the base URL asks for]
    #[arg(long, value_name = "ADDR:PORT,..")]
    listen: Option<String>,
    /// How https is served: off (plain http, or by a proxy in front), own-ca or files [default: off]
    #[arg(long, value_name = "HOW")]
    tls: Option<String>,
    /// Addresses to serve https on [default, unless --tls off: what the base URL asks for]
    #[arg(long, value_name = "ADDR:PORT,..")]
    https_listen: Option<String>,
    /// With --tls own-ca: more names and addresses that the certificate is for
    #[arg(long, value_name = "NAME,..")]
    tls_names: Option<String>,
    /// With --tls files: the certificate, and those between it and its root
    #[arg(long, value_name = "FILE")]
    tls_certificate_file: Option<String>,
    /// With --tls files: the certificate's private key
    #[arg(long, value_name = "FILE")]
    tls_key_file: Option<String>,
    /// Networks of reverse proxies that are believed [default: this machine, when one serves https]
    #[arg(long, value_name = "NET,..")]
    trusted_proxies: Option<String>,
    /// The username of the first administrator [default: a link makes the first one]
    #[arg(long, value_name = "NAME")]
    admin: Option<String>,
    /// Read the first administrator's password from standard input
    #[arg(long, requires = "admin")]
    password_stdin: bool,
    /// Ask nothing, and change settings that are there already
    #[arg(long)]
    yes: bool,
}

/// The settings file, and the commands of ours that use it.
struct Place {
    file: PathBuf,
    /// Whether it is the one of the installed service.
    is_service: bool,
}

pub fn run(global: &Global, options: &Options) -> Outcome {
    let place = Place::of(global)?;
    let before = place.read()?;
    let has_administrator = before.is_some() && place.has_administrator();
    let answers = Answers::gather(global, options, before.as_deref(), has_administrator)?;
    let text = settings_file::with(before.as_deref(), &answers.settings).map_err(CliError::refused)?;
    let config = place.check(&text)?;
    let is_changed = before.as_deref() != Some(&text);
    if is_changed {
        agree(&place, before.as_deref().unwrap_or_default(), &answers, options)?;
        settings_file::write(&place.file, &text).map_err(|e| CliError::refused(place.says(&e)))?;
        output::line(&format!("Wrote {}.", place.file.display()))?;
    } else {
        output::line(&format!("{} says so already; nothing was changed in it.", place.file.display()))?;
    }
    if matches!(config.tls, Tls::Files { .. }) && rustix::process::geteuid().is_root() {
        output::line("The service's own user must be able to read the certificate file and the key file too.")?;
    }
    let is_supervised = place.is_service && service::is_there();
    if is_supervised {
        service::run(is_changed, config.listen.iter().chain(&config.https_listen).any(|a| a.port() < 1024))?;
    } else {
        place.say_what_to_run()?;
    }
    first_administrator(&place, &config, answers.administrator)?;
    if is_supervised { say_what_next(&config) } else { Ok(()) }
}

impl Place {
    fn of(global: &Global) -> Result<Self, CliError> {
        let named = global.config.clone().or_else(|| std::env::var_os("LATCHKEY_CONFIG").map(PathBuf::from));
        let file = named.unwrap_or_else(|| DEFAULT_FILE.into());
        let is_service = file == Path::new(DEFAULT_FILE);
        if is_service && !rustix::process::geteuid().is_root() {
            return Err(CliError::refused(format!(
                "setup writes {DEFAULT_FILE} and starts the service, which only root may do: sudo latchkey setup. To try Latchkey without either: latchkey serve"
            )));
        }
        let file = std::path::absolute(&file).map_err(|e| CliError::usage(format!("{}: {e}", file.display())))?;
        Ok(Self { file, is_service })
    }

    fn read(&self) -> Result<Option<String>, CliError> {
        settings_file::look_at(&self.file, self.is_service).map_err(CliError::refused)?;
        match std::fs::read_to_string(&self.file) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(CliError::refused(self.says(&e))),
        }
    }

    fn says(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.file.display())
    }

    /// The settings as they would be: what cannot be used is refused before anything is written.
    fn check(&self, text: &str) -> Result<Config, CliError> {
        let mut sources = Sources::default();
        sources.text(text, &self.file)?;
        let config = sources.build()?;
        if let Tls::Files { certificate, key } = &config.tls {
            Identity::read(certificate, key)
                .map_err(|why| CliError::usage(format!("https cannot be served: {why}. Nothing was changed")))?;
        }
        Ok(config)
    }

    /// The words that begin a command beside the service.
    fn command_line(&self) -> String {
        if self.is_service { "latchkey".into() } else { format!("latchkey --config {}", self.file.display()) }
    }

    /// Runs a command of this same program. Such a one takes on the owner of the data folder, which we must not: we
    /// are still needed as root.
    fn run(&self, arguments: &[&str], input: &str) -> Result<Output, CliError> {
        let failed = |e: std::io::Error| CliError::refused(format!("running {}: {e}", arguments.join(" ")));
        let program = std::env::current_exe().map_err(failed)?;
        let mut command = Command::new(program);
        command.arg("--config").arg(&self.file).args(arguments);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads nothing may be gone already.
            drop(stdin.write_all(format!("{input}\n").as_bytes()));
        }
        child.wait_with_output().map_err(failed)
    }

    fn has_administrator(&self) -> bool {
        let Ok(listed) = self.run(&["user", "list", "--json"], "") else { return false };
        let users: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).unwrap_or_default();
        users.iter().any(|u| u["administrator"] == true)
    }

    fn say_what_to_run(&self) -> Outcome {
        let why = if self.is_service {
            "Nothing starts Latchkey by itself here: there is no systemd with latchkey.service."
        } else {
            "This is not the file of the installed service, so nothing starts Latchkey by itself."
        };
        output::line(&format!("{why} Start it, now and after every boot, with:\n\n  {} serve\n", self.command_line()))
    }
}

/// What stands in the file already is changed only with somebody's word.
fn agree(place: &Place, before: &str, answers: &Answers, options: &Options) -> Outcome {
    let changes: Vec<String> = answers
        .settings
        .iter()
        .filter_map(|(name, value)| {
            let old = settings_file::value_of(before, name).filter(|old| old != value)?;
            Some(format!("  {name}: {old:?} becomes {value:?}\n"))
        })
        .collect();
    if changes.is_empty() || options.yes {
        return Ok(());
    }
    let changes = format!("{} says otherwise now:\n{}", place.file.display(), changes.concat());
    if !terminal::can_ask() {
        return Err(CliError::refused(format!("{changes}Nothing was changed. Add --yes to change it")));
    }
    output::text(&changes)?;
    if terminal::confirm("Change it?")? { Ok(()) } else { Err(CliError::refused("nothing was changed")) }
}

/// Makes the first administrator, or prints the link that does.
fn first_administrator(place: &Place, config: &Config, wanted: Administrator) -> Outcome {
    if place.has_administrator() {
        return output::line("There is an administrator already; no user was made or changed.");
    }
    match wanted {
        Administrator::Named { name, password } => {
            // Naming the folder is what lets a command make the database, should there be none yet.
            let folder = config.data_dir.to_string_lossy();
            let create = ["--data-dir", &folder, "user", "create", &name, "--admin", "--password-stdin"];
            let made = place.run(&create, &password)?;
            if !made.status.success() {
                let words = String::from_utf8_lossy(&made.stderr);
                return Err(CliError::refused(words.trim().trim_start_matches("latchkey: ")));
            }
            output::text(&String::from_utf8_lossy(&made.stdout))
        }
        Administrator::ByLink if is_running(config) => {
            let made = place.run(&["setup-link"], "")?;
            let link = String::from_utf8_lossy(&made.stdout);
            let link = link.trim();
            if !made.status.success() {
                return Err(CliError::refused(String::from_utf8_lossy(&made.stderr).trim()));
            }
            output::line(&format!(
                "\nTo become the administrator, open this link within an hour (it works once):\n\n  {link}\n"
            ))?;
            match terminal::qr_code(link).filter(|_| terminal::can_ask()) {
                Some(code) => output::text(&code),
                None => Ok(()),
            }
        }
        Administrator::ByLink => output::line("It then prints the link that makes you the administrator."),
    }
}

fn is_running(config: &Config) -> bool {
    let line = config.listen.first().map(|address| probe::status_line(*address, "/readyz", PATIENCE));
    line.is_some_and(|line| line.is_ok_and(|line| probe::is_ok(&line)))
}

fn say_what_next(config: &Config) -> Outcome {
    let url = config.url.as_ref().map(|u| u.as_str()).unwrap_or_default();
    if config.tls == Tls::OwnCa {
        let trust = config.url.as_ref().map(|u| u.join("/trust/")).unwrap_or_default();
        output::line(&format!(
            "\nIts certificate is from its own authority. How your devices learn to trust it: {trust}"
        ))?;
    }
    output::line(&format!(
        "\nLatchkey runs at {url}. What comes next:\n\n  \
         latchkey app create Portainer --preset portainer --app-url https://portainer.home.example\n  \
         latchkey user create NAME --email ADDRESS     # or on the pages: Admin interface, Directory\n  \
         journalctl -u latchkey -f                     # what it logs\n"
    ))
}
