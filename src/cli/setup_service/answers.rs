//! What `latchkey setup` is to do: from options, from the settings there are, and from three questions: the address,
//! who serves https there, and the first administrator.

use std::net::TcpListener;

use zeroize::Zeroizing;

use super::Options;
use super::settings_file::{Wanted, value_of};
use crate::cli::{CliError, Global, output, terminal};
use crate::domain::base_url::BaseUrl;
use crate::domain::names::Username;
use crate::domain::password::{MIN_CHARS, NewPassword, PasswordRule};

/// The folder of the installed service.
const SERVICE_FOLDER: &str = "/var/lib/latchkey";

/// Everything that was decided.
pub struct Answers {
    pub settings: Vec<Wanted>,
    pub administrator: Administrator,
}

/// How the first administrator comes to be.
pub enum Administrator {
    ByLink,
    Named { name: String, password: Zeroizing<String> },
}

impl Answers {
    /// Asks what no option says, if there is somebody to ask.
    pub fn gather(
        global: &Global,
        options: &Options,
        before: Option<&str>,
        has_administrator: bool,
    ) -> Result<Self, CliError> {
        let can_ask = terminal::can_ask() && !options.yes;
        let has = |name: &str| before.and_then(|text| value_of(text, name));
        let url = base_url(global.url.as_deref(), has("url").as_deref(), can_ask)?;
        let mut settings = vec![("url", url.as_str().to_owned())];
        match (&global.data_dir, has("data-dir")) {
            (Some(folder), _) => settings.push(("data-dir", absolute(folder)?)),
            (None, None) => settings.push(("data-dir", usual_folder(global)?)),
            (None, Some(_)) => {}
        }
        let said = [
            ("listen", &options.listen),
            ("https-listen", &options.https_listen),
            ("tls-names", &options.tls_names),
            ("trusted-proxies", &options.trusted_proxies),
        ];
        settings.extend(said.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        // The service is started in another folder than this one.
        for (name, file) in
            [("tls-certificate-file", &options.tls_certificate_file), ("tls-key-file", &options.tls_key_file)]
        {
            if let Some(file) = file {
                settings.push((name, absolute(file)?));
            }
        }
        let tls_now = has("tls");
        let tls = tls(&url, options.tls.as_deref(), tls_now.as_deref(), can_ask)?;
        if tls_now.as_deref().unwrap_or("off") != tls {
            settings.push(("tls", tls.clone()));
        }
        for fitting in fitting(&url, &tls) {
            if !settings.iter().any(|(name, _)| *name == fitting.0) && has(fitting.0).is_none() {
                settings.push(fitting);
            }
        }
        let administrator = if has_administrator { Administrator::ByLink } else { administrator(options, can_ask)? };
        Ok(Self { settings, administrator })
    }
}

fn base_url(said: Option<&str>, now: Option<&str>, can_ask: bool) -> Result<BaseUrl, CliError> {
    match (said, now) {
        (Some(said), _) => BaseUrl::parse(said).map_err(CliError::usage),
        (None, now) if can_ask => {
            output::line(
                "At which address do people reach Latchkey? Give it a host name that no application has, and that\n\
                 leads here from their browsers and from the applications' containers: https://auth.home.example, or\n\
                 without https http://auth.home.example:8410",
            )?;
            loop {
                match BaseUrl::parse(&terminal::ask("Address", now)?) {
                    Ok(url) => return Ok(url),
                    Err(error) => output::note(&error.to_string()),
                }
            }
        }
        (None, Some(now)) => BaseUrl::parse(now).map_err(CliError::usage),
        (None, None) => Err(CliError::usage(
            "the address is missing, and there is nobody to ask: add --url https://auth.home.example",
        )),
    }
}

/// How https is served at an address that begins with it: the value of the setting `tls`.
fn tls(url: &BaseUrl, said: Option<&str>, now: Option<&str>, can_ask: bool) -> Result<String, CliError> {
    let usual = now.unwrap_or("off");
    // Certificate files are named by options, and stay until other options are given.
    if said.is_some() || !url.is_https() || !can_ask || usual == "files" {
        return Ok(said.unwrap_or(usual).to_owned());
    }
    output::line(
        "Who serves https at that address? Answer proxy if a reverse proxy (Caddy, Traefik, nginx) stands in front, or\n\
         own if Latchkey is to do it, with a certificate authority of its own that your devices learn to trust.",
    )?;
    loop {
        match terminal::ask("proxy or own", Some(if usual == "own-ca" { "own" } else { "proxy" }))?.as_str() {
            "proxy" => return Ok("off".to_owned()),
            "own" => return Ok("own-ca".to_owned()),
            _ => output::note("Answer with one of the two words, or only Enter."),
        }
    }
}

fn usual_folder(global: &Global) -> Result<String, CliError> {
    if global.config.is_none() && std::env::var_os("LATCHKEY_CONFIG").is_none() {
        return Ok(SERVICE_FOLDER.to_owned());
    }
    absolute("data")
}

fn absolute(folder: &str) -> Result<String, CliError> {
    let path = std::path::absolute(folder).map_err(|e| CliError::usage(format!("{folder}: {e}")))?;
    Ok(path.display().to_string())
}

/// What a base URL asks for, where nothing else is said: plain http, and https of our own, are served to everybody at
/// the URL's port; without our own, a proxy on this machine stands in front of https.
fn fitting(url: &BaseUrl, tls: &str) -> Vec<Wanted> {
    let is_own = tls != "off";
    if url.is_https() && !is_own {
        return vec![("trusted-proxies", "127.0.0.1,::1".to_owned())];
    }
    let usual = if is_own { 443 } else { 80 };
    let port = url.authority().rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).unwrap_or(usual);
    // On Linux the unspecified address of IPv6 takes IPv4 too, but there are machines without any IPv6.
    let any = if TcpListener::bind("[::]:0").is_ok() { "[::]" } else { "0.0.0.0" };
    let place = if url.is_loopback() { "127.0.0.1" } else { any };
    vec![(if is_own { "https-listen" } else { "listen" }, format!("{place}:{port}"))]
}

