//! `latchkey serve`: the provider itself.

use std::fs::File;
use std::mem::Discriminant;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::supervision::Supervision;
use super::{CliError, Outcome, monitoring, output};
use crate::app::{App, KeyNeed};
use crate::backup::nightly::Nightly;
use crate::backup::workspace;
use crate::clock::rfc3339;
use crate::config::{Config, Tls};
use crate::crypto::password::PasswordHasher;
use crate::domain::base_url::BaseUrl;
use crate::domain::clock::Standing;
use crate::endpoints::setup;
use crate::error::Internal;
use crate::store::keys::KeyState;
use crate::store::{
    OpenMode, assertions, clock as marks, device_requests, events, grants, invitations, keys, known_devices,
    lock_for_serving, logouts, meta, pushed_requests, sessions, throttled, tokens,
};
use crate::tls::{BeginError, Keeper};
use crate::{keyring, routes, server};

/// How long requests in flight may take to end when the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long mails that wait may take then.
const MAIL_DRAIN: Duration = Duration::from_secs(5);
/// How long applications that are being told of sign-outs may take then.
const TELLER_DRAIN: Duration = Duration::from_secs(6);
const MONITORING_DRAIN: Duration = Duration::from_secs(1);
/// How often it is looked at what time has brought.
const TICK: Duration = Duration::from_secs(5);
/// Every so many ticks, from the first on, what expired long ago is removed.
const CLEAN_UP_EVERY: u64 = 12;
/// As many steps of removing old events are made at a time.
const PURGE_STEPS: u32 = 20;
/// How long rows are kept after they expired: a replayed code is recognised meanwhile.
const KEEP_EXPIRED: i64 = 86_400;

pub fn run(mut config: Config) -> Outcome {
    // What a server is reached at is said by its settings, never by what an earlier start stored for the commands.
    config.url = Some(config.url.take().unwrap_or_else(|| config.default_url()));
    let app = App::open(config, OpenMode::Create, KeyNeed::Required);
    let app = Arc::new(app.map_err(|error| CliError::start(&error, error.is_passing()))?);
    let _only_server = only_server(&app.config.data_dir)?;
    app.store.adopt_log()?;
    if let Err(error) = workspace::clean_up(&app.config.data_dir) {
        tracing::warn!(%error, "copies that an interrupted backup left were not looked for");
    }
    remember_settings(&app)?;
    app.throttle.remember(app.store.read(throttled::list)?, app.clock.now());
    let mut keeper = Keeper::begin(&app).map_err(|error| match error {
        BeginError::Unusable(error) => CliError::start(format!("https cannot be served: {error}"), error.is_passing()),
        BeginError::Internal(error) => error.into(),
    })?;
    let settings = server::Settings {
        listen: app.config.listen.clone(),
        tls: keeper
            .as_ref()
            .map(|k| server::Tls { listen: app.config.https_listen.clone(), certificate: Arc::clone(&k.certificate) }),
        limits: server::Limits {
            connections: app.config.max_connections,
            per_address: app.config.max_connections_per_address,
            // With every place at the passwords taken, there is room for those who need no password checked.
            in_flight: PasswordHasher::MOST_AT_ONCE + 30,
            is_upload: routes::is_upload,
            set_aside: if app.config.metrics_listen.is_empty() { 0 } else { monitoring::limits().descriptors() },
            ..server::Limits::default()
        },
        trusted_proxies: app.config.trusted_proxies.clone(),
    };
    let handler = Arc::clone(&app);
    let server = server::start(settings, Arc::new(move |request| routes::answer(&handler, request)))
        .map_err(|error| CliError::start(&error, error.is_passing()))?;
    let monitoring = monitoring::start(&app, server.counted())?;
    app.mailer.begin(&app);
    app.teller.begin(&app);
    // From here on, being told to stop ends in order: whoever reads that we are ready may say so at once.
    let stopped = told_to_stop()?;
    announce(&app, &server)?;
    let supervision = Supervision::start(&app, server.local_addrs()[0]);
    let tuner = Arc::clone(&app);
    std::thread::spawn(move || {
        if let Err(error) = tuner.tune_passwords() {
            tracing::warn!(%error, "the cost of a password was not measured; the least allowed one is used");
        }
    });
    wait_for_the_end(&app, &stopped, keeper.as_mut())?;
    supervision.stopping();
    tracing::info!("stopping: no new connections, requests in flight are answered");
    server.stop(DRAIN);
    if let Some(monitoring) = monitoring {
        monitoring.stop(MONITORING_DRAIN);
    }
    app.mailer.end(&app, MAIL_DRAIN);
    app.teller.end(TELLER_DRAIN);
    app.recorder.flush(&app.store, &app.throttle, app.clock.now());
    app.store.close();
    Ok(())
}

