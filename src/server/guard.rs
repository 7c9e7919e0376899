//! The door: the public sockets and the loop that accepts from them, which never ends on an error.

use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ipnet::IpNet;

use super::buffers::Buffers;
use super::channel::Channel;
use super::limits::Limits;
use super::registry::{Registry, Turned};
use super::uploads::Uploads;
use super::word::Words;
use super::{connection, lock, panics, proxy};

/// Stack of a connection's thread, bytes. Pages that are not used cost nothing. Unoptimised code needs more.
const STACK: usize = if cfg!(debug_assertions) { 512 << 10 } else { 192 << 10 };
/// How long to wait, when there are no descriptors, for those that were told to go to do so.
const BREATH: Duration = Duration::from_millis(10);
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
    stopping: AtomicBool,
    turned_away: AtomicU64,
    complained: Mutex<Option<Instant>>,
    proxy_mentioned: Once,
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
            stopping: AtomicBool::new(false),
            turned_away: AtomicU64::new(0),
            complained: Mutex::default(),
            proxy_mentioned: Once::new(),
        }
    }

    /// Says once that somebody forwards requests whom the settings do not name: all that come through such a proxy
    /// would count as one client, and one stranger's failed sign-ins would slow everybody's.
    pub(super) fn mention_proxy(&self, peer: std::net::IpAddr) {
        if !proxy::is_trusted(peer, &self.trusted_proxies) {
            self.proxy_mentioned.call_once(|| {
                tracing::warn!(
                    %peer,
                    "requests come with X-Forwarded-For from an address that is not among the trusted proxies, so it is not believed; if that is your reverse proxy, name it with --trusted-proxies"
                );
            });
        }
    }

    /// Whether connections are to be closed after their next answer.
    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(SeqCst)
    }

    /// No more connections, and no more requests on those there are.
    pub(super) fn stop(&self) {
        self.stopping.store(true, SeqCst);
        self.registry.close_idle();
    }

    fn complain(&self, why: &Turned, peer: std::net::IpAddr) {
        self.turned_away.fetch_add(1, Relaxed);
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
pub(super) fn start(edge: Arc<Edge>, listener: Arc<TcpListener>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("accept".into()).spawn(move || {
        panics::mark_thread();
        while !edge.stopping() {
            // Whatever happens to one connection, the next must be accepted.
            if catch_unwind(AssertUnwindSafe(|| accept_one(&edge, &listener))).is_err() {
                thread::sleep(BREATH);
            }
        }
    })
}

fn accept_one(edge: &Arc<Edge>, listener: &TcpListener) {
    match listener.accept() {
        Ok((socket, address)) if !edge.stopping() => admit(edge, socket, proxy::plain(address.ip())),
        Ok(_) => {}
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

fn admit(edge: &Arc<Edge>, socket: TcpStream, peer: std::net::IpAddr) {
    let capped = !proxy::is_trusted(peer, &edge.trusted_proxies);
    let seat = match edge.registry.enter(socket, peer, capped) {
        Ok(seat) => seat,
        Err(why) => return edge.complain(&why, peer),
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn({
        let (edge, seat) = (Arc::clone(edge), Arc::clone(&seat));
        move || {
            panics::mark_thread();
            // Our own faults end this connection only; the hook has logged them.
            let _ = catch_unwind(AssertUnwindSafe(|| connection::serve(&edge, &seat)));
            edge.registry.leave(&seat);
        }
    });
    if let Err(error) = thread {
        tracing::warn!(%error, "no thread for a connection");
        edge.registry.leave(&seat);
        edge.registry.evict();
    }
}
