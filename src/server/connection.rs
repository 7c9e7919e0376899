//! One client's connection: requests read whole and checked, one after the other, and their answers written.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use super::answer::{After, Date, write_head};
use super::buffers::{Buffer, Buffers, Inbox};
use super::channel::Answer;
use super::guard::Edge;
use super::head::{Head, parse_head};
use super::limits::{GRACE, Limits};
use super::proxy;
use super::refusal::Refusal;
use super::registry::{Doing, Seat};
use super::wire::{Lost, NoHandshake, Wire};
use super::word::Word;
use crate::http::{Body, Response, Scheme};

/// Bytes by which a canonical request may be longer than what the client sent.
const WORD: usize = 512;
/// Bytes of a body taken at a time.
const STEP: usize = 8192;
/// How long a client may take to read a refusal.
const LINGER: Duration = Duration::from_millis(700);

/// Why a connection ends.
enum End {
    /// Nothing can or need be said any more.
    Silent,
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Serves one connection to its end.
pub(super) fn serve(edge: &Edge, seat: &Arc<Seat>, wire: Wire, scheme: Scheme) {
    let mut connection = Connection::new(edge, seat, wire, scheme);
    let mut wait = edge.limits.head_time;
    loop {
        match connection.serve_one(wait) {
            Ok(After::Close) => return,
            Ok(_) => wait = edge.limits.idle_time,
            Err(End::Silent) => return connection.wire.say_goodbye(),
            Err(End::Refused(refusal)) => return connection.refuse(refusal),
        }
    }
}

/// Goes over to TLS. It has a deadline of its own, and who says nothing is owed nothing.
pub(super) fn shake_hands(edge: &Edge, seat: &Arc<Seat>, mut wire: Wire, config: &Arc<ServerConfig>) -> Option<Wire> {
    wire.until(Instant::now() + edge.limits.handshake_time);
    match wire.shake_hands(config) {
        Ok(()) => Some(wire),
        Err(NoHandshake::Lost) => None,
        Err(NoHandshake::NotTls) => {
            Connection::new(edge, seat, wire, Scheme::Http).refuse(Refusal::NotTls);
            None
        }
    }
}

struct Connection<'a> {
    edge: &'a Edge,
    seat: &'a Arc<Seat>,
    limits: &'a Limits,
    /// What is spoken on the wire.
    scheme: Scheme,
    wire: Wire,
    inbox: Inbox<'a>,
    /// When the present request began to arrive.
    begun: Instant,
}

impl<'a> Connection<'a> {
    fn new(edge: &'a Edge, seat: &'a Arc<Seat>, wire: Wire, scheme: Scheme) -> Self {
        Self { edge, seat, limits: &edge.limits, scheme, wire, inbox: Inbox::new(), begun: Instant::now() }
    }

    /// Waits up to `wait` for a request, has it answered, and says what becomes of the connection.
    fn serve_one(&mut self, wait: Duration) -> Result<After, End> {
        let head_end = self.read_head(wait)?;
        let head = parse_head(&self.inbox.bytes()[..head_end], self.limits)?;
        let after = match (head.keep_alive && !self.edge.stopping(), head.old) {
            (false, _) => After::Close,
            (true, false) => After::Keep,
            (true, true) => After::KeepOld,
        };
        let word = self.word(&head, after);
        let (length, continues) = (head.length, head.expects_continue);
        let upload = (length > self.limits.body).then(|| self.edge.uploads.enter(self.seat)).transpose()?;
        let mut request = self.buffer(head_end + WORD + length)?;
        head.write_canonical(&self.edge.words.line(&word), &mut request.bytes);
        self.inbox.consume(head_end);
        self.read_body(length, continues, &mut request.bytes)?;
        self.go_on(Doing::Application)?;
        let answer = self.edge.channel.ask(&request.bytes, &word.id)?;
        drop(request);
        drop(upload);
        self.go_on(Doing::Client)?;
        self.write(&answer)?;
        if after == After::Close {
            self.wire.linger(LINGER);
        }
        Ok(after)
    }