fn administrator(options: &Options, can_ask: bool) -> Result<Administrator, CliError> {
    let name = match &options.admin {
        Some(name) => name.clone(),
        None if can_ask => {
            output::line("Who is the first administrator? A username, or only Enter for a link that makes you one.")?;
            asked_name()?
        }
        None => String::new(),
    };
    if name.is_empty() {
        return Ok(Administrator::ByLink);
    }
    Username::parse(&name).map_err(CliError::usage)?;
    let password = match (options.password_stdin, can_ask) {
        (true, _) => {
            let mut line = Zeroizing::new(String::new());
            std::io::stdin().read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
            let password = Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned());
            NewPassword::parse(&password, &rule_for(&name)).map_err(CliError::usage)?;
            password
        }
        (false, true) => asked_password(&name)?,
        (false, false) => {
            return Err(CliError::usage("--admin needs --password-stdin where nobody can be asked"));
        }
    };
    Ok(Administrator::Named { name, password })
}

/// What holds for the first password, before there are settings that could say otherwise.
fn rule_for(username: &str) -> PasswordRule<'_> {
    PasswordRule { minimum: MIN_CHARS, username, email: None, name: "" }
}

fn asked_name() -> Result<String, CliError> {
    loop {
        let name = terminal::ask("Username", None)?;
        match Username::parse(&name) {
            _ if name.is_empty() => return Ok(name),
            Ok(_) => return Ok(name),
            Err(error) => output::note(&error.to_string()),
        }
    }
}

fn asked_password(name: &str) -> Result<Zeroizing<String>, CliError> {
    loop {
        let password = terminal::ask_secret("Password (not shown)")?;
        match NewPassword::parse(&password, &rule_for(name)) {
            Err(error) => output::note(&error.to_string()),
            Ok(_) if *password != *terminal::ask_secret("The same again")? => output::note("The two differ."),
            Ok(_) => return Ok(password),
        }
    }
}
