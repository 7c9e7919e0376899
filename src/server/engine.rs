//! The HTTP library's side: worker threads take canonical requests from it, ask the handler, and write the answers.
//! This is the only file that knows which library it is.

use std::io::{self, Read, Write};
use std::mem::{self, ManuallyDrop};
use std::os::unix::net::UnixListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Instant;

use super::answer::{Date, has_body, write_head};
use super::buffers::{Buffer, Buffers};
use super::limits::Limits;
use super::locker::Locker;
use super::word::{self, Word, Words};
use super::{Handler, panics};
use crate::http::{Body, Method, Request, Response};

/// Bytes before each answer on the inner socket: the length of what follows, in hex, and `BODY_FOLLOWS` or `BODY_LEFT`.
/// The library's own error answers do not begin so, which is how the other side tells them apart.
pub(super) const PREFIX: usize = 9;
pub(super) const BODY_FOLLOWS: u8 = b'.';
/// The body is in the locker.
pub(super) const BODY_LEFT: u8 = b'+';
/// Bodies up to this follow their heads.
const FOLLOWING: usize = 1 << 10;

/// The workers and what they share.
pub(super) struct Engine {
    // Dropping the library's server panics when its socket has an abstract name: it looks for a path to remove.
    // There is one for the life of the process, and its threads end with it.
    library: ManuallyDrop<tiny_http::Server>,
    words: Arc<Words>,
    locker: Arc<Locker>,
    handler: Handler,
    /// For the bodies of uploads.
    uploads: Buffers,
    limits: Limits,
    /// Threads there are, and those of them that wait for a request.
    workers: AtomicUsize,
    waiting: AtomicUsize,
    stopping: AtomicBool,
}

/// Threads at the start.
const WORKERS: usize = 4;

