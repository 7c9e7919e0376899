//! The HTTP edge: the only place that knows sockets and the HTTP library.
//!
//! Everything hostile is settled by the guard, which owns the public sockets: it bounds connections, memory and time,
//! reads each request whole, and checks it strictly. What passes goes as one canonical request over an in-process
//! socket to the HTTP library, whose worker threads ask the handler. The library alone would be easy to kill.

mod answer;
mod buffers;
mod channel;
mod connection;
mod counted;
mod engine;
mod guard;
mod head;
mod limits;
mod locker;
mod panics;
mod proxy;
mod refusal;
mod registry;
mod threads;
mod tls;
mod uploads;
mod wire;
mod word;

#[cfg(test)]
mod tests;

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ipnet::IpNet;

use crate::http::{Request, Response};
pub use counted::Counted;
use guard::Door;
#[cfg(any(test, fuzzing))]
pub use head::{Head, parse_head};
pub use limits::Limits;
pub use tls::{Certificate, Tls};

/// Answers requests. It may block, and it may panic (which is answered with 500).
pub type Handler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// Where and how to serve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The public addresses; port 0 takes a free one.
    pub listen: Vec<SocketAddr>,
    pub tls: Option<Tls>,
    pub limits: Limits,
    /// Peers whose X-Forwarded-For and X-Forwarded-Proto are believed, and who are exempt from the cap per address.
    pub trusted_proxies: Vec<IpNet>,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address} is in use: another program, or another Latchkey, listens there")]
    InUse { address: SocketAddr },
    #[error("listening on {address} is not permitted: ports below 1024 need the capability CAP_NET_BIND_SERVICE")]
    NotPermitted { address: SocketAddr },
    #[error("{address} is not an address of this machine")]
    NotOurs { address: SocketAddr },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("the inside of the server did not start: {0}")]
    Inside(#[from] io::Error),
}

impl StartError {
    /// Whether it may be over at the next try: an address may come late, another program may end.
    pub fn is_passing(&self) -> bool {
        !matches!(self, Self::NotPermitted { .. })
    }
}

/// A server that is running.
pub struct Server {
    edge: Arc<guard::Edge>,
    engine: Arc<engine::Engine>,
    doors: Vec<(Arc<TcpListener>, Arc<Door>)>,
    addresses: Vec<SocketAddr>,
    https_addresses: Vec<SocketAddr>,
    acceptors: Vec<JoinHandle<()>>,
}

/// Binds all addresses and begins to serve.
pub fn start(settings: Settings, handler: Handler) -> Result<Server, StartError> {
    panics::install_hook();
    let limits = settings.limits.fitted();
    let (plain, addresses) = bind_all(settings.listen)?;
    let (https_listen, tls) = settings.tls.map(|t| (t.listen, tls::config(t.certificate))).unzip();
    let (https, https_addresses) = bind_all(https_listen.unwrap_or_default())?;
    let words = Arc::new(word::Words::new());
    let inside = UnixAddr::from_abstract_name(format!("latchkey-{}", word::random_hex()))?;
    let inner = UnixListener::bind_addr(&inside)?;
    let locker = Arc::<locker::Locker>::default();
    let shared = (Arc::clone(&words), Arc::clone(&locker));
    let engine = engine::Engine::start(inner, shared, handler, limits.clone())?;
    let channel = channel::Channel::new(inside, locker, &limits);
    let edge = Arc::new(guard::Edge::new(limits, channel, words, settings.trusted_proxies));
    let plain = plain.into_iter().map(|l| (l, Arc::new(Door::Plain)));
    let https =
        https.into_iter().zip(std::iter::repeat(tls)).filter_map(|(l, tls)| Some((l, Arc::new(Door::Tls(tls?)))));
    let doors: Vec<_> = plain.chain(https).collect();
    let start =
        |(listener, door): &(Arc<_>, Arc<_>)| guard::start(Arc::clone(&edge), Arc::clone(listener), Arc::clone(door));
    let acceptors = doors.iter().map(start).collect::<io::Result<_>>()?;
    Ok(Server { edge, engine, doors, addresses, https_addresses, acceptors })
}

impl Server {
    /// The addresses bound, with the ports that port 0 became, in the order of the settings.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The same for https.
    pub fn https_addrs(&self) -> &[SocketAddr] {
        &self.https_addresses
    }

    /// What the edge counts.
    pub fn counted(&self) -> Counted {
        Counted::of(&self.edge)
    }

    /// Stops accepting, answers what was asked or is being asked this moment, and closes the connections. What is not
    /// done when `deadline` has passed is cut off.
    pub fn stop(self, deadline: Duration) {
        let until = Instant::now() + deadline;
        self.edge.stop();
        for (listener, door) in &self.doors {
            guard::close(&self.edge, listener, door);
        }
        for acceptor in self.acceptors {
            let _ = acceptor.join();
        }
        drop(self.doors);
        if !self.edge.registry.wait_empty(until.min(Instant::now() + limits::GRACE)) {
            self.edge.registry.close_idle();
        }
        if !self.edge.registry.wait_empty(until) {
            tracing::warn!("requests were still in flight at the deadline; cut off");
            self.edge.registry.close_all();
        }
        self.engine.stop();
        self.edge.channel.close_idle();
    }
}

/// Listeners, and the addresses that they have.
fn bind_all(addresses: Vec<SocketAddr>) -> Result<(Vec<Arc<TcpListener>>, Vec<SocketAddr>), StartError> {
    let listeners = addresses.into_iter().map(bind).collect::<Result<Vec<_>, _>>()?;
    let addresses = listeners.iter().map(|l| l.local_addr()).collect::<io::Result<_>>()?;
    Ok((listeners, addresses))
}

fn bind(address: SocketAddr) -> Result<Arc<TcpListener>, StartError> {
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => StartError::InUse { address },
        ErrorKind::PermissionDenied => StartError::NotPermitted { address },
        ErrorKind::AddrNotAvailable => StartError::NotOurs { address },
        _ => StartError::Listen { address, source },
    })?;
    // The standard library asks for a queue of 128. A burst beyond it would have to wait a second to try again.
    rustix::net::listen(&listener, 1024).map_err(|e| StartError::Listen { address, source: e.into() })?;
    Ok(Arc::new(listener))
}

/// Locks, whether or not some thread panicked with the lock held: what our locks guard is valid at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