    /// A buffer for a whole request of `size` bytes.
    fn buffer(&self, size: usize) -> Result<Buffer<'a>, End> {
        if size > self.edge.buffers.large {
            // Its place among the few uploads is its share of the memory.
            return Ok(self.edge.uploads.buffers.take(size));
        }
        if Buffers::is_large(size) {
            self.hold(self.held_by_inbox() + self.edge.buffers.large)?;
        }
        Ok(self.edge.buffers.take(size))
    }

    fn write(&mut self, answer: &Answer) -> Result<(), End> {
        self.edge.registry.waits_from_now(self.seat);
        let body = match &answer.body {
            None => &[],
            // Made for this client, and in memory until it has been read.
            Some(Body::Owned(bytes)) => {
                self.hold(self.held_by_inbox() + bytes.len())?;
                bytes.as_slice()
            }
            Some(shared) => shared.as_ref(),
        };
        self.wire.until(Instant::now() + self.limits.write_time);
        self.wire.write_all(answer.bytes(), body).map_err(|_| End::Silent)?;
        self.hold(self.held_by_inbox())
    }

    fn held_by_inbox(&self) -> usize {
        if self.inbox.is_large() { self.edge.buffers.large } else { 0 }
    }

    /// What the inside is told. It is told to give up when we would, were the body to come at the last moment.
    fn word(&self, head: &Head<'_>, after: After) -> Word {
        let (client, via) = proxy::client_of(self.seat.peer, self.scheme, head, &self.edge.trusted_proxies);
        let expires = self.begun + self.limits.body_time + self.limits.queue_time + self.limits.app_time;
        Word { id: self.edge.words.new_id(), client, via, after, expires }
    }

    /// Reads until the empty line and gives the length of the head.
    fn read_head(&mut self, wait: Duration) -> Result<usize, End> {
        self.wait_for_first_byte(wait)?;
        if !self.inbox.bytes()[0].is_ascii_alphabetic() {
            // No method begins so: TLS spoken to a plain port, most likely.
            return Err(Refusal::RequestLine.into());
        }
        self.wire.until(self.begun + self.limits.head_time);
        let mut seen = 0;
        loop {
            if let Some(end) = end_of_head(self.inbox.bytes(), seen) {
                return Ok(end);
            }
            seen = self.inbox.bytes().len();
            if seen >= self.limits.head {
                return Err(Refusal::HeadTooLarge.into());
            }
            self.more()?;
        }
    }

    fn wait_for_first_byte(&mut self, wait: Duration) -> Result<(), End> {
        if self.inbox.bytes().is_empty() {
            self.inbox.shrink();
            self.go_on(Doing::Idle)?;
            self.hold(0)?;
            self.edge.registry.waits_from_now(self.seat);
            // At a stop a client that talks to us is answered once more, and hears that it was the last time: were the
            // connection just closed, a request on its way would get no answer.
            let wait = if self.edge.stopping() { wait.min(GRACE) } else { wait };
            self.wire.until(Instant::now() + wait);
            // To a client that has said nothing, nothing is owed.
            self.inbox.read_from(&mut self.wire, self.limits.head).map_err(|_| End::Silent)?;
        }
        self.begun = Instant::now();
        self.go_on(Doing::Client)
    }

    fn more(&mut self) -> Result<(), End> {
        if self.inbox.is_full() {
            self.hold(self.edge.buffers.large)?;
            self.inbox.grow(&self.edge.buffers);
        }
        self.inbox.read_from(&mut self.wire, self.limits.head).map_err(lost)
    }

    /// Appends the body to `request`.
    fn read_body(&mut self, length: usize, continues: bool, request: &mut Vec<u8>) -> Result<(), End> {
        let there = self.inbox.bytes().len().min(length);
        request.extend_from_slice(&self.inbox.bytes()[..there]);
        self.inbox.consume(there);
        let end = request.len() + length - there;
        if request.len() == end {
            return Ok(());
        }
        self.wire.until(self.begun + self.limits.body_time);
        if continues {
            self.wire.write_all(b"HTTP/1.1 100 Continue\r\n\r\n", b"").map_err(lost)?;
        }
        while request.len() < end {
            let at = request.len();
            let until = end.min(at + STEP);
            request.resize(until, 0);
            let read = self.wire.read(&mut request[at..]);
            request.truncate(at + read.as_ref().unwrap_or(&0));
            read.map_err(lost)?;
        }
        Ok(())
    }

    fn go_on(&self, next: Doing) -> Result<(), End> {
        if self.seat.go_on(next) { Ok(()) } else { Err(End::Silent) }
    }

    /// Says how much of the shared memory allowance this connection now holds.
    fn hold(&self, bytes: usize) -> Result<(), End> {
        if self.edge.registry.try_hold(self.seat, bytes) { Ok(()) } else { Err(Refusal::Busy.into()) }
    }

    /// Says in words what was wrong, and closes.
    fn refuse(&mut self, refusal: Refusal) {
        if !self.seat.go_on(Doing::Client) {
            return;
        }
        self.edge.tally.refused(refusal);
        let id = self.edge.words.new_id();
        tracing::debug!(request = %id, peer = %self.seat.peer, status = refusal.status(), ?refusal, "refused");
        let mut response = Response::text(refusal.status(), format!("{}\nRequest id: {id}\n", refusal.words()))
            .header("Cache-Control", "no-store")
            .header("X-Content-Type-Options", "nosniff");
        if refusal == Refusal::Busy {
            response = response.header("Retry-After", "2");
        }
        let mut out = Vec::with_capacity(512);
        write_head(&response, &id, After::Close, &mut Date::default(), &mut out);
        self.wire.until(Instant::now() + LINGER);
        if self.wire.write_all(&out, response.body.as_ref()).is_ok() {
            self.wire.linger(LINGER);
        }
    }
}

fn lost(lost: Lost) -> End {
    match lost {
        Lost::Late => Refusal::TooSlow.into(),
        Lost::Gone => End::Silent,
    }
}

/// Where the head ends, if `bytes` hold that place; the first `seen` bytes were looked at before.
fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    bytes[from..].windows(4).position(|w| w == b"\r\n\r\n").map(|at| from + at + 4)
}