impl Engine {
    /// Starts to answer what arrives at `listener`.
    pub(super) fn start(
        listener: UnixListener,
        (words, locker): (Arc<Words>, Arc<Locker>),
        handler: Handler,
        limits: Limits,
    ) -> io::Result<Arc<Self>> {
        let library = tiny_http::Server::from_listener(listener, None).map_err(io::Error::other)?;
        let engine = Arc::new(Self {
            library: ManuallyDrop::new(library),
            words,
            locker,
            handler,
            uploads: Buffers::new(limits.upload),
            limits,
            workers: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        for _ in 0..WORKERS {
            engine.add_worker()?;
        }
        Ok(engine)
    }

    /// Sends idle workers home.
    pub(super) fn stop(&self) {
        self.stopping.store(true, SeqCst);
        for _ in 0..self.workers.load(SeqCst) {
            self.library.unblock();
        }
    }

    /// One more thread, unless there is one for every request in flight: most of a request is spent waiting, for the
    /// disk or for a place to hash a password, and those that wait together share a flush.
    fn add_worker(self: &Arc<Self>) -> io::Result<()> {
        let one_more = |n| (n < self.limits.in_flight.max(WORKERS)).then_some(n + 1);
        let Ok(number) = self.workers.fetch_update(SeqCst, SeqCst, one_more) else { return Ok(()) };
        let engine = Arc::clone(self);
        let spawned = std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || engine.work());
        spawned.map(drop).inspect_err(|_| {
            self.workers.fetch_sub(1, SeqCst);
        })
    }

    fn work(self: &Arc<Self>) {
        panics::mark_thread();
        let mut scratch = Scratch::default();
        loop {
            self.waiting.fetch_add(1, SeqCst);
            let next = self.library.recv();
            let was_last = self.waiting.fetch_sub(1, SeqCst) == 1;
            match next {
                Ok(request) => {
                    // Somebody must wait for the next request while this one is answered.
                    if was_last && let Err(error) = self.add_worker() {
                        tracing::warn!(%error, "no thread for another worker");
                    }
                    // The handler has a net of its own; this one is for the rest, so that the worker lives on.
                    let caught = catch_unwind(AssertUnwindSafe(|| self.answer(request, &mut scratch)));
                    if caught.is_err() {
                        tracing::error!("an answer was lost to a panic outside of the handlers");
                    }
                }
                Err(_) if self.stopping.load(SeqCst) => return,
                Err(error) => die(&error),
            }
        }
    }

    fn answer(&self, mut from: tiny_http::Request, scratch: &mut Scratch) {
        let Some(word) = self.word_of(&from) else { return turn_away_stranger(from, &self.limits) };
        if Instant::now() >= word.expires {
            return drop(from.into_writer());
        }
        // The edge has judged the length, by the limit of the path.
        let length = from.body_length().unwrap_or(0).min(self.limits.upload);
        let mut body = if length > self.limits.body { self.uploads.take(length) } else { Buffer::own(length) };
        if from.as_reader().take(length as u64).read_to_end(&mut body.bytes).is_err() {
            return drop(from.into_writer());
        }
        let is_head = *from.method() == tiny_http::Method::Head;
        let mut request = request_of(&word, &from, mem::take(&mut body.bytes));
        let response = self.bounded(self.ask_handler(&word, &request), &word);
        body.bytes = mem::take(&mut request.body);
        drop((body, request));
        let answer = scratch.write(response, &word, is_head, &self.locker);
        // The library's writer, not its `respond`: that one adds headers of its own, and writes head and body apart.
        let mut writer = from.into_writer();
        if let Err(error) = writer.write_all(answer).and_then(|()| writer.flush()) {
            tracing::debug!(%error, request = %word.id, "an answer found nobody waiting");
        }
    }

    fn word_of(&self, from: &tiny_http::Request) -> Option<Word> {
        let first = from.headers().first().filter(|h| h.field.equiv(word::NAME))?;
        self.words.read(first.value.as_str())
    }

    fn ask_handler(&self, word: &Word, request: &Request) -> Response {
        catch_unwind(AssertUnwindSafe(|| (self.handler)(request))).unwrap_or_else(|_| {
            tracing::error!(request = %word.id, "a handler panicked");
            failed(word)
        })
    }

    fn bounded(&self, response: Response, word: &Word) -> Response {
        let size = response.body.as_ref().len();
        if size <= self.limits.answer {
            return response;
        }
        tracing::error!(request = %word.id, size, limit = self.limits.answer, "an answer was too large");
        failed(word)
    }
}

/// The request as handlers see it.
fn request_of(word: &Word, from: &tiny_http::Request, body: Vec<u8>) -> Request {
    let (path, query) = from.url().split_once('?').unwrap_or((from.url(), ""));
    Request {
        id: word.id.clone(),
        method: match from.method() {
            tiny_http::Method::Get | tiny_http::Method::Head => Method::Get,
            tiny_http::Method::Post => Method::Post,
            tiny_http::Method::Options => Method::Options,
            _ => Method::Other,
        },
        path: path.to_owned(),
        query: query.to_owned(),
        headers: from.headers()[1..].iter().map(lower_case).collect(),
        body,
        client: word.client,
        via: word.via.clone(),
    }
}

/// What is said when the fault is ours.
fn failed(word: &Word) -> Response {
    Response::text(500, format!("Something went wrong inside the server. Request id: {}\n", word.id))
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
}

fn lower_case(header: &tiny_http::Header) -> (String, String) {
    (header.field.as_str().as_str().to_ascii_lowercase(), header.value.as_str().to_owned())
}

/// Somebody else on this machine found the inner socket.
fn turn_away_stranger(from: tiny_http::Request, limits: &Limits) {
    tracing::warn!("something other than the edge connected to the inner socket; refused");
    if from.body_length().is_some_and(|n| n > limits.body) {
        // The library would allocate the declared length when it lets go of the request, and abort the process if
        // that is more than there is. One forgotten connection is the lesser evil.
        return mem::forget(from);
    }
    let _ = from.respond(tiny_http::Response::empty(403));
}

/// Ends the process: without the library's accept loop it would be alive but deaf. The supervisor starts it anew.
pub(super) fn die(error: &io::Error) -> ! {
    tracing::error!(%error, "the HTTP core is gone; leaving so that the supervisor can start a new one");
    std::process::exit(70)
}

/// What a worker keeps from one answer to the next.
#[derive(Default)]
struct Scratch {
    out: Vec<u8>,
    date: Date,
}

impl Scratch {
    /// The bytes of an answer for the inner socket. A body that is not small goes to the locker.
    fn write(&mut self, mut response: Response, word: &Word, is_head: bool, locker: &Locker) -> &[u8] {
        self.out.clear();
        self.out.extend_from_slice(&[BODY_FOLLOWS; PREFIX]);
        write_head(&response, &word.id, word.after, &mut self.date, &mut self.out);
        if has_body(response.status, is_head) {
            if response.body.as_ref().len() <= FOLLOWING {
                self.out.extend_from_slice(response.body.as_ref());
            } else {
                self.out[PREFIX - 1] = BODY_LEFT;
                locker.leave(word.id.clone(), mem::replace(&mut response.body, Body::Static(b"")));
            }
        }
        let length = format!("{:08x}", self.out.len() - PREFIX);
        self.out[..length.len()].copy_from_slice(length.as_bytes());
        &self.out
    }
}
