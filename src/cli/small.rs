//! The small commands: setup-link, config, events, routes, healthcheck.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::passkeys::{NAMED, stranded};
use super::{CliError, Outcome, output, probe};
use crate::app::{App, KeyNeed};
use crate::clock::rfc3339;
use crate::config::{Config, Sources, Tls};
use crate::crypto::identity::Identity;
use crate::domain::proxy_config::{Proxy, snippet};
use crate::endpoints::{Get, Post, setup};
use crate::recorder::{as_json, in_words, inert};
use crate::routes::{ROUTES, Route};
use crate::store::OpenMode;
use crate::store::events::{self, Event};
use crate::store::passkeys;

pub fn setup_link(app: &App) -> Outcome {
    match setup::new_link(app)? {
        Some(link) => output::line(&link),
        None => Err(CliError::refused(
            "Latchkey is set up: there was an administrator already, so setup is closed for good. To make another one: latchkey user create NAME --admin --password-stdin",
        )),
    }
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the settings and the data folder, and say what would hold
    Check,
    /// Print all settings with their meaning, as a file to begin with
    Reference,
}

pub fn config_check(config: Config) -> Outcome {
    let listen: Vec<String> = config.listen.iter().map(ToString::to_string).collect();
    let (listen, folder) = (listen.join(", "), config.data_dir.display().to_string());
    let https: Vec<String> = config.https_listen.iter().map(ToString::to_string).collect();
    let https = if https.is_empty() { "off".to_owned() } else { https.join(", ") };
    if let Tls::Files { certificate, key } = &config.tls {
        Identity::read(certificate, key).map_err(CliError::refused)?;
    }
    // Looks, and makes nothing: not even where `--data-dir` would let another command make a database.
    let app = App::open(config, OpenMode::Existing, KeyNeed::IfThere)?;
    let settings = app.settings()?;
    output::fields(&[
        ("Data folder", &folder),
        ("Base URL", app.base.as_str()),
        ("Listens on", &listen),
        ("Sign-in lasts", &format!("{} s idle, {} s at most", settings.session_idle, settings.session_maximum)),
        ("https", &https),
    ])?;
    if app.base.is_loopback() {
        output::note("note: the base URL is this machine's own name; no other device and no container can reach it.");
    } else if !app.base.is_https() {
        output::note("warning: the base URL is plain http: passwords and tokens cross the network unprotected.");
    }
    let rp_id = app.passkeys.as_ref().map(crate::crypto::passkeys::Passkeys::rp_id);
    let elsewhere = app.store.read(|c| passkeys::elsewhere(c, rp_id, NAMED))?;
    if let Some(words) = stranded(&elsewhere, &app.base) {
        output::note(&format!("warning: {words}."));
    }
    output::line("The settings are good.")
}

#[derive(Debug, Args)]
pub struct EventsOptions {
    /// Go on printing what happens
    #[arg(long)]
    follow: bool,
    /// A line of JSON each
    #[arg(long)]
    json: bool,
    /// How many of the newest to begin with
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: u32,
}

pub fn events(app: &App, options: &EventsOptions) -> Outcome {
    let mut last = 0;
    let mut limit = i64::from(options.limit);
    loop {
        let new = app.store.read(|c| events::newest(c, last, limit))?;
        for event in &new {
            last = last.max(event.id);
            output::line(&render(event, options.json))?;
        }
        if !options.follow {
            return Ok(());
        }
        if last == 0 {
            last = app.store.read(|c| events::newest(c, 0, 1))?.first().map_or(0, |e| e.id);
        }
        limit = 10_000;
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn render(event: &Event, json: bool) -> String {
    if json {
        return as_json(event).to_string();
    }
    let word = |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("  {name}={}", inert(v)));
    let mut line = format!("{}  {}", rfc3339(event.at), event.kind);
    let known = [
        ("user", &event.username),
        ("client", &event.client_id),
        ("from", &event.address),
        ("request", &event.request_id),
    ];
    line.extend(known.into_iter().filter_map(|(name, value)| word(name, value)));
    line.push_str("  ");
    line.push_str(&in_words(&event.details));
    line.trim_end().to_owned()
}

pub fn routes() -> Outcome {
    output::table(&ROUTE_HEADS, &route_rows())
}

/// What the columns of [`route_rows`] are.
pub const ROUTE_HEADS: [&str; 4] = ["METHODS", "PATH", "KIND", "FOR"];

/// Every address that is answered.
pub fn route_rows() -> Vec<Vec<String>> {
    let row = |r: &Route| {
        let methods = [r.get.map(|_| "GET"), r.post.map(|_| "POST")];
        let methods = methods.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let path = if r.path.len() > 1 && !r.path.contains('.') && !r.path.ends_with("{file}") {
            format!("{}/", r.path)
        } else {
            r.path.to_owned()
        };
        // A form asks for no less than its page.
        let who = r.post.map(Post::who).or(r.get.map(Get::who)).unwrap_or_default();
        vec![methods, path, format!("{:?}", r.kind).to_lowercase(), who.to_owned()]
    };
    ROUTES.iter().map(row).collect()
}

#[derive(Debug, Args)]
pub struct ProxyConfigOptions {
    /// caddy, traefik, nginx or npm
    #[arg(value_name = "PROXY")]
    proxy: String,
    /// The address that Latchkey listens on [default: what the settings say]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

impl ProxyConfigOptions {
    pub fn add_to(&self, sources: &mut Sources) {
        sources.option("listen", self.listen.as_deref());
    }
}

/// Works without a data folder too, when the base URL is told.
pub fn proxy_config(config: Config, options: &ProxyConfigOptions) -> Outcome {
    let proxy: Proxy = options.proxy.parse().map_err(CliError::usage)?;
    let Some(listen) = config.listen.first().copied() else { return Err(CliError::usage("no address to listen on")) };
    let base = match config.url.clone() {
        Some(url) => url,
        None => App::open(config, OpenMode::Existing, KeyNeed::IfThere)?.base,
    };
    if !base.is_https() {
        return Err(CliError::refused(format!(
            "the base URL is {}, and behind a proxy it is https. Name it: latchkey proxy-config {} --url https://auth.home.example",
            base.as_str(),
            options.proxy
        )));
    }
    output::text(&snippet(proxy, &base, listen))
}

#[derive(Debug, Args)]
pub struct HealthcheckOptions {
    /// The address that the server listens on [default: what the settings say]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
}

impl HealthcheckOptions {
    pub fn add_to(&self, sources: &mut Sources) {
        sources.option("listen", self.listen.as_deref());
    }
}

/// Asks `/readyz` on the first address that the settings name.
pub fn healthcheck(config: &Config) -> Outcome {
    let Some(address) = config.listen.first() else { return Err(CliError::usage("no address to ask")) };
    let address = probe::reachable(*address);
    let refused = |what: String| CliError::refused(format!("not ready: {address}: {what}"));
    let line = probe::status_line(address, "/readyz", Duration::from_secs(5)).map_err(|e| refused(e.to_string()))?;
    if probe::is_ok(&line) { output::line("ready") } else { Err(refused(line)) }
}
