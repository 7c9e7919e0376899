//! The way inside: kept-alive connections to the HTTP library's socket, one request on each at a time.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::{SocketAddr, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use super::engine::{self, BODY_FOLLOWS, BODY_LEFT, PREFIX};
use super::limits::Limits;
use super::lock;
use super::locker::Locker;
use super::refusal::Refusal;
use crate::http::{Body, RequestId};

/// Bytes of an answer read in one go: nearly every one that comes through the socket.
const USUAL: usize = 2048;
/// Requests in flight from which on another inner connection is opened only when for `PATIENCE` no request was answered
/// and none was opened. Each costs two threads and some 100 KiB for good: a crowd of quick requests takes turns, on a
/// machine that is busy with something else too, and those that really wait, for a password or the disk, get one each.
/// All there may be are opened well within the time that a request waits for its place.
const EAGER: usize = 16;
const PATIENCE: Duration = Duration::from_millis(20);
/// Bytes of the largest answer that comes through the socket: a small body and a head of ours.
const LARGEST: usize = 64 << 10;

pub(super) struct Channel {
    inside: SocketAddr,
    locker: Arc<Locker>,
    in_flight: usize,
    queue_time: Duration,
    app_time: Duration,
    pool: Mutex<Pool>,
    opening: Mutex<()>,
}

struct Pool {
    /// The connection used last is used next, so that its peer's caches are warm.
    idle: Vec<UnixStream>,
    in_use: usize,
    /// Requests that wait for a place, first come first served: otherwise a crowd that asks again and again could starve
    /// one of them.
    waiting: VecDeque<Waiting>,
    /// Places for those who waited, with a connection if there was one, until they take them.
    granted: Vec<(u64, Option<UnixStream>)>,
    next_ticket: u64,
    /// When a request was answered, or another connection opened, last.
    moved: Instant,
}

/// A request that waits for a place.
struct Waiting {
    ticket: u64,
    thread: Thread,
}

impl Pool {
    fn new() -> Self {
        Self {
            idle: Vec::new(),
            in_use: 0,
            waiting: VecDeque::new(),
            granted: Vec::new(),
            next_ticket: 0,
            moved: Instant::now(),
        }
    }

    /// Whether one more request may go inside now.
    fn has_place(&self, in_flight: usize, now: Instant) -> bool {
        let may_open = self.in_use < EAGER || now.saturating_duration_since(self.moved) >= PATIENCE;
        self.in_use < in_flight && (may_open || !self.idle.is_empty())
    }

    /// Takes a place, and the connection for it if there is one; otherwise the caller opens it.
    fn take(&mut self, now: Instant) -> Option<UnixStream> {
        self.in_use += 1;
        let kept = self.idle.pop();
        if kept.is_none() {
            self.moved = now;
        }
        kept
    }

    /// Gives places to those who have waited longest, as long as there are any.
    fn admit(&mut self, in_flight: usize, now: Instant) {
        while self.has_place(in_flight, now) {
            let Some(first) = self.waiting.pop_front() else { return };
            let kept = self.take(now);
            self.granted.push((first.ticket, kept));
            first.thread.unpark();
        }
    }

    /// Gets in line, and returns the number there.
    fn queue_up(&mut self) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.push_back(Waiting { ticket, thread: thread::current() });
        ticket
    }

    /// The place that was granted to `ticket`, if one was.
    fn granted_to(&mut self, ticket: u64) -> Option<Option<UnixStream>> {
        let at = self.granted.iter().position(|(owner, _)| *owner == ticket)?;
        Some(self.granted.swap_remove(at).1)
    }
}

/// An answer for a client.
pub(super) struct Answer {
    /// Head and body, or the head alone, from `PREFIX` to `end`.
    buffer: Vec<u8>,
    end: usize,
    /// The body, when it was handed over apart.
    pub(super) body: Option<Body>,
}

impl Answer {
    /// Head and body, or the head alone when the body is apart.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[PREFIX..self.end]
    }
}

/// Why an exchange on one inner connection failed.
enum Failed {
    /// The other end had closed the connection before it took the request.
    NotTaken,
    Late,
    Broken,
}

impl Channel {
    pub(super) fn new(inside: SocketAddr, locker: Arc<Locker>, limits: &Limits) -> Self {
        Self {
            inside,
            locker,
            in_flight: limits.in_flight,
            queue_time: limits.queue_time,
            app_time: limits.app_time,
            pool: Mutex::new(Pool::new()),
            opening: Mutex::default(),
        }
    }

    /// Sends one canonical request inside and brings back the answer.
    pub(super) fn ask(&self, request: &[u8], id: &RequestId) -> Result<Answer, Refusal> {
        let (pooled, _place) = self.take_place()?;
        let mut tried = None;
        if let Some(mut stream) = pooled {
            match self.exchange(&mut stream, request, id) {
                // Nobody has seen the request, so that to send it again is not to send it twice.
                Err(Failed::NotTaken) => tracing::debug!("an inner connection had been closed; opening a new one"),
                result => tried = Some((result, stream)),
            }
        }
        let (result, stream) = match tried {
            Some(done) => done,
            None => {
                let mut stream = self.open()?;
                (self.exchange(&mut stream, request, id), stream)
            }
        };
        let answer = result.map_err(|failed| match failed {
            Failed::NotTaken | Failed::Broken => Refusal::BadAnswer,
            Failed::Late => Refusal::AppTooSlow,
        })?;
        lock(&self.pool).idle.push(stream);
        Ok(answer)
    }