/// Two servers on one folder would count failed sign-ins each for itself, and move signing keys on side by side.
fn only_server(data_dir: &Path) -> Result<Option<File>, CliError> {
    match lock_for_serving(data_dir) {
        Ok(Some(lock)) => Ok(Some(lock)),
        Ok(None) => {
            let words = "Stop that one first, or choose another folder with --data-dir";
            Err(CliError::start(format!("another latchkey serve runs on {}. {words}", data_dir.display()), true))
        }
        Err(error) => {
            tracing::warn!(%error, "the data folder cannot be locked; make sure that only one server uses it");
            Ok(None)
        }
    }
}

/// What the other commands need to know of us: where people reach us, for links, what a password costs and must be.
fn remember_settings(app: &App) -> Result<(), Internal> {
    let passes = app.config.password_passes.map(|p| p.to_string()).unwrap_or_default();
    let url = app.base.as_str().to_owned();
    let rp_id = app.config.passkey_rp_id.as_ref().map(|id| id.as_str().to_owned());
    let told = [
        (meta::BASE_URL, url),
        (meta::PASSWORD_PASSES_TOLD, passes),
        (meta::SETTINGS_TOLD, app.config.told()),
        (meta::TLS_NAMES, app.config.tls_names.to_string()),
        (meta::PASSKEY_RP_ID, rp_id.unwrap_or_default()),
    ];
    for (key, value) in told {
        if app.store.read(|c| meta::get(c, key))?.unwrap_or_default() != value {
            app.store.write(move |tx| meta::set(tx, key, &value))?;
        }
    }
    Ok(())
}

/// Says where we are and how to begin. A reader of stdout that is gone does not end the server.
fn announce(app: &App, server: &server::Server) -> Result<(), Internal> {
    for address in server.local_addrs() {
        tracing::info!(%address, "listening");
    }
    for address in server.https_addrs() {
        tracing::info!(%address, "listening for https");
    }
    warn_about(&app.base);
    let mut words = format!("Latchkey is ready at {}\n", app.base.as_str());
    if app.config.tls == Tls::OwnCa {
        words.push_str(&format!(
            "Its certificate is from its own authority. How your devices learn to trust it: {}\n",
            app.base.join("/trust/")
        ));
    }
    if let Some(link) = setup::new_link(app)? {
        words.push_str(&format!(
            "There is no administrator yet. To make the first one, open this link within an hour (it works once):\n\n  {link}\n\n"
        ));
    }
    output::announce(&words);
    Ok(())
}

fn warn_about(base: &BaseUrl) {
    if !base.is_https() && !base.is_loopback() {
        tracing::warn!(
            url = base.as_str(),
            "the base URL is plain http on a name that is not this machine's own: passwords and tokens cross the network unprotected"
        );
    }
}

/// Listens for SIGTERM and SIGINT.
fn told_to_stop() -> Result<Receiver<()>, Internal> {
    let (stop, stopped) = channel();
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT])
        .map_err(|e| Internal::fault(format!("signals: {e}")))?;
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            // The other end is gone when the server has ended already.
            _ = stop.send(());
        }
    });
    Ok(stopped)
}

