//! The door: the public sockets and the loop that accepts from them, which never ends on an error.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ipnet::IpNet;
use rustls::ServerConfig;

use super::buffers::Buffers;
use super::channel::Channel;
use super::counted::Tally;
use super::limits::Limits;
use super::registry::{Registry, Seat, Turned};
use super::uploads::Uploads;
use super::wire::Wire;
use super::word::Words;
use super::{connection, lock, panics, proxy};
use crate::http::Scheme;

/// Stack of a connection's thread, bytes. Pages that are not used cost nothing. Unoptimised code needs more.
const STACK: usize = if cfg!(debug_assertions) { 512 << 10 } else { 192 << 10 };
/// How long to wait, when there are no descriptors, for those that were told to go to do so.
const BREATH: Duration = Duration::from_millis(10);
/// How long, at a stop, those are admitted who wait at the door. More than a queue of them takes.
const LAST_ADMISSIONS: Duration = Duration::from_secs(1);
/// Between two log lines about connections that were turned away.
const COMPLAINT: Duration = Duration::from_secs(60);

/// What all connections share.
pub(super) struct Edge {
    pub(super) limits: Limits,
    pub(super) registry: Registry,
    pub(super) channel: Channel,
    pub(super) buffers: Buffers,
    pub(super) uploads: Uploads,
    pub(super) words: Arc<Words>,
    pub(super) trusted_proxies: Vec<IpNet>,
    pub(super) tally: Tally,
    stopping: AtomicBool,
    turned_away: AtomicU64,
    complained: Mutex<Option<Instant>>,
}

/// How those speak who come in by a listener.
pub(super) enum Door {
    Plain,
    Tls(Arc<ServerConfig>),
}

impl Edge {
    pub(super) fn new(limits: Limits, channel: Channel, words: Arc<Words>, trusted_proxies: Vec<IpNet>) -> Self {
        let registry = Registry::new(limits.connections, limits.per_address, limits.memory);
        // A canonical request is longer than what the client sent by the edge's own header, at most.
        let buffers = Buffers::new(limits.head + 512 + limits.body);
        let uploads = Uploads::new(limits.uploads, limits.queue_time, limits.head + 512 + limits.upload);
        Self {
            limits,
            registry,
            channel,
            buffers,
            uploads,
            words,
            trusted_proxies,
            tally: Tally::default(),
            stopping: AtomicBool::new(false),
            turned_away: AtomicU64::new(0),
            complained: Mutex::default(),
        }
    }

    /// Whether connections are to be closed after their next answer.
    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    /// From now on every answer is the last one of its connection.
    pub(super) fn stop(&self) {
        self.stopping.store(true, SeqCst);
    }

    fn complain(&self, why: &Turned, peer: std::net::IpAddr) {
        self.turned_away.fetch_add(1, Relaxed);
        self.tally.turned_away();
        let mut last = lock(&self.complained);
        if last.is_some_and(|at| at.elapsed() < COMPLAINT) {
            return;
        }
        *last = Some(Instant::now());
        let count = self.turned_away.swap(0, Relaxed);
        match why {
            Turned::AddressFull => tracing::warn!(
                %peer, count, limit = self.limits.per_address,
                "connections turned away: this address has too many (if it is your reverse proxy, list it as trusted)"
            ),
            Turned::Full => tracing::warn!(count, limit = self.limits.connections, "connections turned away: too many"),
        }
    }
}

/// Starts to accept from `listener`.
pub(super) fn start(edge: Arc<Edge>, listener: Arc<TcpListener>, door: Arc<Door>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("accept".into()).spawn(move || {
        panics::mark_thread();
        while !edge.stopping() {
            // Whatever happens to one connection, the next must be accepted.
            if catch_unwind(AssertUnwindSafe(|| accept_one(&edge, &listener, &door))).is_err() {
                thread::sleep(BREATH);
            }
        }
    })
}

/// Turns new clients away. Those whom the kernel has let in already, with a request perhaps, are still admitted: they
/// could not tell a request that was never read from one that was lost half done.
pub(super) fn close(edge: &Arc<Edge>, listener: &TcpListener, door: &Door) {
    let give_up = Instant::now() + LAST_ADMISSIONS;
    if listener.set_nonblocking(true).is_ok() {
        while let Ok((socket, address)) = listener.accept() {
            admit(edge, socket, proxy::plain(address.ip()), door);
            if Instant::now() >= give_up {
                break;
            }
        }
    }
    // Wakes the thread that waits in accept.
    if let Err(error) = rustix::net::shutdown(listener, rustix::net::Shutdown::Both) {
        tracing::debug!(%error, "closing a listener");
    }
}

fn accept_one(edge: &Arc<Edge>, listener: &TcpListener, door: &Door) {
    match listener.accept() {
        // At a stop too: the kernel has told this client that it is connected.
        Ok((socket, address)) => admit(edge, socket, proxy::plain(address.ip()), door),
        Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
        Err(_) if edge.stopping() => {}
        Err(error) => {
            // Out of descriptors or memory: make room, and try again.
            tracing::debug!(%error, "accepting failed");
            edge.registry.evict();
            thread::sleep(BREATH);
        }
    }
}

fn admit(edge: &Arc<Edge>, socket: TcpStream, peer: std::net::IpAddr, door: &Door) {
    let capped = !proxy::is_trusted(peer, &edge.trusted_proxies);
    let seat = match edge.registry.enter(socket, peer, capped) {
        Ok(seat) => seat,
        Err(why) => return edge.complain(&why, peer),
    };
    let wire = Wire::new(seat.socket.clone());
    let task = match door {
        Door::Plain => Task::Serve(wire, Scheme::Http),
        Door::Tls(config) => Task::ShakeHands(wire, Arc::clone(config)),
    };
    begin(edge, &seat, task);
}

/// What is to be done with a connection.
enum Task {
    ShakeHands(Wire, Arc<ServerConfig>),
    Serve(Wire, Scheme),
}

impl Task {
    fn run(self, edge: &Edge, seat: &Arc<Seat>) -> Option<Self> {
        match self {
            Self::ShakeHands(wire, config) => {
                connection::shake_hands(edge, seat, wire, &config).map(|wire| Self::Serve(wire, Scheme::Https))
            }
            Self::Serve(wire, scheme) => {
                connection::serve(edge, seat, wire, scheme);
                None
            }
        }
    }
}

/// Each task has a thread of its own. A handshake goes 30 KiB deep into its stack, which would be kept as long as the
/// connection is; a thread that ends gives them back.
fn begin(edge: &Arc<Edge>, seat: &Arc<Seat>, task: Task) {
    let thread = thread::Builder::new().name("connection".into()).stack_size(STACK).spawn({
        let (edge, seat) = (Arc::clone(edge), Arc::clone(seat));
        move || {
            panics::mark_thread();
            // Our own faults end this connection only; the hook has logged them.
            match catch_unwind(AssertUnwindSafe(|| task.run(&edge, &seat))) {
                Ok(Some(next)) => begin(&edge, &seat, next),
                Ok(None) | Err(_) => edge.registry.leave(&seat),
            }
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "no thread for a connection");
        edge.registry.leave(seat);
        edge.registry.evict();
    }
}
