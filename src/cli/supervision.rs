//! What systemd is told by sd_notify: that we are ready, that we still do our work, that we stop. Nothing of this
//! happens where no supervisor asked for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use super::probe;
use crate::app::App;
use crate::error::Internal;

/// So many good checks fit into the time after which systemd gives a silent service up.
const CHECKS_IN_TIME: u32 = 3;
/// How long one check may take where systemd has not set a time.
const USUAL_DEADLINE: Duration = Duration::from_secs(10);
/// A check that failed is made again this soon: a server under load is not one that hangs.
const AGAIN: Duration = Duration::from_secs(1);

/// The thread that watches over this very process. It ends with this value.
pub struct Supervision(Option<Sender<()>>);

impl Supervision {
    /// Begins to check the server at `address`; systemd hears that it is ready after the first check that went well.
    pub fn start(app: &Arc<App>, address: SocketAddr) -> Self {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return Self(None);
        }
        let (end, ended) = channel();
        let app = Arc::clone(app);
        let spawned = std::thread::Builder::new()
            .name("watchdog".into())
            .spawn(move || watch(&app, address, sd_notify::watchdog_enabled(), &ended));
        if let Err(error) = spawned {
            tracing::error!(%error, "the thread that systemd hears from could not be started");
        }
        Self(Some(end))
    }

    /// Says that the end has begun.
    pub fn stopping(self) {
        if let Self(Some(end)) = self {
            // First the end of the checks: one that fails from now on means nothing.
            drop(end);
            tell(&[NotifyState::Stopping, NotifyState::Status("Stopping: requests in flight are answered")]);
        }
    }
}

/// Checks until the other end is gone.
fn watch(app: &App, address: SocketAddr, limit: Option<Duration>, ended: &Receiver<()>) {
    let interval = limit.map(|limit| limit / CHECKS_IN_TIME);
    let deadline = interval.unwrap_or(USUAL_DEADLINE).min(USUAL_DEADLINE);
    let status = format!("Ready at {}", app.base.as_str());
    let (mut is_ready, mut was_good) = (false, false);
    let mut pause = Duration::ZERO;
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(pause) {
        match check(app, address, deadline) {
            Ok(()) => {
                let ready = (!is_ready).then_some(NotifyState::Ready);
                let again = (!was_good).then_some(NotifyState::Status(&status));
                let states: Vec<_> = [ready, Some(NotifyState::Watchdog), again].into_iter().flatten().collect();
                tell(&states);
                (is_ready, was_good) = (true, true);
                let Some(interval) = interval else { return };
                pause = interval;
            }
            Err(why) => {
                pause = interval.unwrap_or(AGAIN).min(AGAIN);
                if let Err(std::sync::mpsc::TryRecvError::Empty) = ended.try_recv() {
                    tracing::error!(%why, "the check of ourselves failed; systemd is not told that all is well");
                    tell(&[NotifyState::Status(&format!("Not well: {why}"))]);
                    was_good = false;
                }
            }
        }
    }
}

/// A real request through the front door, and a transaction of the one writer, both within the deadline.
fn check(app: &App, address: SocketAddr, deadline: Duration) -> Result<(), String> {
    let began = Instant::now();
    let line = probe::status_line(address, "/healthz", deadline).map_err(|e| format!("{address}: {e}"))?;
    if !probe::is_ok(&line) {
        return Err(format!("{address} answered {line:?}"));
    }
    // An empty job needs all that a write needs (BEGIN IMMEDIATE), and writes nothing to the disk.
    app.store.write(|_| Ok::<_, Internal>(())).map_err(|e| format!("database: {e}"))?;
    let took = began.elapsed();
    if took > deadline { Err(format!("the check took {} ms", took.as_millis())) } else { Ok(()) }
}

/// A supervisor that does not listen is no reason to end.
fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told how we are");
    }
}