    /// Waits for a place among the requests in flight.
    fn take_place(&self) -> Result<(Option<UnixStream>, Place<'_>), Refusal> {
        let begun = Instant::now();
        let mut pool = lock(&self.pool);
        if pool.waiting.is_empty() && pool.has_place(self.in_flight, begun) {
            return Ok((pool.take(begun), Place(self)));
        }
        let ticket = pool.queue_up();
        loop {
            drop(pool);
            let left = (begun + self.queue_time).saturating_duration_since(Instant::now());
            thread::park_timeout(left.min(PATIENCE));
            pool = lock(&self.pool);
            // Nobody was answered, perhaps: then one more may go inside, the first in line.
            pool.admit(self.in_flight, Instant::now());
            if let Some(pooled) = pool.granted_to(ticket) {
                return Ok((pooled, Place(self)));
            }
            if left.is_zero() {
                pool.waiting.retain(|waiting| waiting.ticket != ticket);
                return Err(Refusal::Busy);
            }
        }
    }

    /// Requests in flight, and those that wait to be.
    pub(super) fn load(&self) -> (usize, usize) {
        let pool = lock(&self.pool);
        (pool.in_use, pool.waiting.len())
    }

    fn exchange(&self, stream: &mut UnixStream, request: &[u8], id: &RequestId) -> Result<Answer, Failed> {
        stream.write_all(request).map_err(|error| why(&error))?;
        let mut buffer = vec![0; USUAL];
        let mut filled = 0;
        while filled < PREFIX {
            match stream.read(&mut buffer[filled..]) {
                // The peer took the request, and then left without a word.
                Ok(0) => return Err(Failed::Broken),
                Ok(n) => filled += n,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if filled == 0 => return Err(why(&error)),
                Err(_) => return Err(Failed::Broken),
            }
        }
        let (length, apart) = prefix(&buffer[..PREFIX]).ok_or(Failed::Broken)?;
        let end = PREFIX + length;
        if length > LARGEST || filled > end {
            return Err(Failed::Broken);
        }
        buffer.resize(end.max(USUAL), 0);
        stream.read_exact(&mut buffer[filled..end]).map_err(|_| Failed::Broken)?;
        let body = if apart { Some(self.locker.fetch(id).ok_or(Failed::Broken)?) } else { None };
        Ok(Answer { buffer, end, body })
    }

    /// Opens an inner connection that has a thread of the library's to itself.
    ///
    /// The library hands each connection to an idle thread if it believes that there is one. Two that come at the same
    /// moment can be handed to one thread, and then the second waits until the first is closed, which kept-alive
    /// ones are not. So they are opened one at a time, and behind each goes a throwaway connection with a line that
    /// the library answers by itself: connections are taken in order, so its answer shows that the one before it
    /// was taken, or is next for the thread that answered.
    fn open(&self) -> Result<UnixStream, Refusal> {
        let _one_at_a_time = lock(&self.opening);
        let opened = self.connect().and_then(|stream| {
            // Writing never waits for long: the other end reads. Reading waits for the application.
            stream.set_write_timeout(Some(self.app_time))?;
            stream.set_read_timeout(Some(self.app_time))?;
            let give_up = Instant::now() + self.app_time;
            let mut patience = Duration::from_millis(1);
            while !self.answers_nonsense(patience)? {
                if Instant::now() >= give_up {
                    return Err(ErrorKind::TimedOut.into());
                }
                patience = (patience * 2).min(Duration::from_millis(50));
            }
            Ok(stream)
        });
        opened.map_err(|error| {
            tracing::warn!(%error, "no inner connection could be opened");
            Refusal::Busy
        })
    }

    /// Whether the library answers a line that is no request within `patience`. When the throwaway connection is itself
    /// handed to a busy thread it gets no answer, and another one has to be tried.
    fn answers_nonsense(&self, patience: Duration) -> io::Result<bool> {
        let mut probe = self.connect()?;
        probe.set_read_timeout(Some(patience))?;
        probe.write_all(b"?\r\n")?;
        Ok(probe.read(&mut [0; 64]).is_ok())
    }

    fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&self.inside).inspect_err(|error| {
            if error.kind() == ErrorKind::ConnectionRefused {
                engine::die(error);
            }
        })
    }

    /// Closes the connections that nobody uses.
    pub(super) fn close_idle(&self) {
        lock(&self.pool).idle.clear();
    }
}

/// A reset or broken pipe before the first byte of an answer means that the peer closed its end with our request
/// unread; had it read the request, we would see an orderly end.
fn why(error: &io::Error) -> Failed {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => Failed::NotTaken,
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failed::Late,
        _ => Failed::Broken,
    }
}

/// The length that follows, and whether the body was handed over apart.
fn prefix(bytes: &[u8]) -> Option<(usize, bool)> {
    let (hex, apart) = match bytes.split_last()? {
        (&BODY_FOLLOWS, hex) => (hex, false),
        (&BODY_LEFT, hex) => (hex, true),
        _ => return None,
    };
    Some((usize::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?, apart))
}

/// One of the places in flight, given back when dropped.
struct Place<'a>(&'a Channel);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut pool = lock(&self.0.pool);
        let now = Instant::now();
        pool.in_use -= 1;
        pool.moved = now;
        pool.admit(self.0.in_flight, now);
    }
}

#[cfg(test)]
#[path = "channel_tests.rs"]
mod tests;