/// Does what time brings until the process is told to stop.
fn wait_for_the_end(app: &Arc<App>, stopped: &Receiver<()>, mut keeper: Option<&mut Keeper>) -> Outcome {
    let mut nightly = Nightly::default();
    let mut told = std::mem::discriminant(&Standing::InStep);
    for tick in 0_u64.. {
        if let Err(error) = watch_the_clock(app, &mut told) {
            tracing::warn!(%error, "the mark of the clock could not be read");
        }
        match stopped.recv_timeout(TICK) {
            Err(RecvTimeoutError::Timeout) => {
                app.recorder.flush_if_due(&app.store, &app.throttle, app.clock.now());
                let cleaned = if tick % CLEAN_UP_EVERY == 0 { clean_up(app) } else { Ok(()) };
                let backed_up = nightly.tick(app);
                let looked = keeper.as_mut().map_or(Ok(()), |k| k.look(app));
                let told = app.teller.look(app);
                if let Err(error) = move_keys_on(app).and(cleaned).and(backed_up).and(looked).and(told) {
                    tracing::warn!(%error, "housekeeping failed; it is tried again soon");
                }
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    nightly.end();
    Ok(())
}

/// Moves keys on. Like [`clean_up`], it looks first, so that an idle server writes nothing.
fn move_keys_on(app: &App) -> Result<(), Internal> {
    let now = app.clock.now();
    let is_due = |k: &keys::KeyRow| k.state == KeyState::Next && k.activates_at.is_some_and(|at| at <= now);
    if app.store.read(keys::list)?.iter().any(is_due) {
        app.store.write(move |tx| keyring::settle(tx, now))?;
        tracing::info!("a new signing key took over");
    }
    Ok(())
}

/// Notices a mark that was reset by a command, and says in the log when the clock's standing changes.
fn watch_the_clock(app: &App, told: &mut Discriminant<Standing>) -> Result<(), Internal> {
    if app.clock.follow(app.store.read(marks::read)?) {
        tracing::warn!("the mark of the clock was reset by a command; time begins anew from there");
    }
    let view = app.clock.view();
    let standing = std::mem::discriminant(&view.standing);
    if std::mem::replace(told, standing) == standing {
        return Ok(());
    }
    let (now, system) = (rfc3339(view.now), rfc3339(view.system));
    match view.standing {
        Standing::InStep => tracing::info!(now, "the clock is in step with this machine's"),
        Standing::Behind { by } => tracing::warn!(
            now,
            system,
            seconds = by,
            "this machine's clock is behind the time that has been; time goes on from there. `latchkey clock show` tells more"
        ),
        Standing::Doubtful { lead } => tracing::warn!(
            now,
            seconds = lead,
            "this machine's clock is far ahead of the time that was last known, and not synchronised: it is used, but nothing is deleted by it. `latchkey clock show` tells more"
        ),
    }
    Ok(())
}

/// Removes what expired long ago, unless the time may be wrong.
fn clean_up(app: &App) -> Result<(), Internal> {
    if !app.clock.may_purge() {
        return Ok(());
    }
    let now = app.clock.now();
    let settings = app.settings()?;
    let before = now - KEEP_EXPIRED;
    let (seen, created) = (before - settings.session_idle, before - settings.session_maximum);
    let unknown = before - known_devices::VALID;
    let old_events = now - settings.event_retention * 86_400;
    let is_due = app.store.read(|c| {
        let expired = "SELECT EXISTS (SELECT 1 FROM grants WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM access_tokens WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM device_requests WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM invitations WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM assertions WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM pushed_requests WHERE expires_at < ?1)
                         OR EXISTS (SELECT 1 FROM sessions WHERE last_seen_at < ?2 OR created_at < ?3)
                         OR EXISTS (SELECT 1 FROM known_devices WHERE last_seen_at < ?4)";
        let expired: bool = c.prepare_cached(expired)?.query_row((before, seen, created, unknown), |r| r.get(0))?;
        Ok::<_, Internal>(expired || events::is_purge_due(c, old_events)?)
    })?;
    if !is_due {
        return Ok(());
    }
    app.store.write(move |tx| {
        tokens::purge_access(tx, before)?;
        grants::purge(tx, before)?;
        device_requests::purge(tx, before)?;
        invitations::purge(tx, before)?;
        assertions::purge(tx, before)?;
        pushed_requests::purge(tx, before)?;
        sessions::purge(tx, seen, created)?;
        logouts::purge(tx, now)?;
        known_devices::purge(tx, unknown)
    })?;
    // Many small writes: requests have theirs in between. What is left waits for the next time.
    for _ in 0..PURGE_STEPS {
        if !app.store.write(move |tx| events::purge(tx, old_events))? {
            break;
        }
    }
    Ok(())
}
