//! How much a stranger may ask for: sizes, counts and deadlines, and the descriptors and threads that they must fit
//! into.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::threads;

/// The bounds of the edge. Every one holds whatever clients do.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections open at once. A further one takes the place of one that waits for its client: of the address that
    /// has most, the one that has waited longest. 24 KiB each at most, so that these are 6 MiB.
    pub connections: usize,
    /// Connections open at once from one IPv4 address or IPv6 /64 network. Trusted proxies are exempt.
    pub per_address: usize,
    /// Descriptors that another edge of this process may take, and as many threads.
    pub set_aside: usize,
    /// Requests with the application at once, a thread each; more wait, then get 503. A crowd that signs in must leave
    /// some to others: up to 66 are hashed or wait to be.
    pub in_flight: usize,
    /// Bytes of a request head, from the method to the empty line.
    pub head: usize,
    /// Bytes of path and query.
    pub target: usize,
    /// Bytes of a request body.
    pub body: usize,
    /// Bytes of a request body where files are uploaded.
    pub upload: usize,
    /// Uploads at once, from the beginning of their bodies to their answers. Few are enough for a house, and
    /// everybody may begin one: who is signed in is known only when the request is whole.
    pub uploads: usize,
    /// Where files are uploaded: asked with the method and the path.
    pub is_upload: fn(&str, &str) -> bool,
    /// Bytes of an answer's body. A larger one is a fault of ours and becomes a 500.
    pub answer: usize,
    /// Bytes of large requests, and again of large answers made for one client, held for all connections together.
    pub memory: usize,
    /// From the opening of a TLS connection until hands are shaken.
    pub handshake_time: Duration,
    /// From the first byte of a request (or the opening of the connection) to the end of its head.
    pub head_time: Duration,
    /// From the first byte of a request (or the opening of the connection) to the end of its body. Slow senders are
    /// gone within 15 s, the reading of their refusal included.
    pub body_time: Duration,
    /// Between two requests on a connection.
    pub idle_time: Duration,
    /// For the client to take an answer.
    pub write_time: Duration,
    /// For a place among the requests in flight.
    pub queue_time: Duration,
    /// For the application to answer.
    pub app_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let s = Duration::from_secs;
        Self {
            connections: 256,
            per_address: 64,
            set_aside: 0,
            in_flight: 96,
            head: 16 << 10,
            target: 8 << 10,
            body: 64 << 10,
            upload: 576 << 10,
            uploads: 4,
            is_upload: |_, _| false,
            answer: 2 << 20,
            memory: 5 << 19,
            handshake_time: s(5),
            head_time: s(10),
            body_time: s(14),
            idle_time: s(15),
            write_time: s(15),
            queue_time: s(3),
            app_time: s(30),
        }
    }
}

/// Descriptors left to the rest of the program: the database and its journal, logs, listeners, outgoing calls.
const RESERVED: usize = 40;
/// Descriptors that one request in flight costs inside: our end, the HTTP library's end, and its copy of that.
const PER_IN_FLIGHT: usize = 3;
/// Threads left to the rest of the program, commands in the same container among them.
const OTHER_THREADS: usize = 32;
/// Threads that one request in flight costs inside: our worker, and the HTTP library's reader.
const THREADS_IN_FLIGHT: usize = 2;
/// Connections that were evicted or refused but whose threads have not ended yet.
pub(super) const CLOSING: usize = 8;
/// How long, at a stop, the next request of a client is waited for.
pub(super) const GRACE: Duration = Duration::from_millis(250);
/// More than this is never needed, and a kernel without a limit would give a billion.
const WANTED: u64 = 16_384;

impl Limits {
    /// How long the body of a request to this target may be.
    pub(super) fn body_of(&self, method: &str, target: &str) -> usize {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        if (self.is_upload)(method, path) { self.upload } else { self.body }
    }

    /// Raises the process's descriptor limit as far as it is allowed and lowers the caps to what fits under it, and under
    /// the limit of threads. The HTTP library's own accept loop ends for ever when either runs out, so they must not.
    pub(super) fn fitted(self) -> Self {
        self.fitted_to(raise_descriptor_limit(), threads::allowed())
    }

    fn fitted_to(mut self, descriptors: usize, threads: usize) -> Self {
        self.in_flight = self.in_flight.min(descriptors / 12).min(threads / 5).max(2);
        let spoken_for = RESERVED + self.set_aside + self.inside();
        let threads_left = threads.saturating_sub(OTHER_THREADS + self.set_aside + self.threads_inside());
        self.connections = self.connections.min(descriptors.saturating_sub(spoken_for)).min(threads_left).max(4);
        self
    }

    /// Descriptors that an edge of these limits takes at most, its listeners aside.
    pub fn descriptors(&self) -> usize {
        self.connections + self.inside()
    }

    fn inside(&self) -> usize {
        CLOSING + PER_IN_FLIGHT * (self.in_flight + 1)
    }

    fn threads_inside(&self) -> usize {
        CLOSING + THREADS_IN_FLIGHT * (self.in_flight + 1)
    }
}

/// The soft limit after raising it towards the hard one.
fn raise_descriptor_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let soft = limit.current.unwrap_or(u64::MAX);
    let wanted = WANTED.min(hard);
    if soft < wanted {
        let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
        match setrlimit(Resource::Nofile, raised) {
            Ok(()) => return usize::try_from(wanted).unwrap_or(usize::MAX),
            Err(error) => tracing::warn!(%error, soft, "the limit of open files could not be raised"),
        }
    }
    usize::try_from(soft).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: usize = 16_384;

    #[test]
    fn caps_shrink_to_the_descriptors_there_are_and_stay_when_there_are_plenty() {
        let plenty = Limits::default().fitted_to(PLENTY, PLENTY);
        assert_eq!((plenty.connections, plenty.in_flight), (256, 96));
        let beside = Limits { set_aside: 30, ..Limits::default() }.fitted_to(256, PLENTY);
        assert!(beside.descriptors() + 30 + RESERVED <= 256, "{beside:?}");
        for few in [96, 128, 256, 1024] {
            let l = Limits::default().fitted_to(few, PLENTY);
            assert!(l.descriptors() + RESERVED <= few, "{few}: {l:?}");
        }
    }

    #[test]
    fn caps_shrink_to_the_threads_there_may_be() {
        // What the packages allow, with another edge beside.
        let packaged = Limits { set_aside: 30, ..Limits::default() }.fitted_to(PLENTY, 640);
        assert_eq!((packaged.connections, packaged.in_flight), (256, 96));
        for few in [80, 100, 256, 400] {
            let l = Limits::default().fitted_to(PLENTY, few);
            assert!(l.connections + l.threads_inside() + OTHER_THREADS <= few, "{few}: {l:?}");
            assert!(l.connections >= 6 && l.in_flight >= 16, "{few}: {l:?}");
        }
    }
}
