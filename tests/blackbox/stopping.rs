//! Told to stop under load: what was asked is answered, whole and right; what is not answered was not done either.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::support::client::{INTROSPECT, TOKEN};
use crate::support::http::{form, parse_answer};
use crate::support::process::signal;
use crate::support::{Answer, App, Browser, Server, Tokens};

/// Rounds of load, SIGTERM and restart.
const ROUNDS: u64 = 8;

/// Whether a client uses its connection again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connections {
    Kept,
    Fresh,
}

/// What became of a request.
enum Outcome {
    Answered(Answer),
    /// It was sent, all of it if it says when, and the connection ended before the first byte of an answer.
    Nothing(Option<Instant>),
    /// There was nobody to send it to.
    Refused,
}

impl Outcome {
    #[track_caller]
    fn answered(self) -> Answer {
        match self {
            Self::Answered(answer) => answer,
            Self::Nothing(sent) => panic!("no answer to what was sent at {sent:?}"),
            Self::Refused => panic!("no connection"),
        }
    }
}

/// One client with one connection at a time.
struct Caller {
    port: u16,
    connections: Connections,
    stream: Option<TcpStream>,
    sent: Option<Instant>,
}

impl Caller {
    fn new(port: u16, connections: Connections) -> Self {
        Self { port, connections, stream: None, sent: None }
    }

    fn connect(&mut self) -> bool {
        if self.stream.is_none() {
            self.stream = TcpStream::connect(("127.0.0.1", self.port)).ok();
        }
        if let Some(stream) = &self.stream {
            stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        }
        self.stream.is_some()
    }

    fn send(&mut self, head: &str, session: &str, body: &str) {
        let (port, length) = (self.port, body.len());
        let request = format!(
            "{head} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: latchkey={session}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let stream = self.stream.as_mut().expect("a connection");
        self.sent = stream.write_all(request.as_bytes()).ok().map(|()| Instant::now());
    }

    /// The answer to what was sent. Half an answer is a failure of the test.
    fn receive(&mut self) -> Outcome {
        let mut stream = self.stream.take().expect("a connection");
        let mut bytes = Vec::new();
        let mut piece = [0; 4096];
        while whole(&bytes).is_none() {
            match stream.read(&mut piece) {
                Ok(n) if n > 0 => bytes.extend_from_slice(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("nothing came for 30 s"),
                _ if bytes.is_empty() => return Outcome::Nothing(self.sent),
                _ => panic!("half an answer: {:?}", String::from_utf8_lossy(&bytes)),
            }
        }
        assert_eq!(whole(&bytes), Some(bytes.len()), "{:?}", String::from_utf8_lossy(&bytes));
        let answer = parse_answer(&bytes);
        if self.connections == Connections::Kept && answer.header("Connection") != Some("close") {
            self.stream = Some(stream);
        }
        Outcome::Answered(answer)
    }

    fn ask(&mut self, head: &str, session: &str, body: &str) -> Outcome {
        if !self.connect() {
            return Outcome::Refused;
        }
        self.send(head, session, body);
        self.receive()
    }
}

/// How long the answer is, when its head is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).expect("a head");
    let length =
        text.lines().find_map(|l| l.strip_prefix("Content-Length: ")).map_or(0, |n| n.parse().expect("a length"));
    (bytes.len() >= head + length).then_some(head + length)
}

/// What all clients of a round know.
struct Load<'a> {
    server: &'a Server,
    app: &'a App,
    session: &'a str,
    token: &'a str,
    /// Requests answered so far.
    answers: AtomicU64,
    /// The moments at which requests were sent that got no answer.
    unanswered: Mutex<Vec<Option<Instant>>>,
    is_over: AtomicBool,
}

impl Load<'_> {
    /// Asks, and says what was answered, if anything was. After a refused connection the client ends.
    fn ask(&self, caller: &mut Caller, head: &str, body: &str) -> Option<Answer> {
        match caller.ask(head, self.session, body) {
            Outcome::Answered(answer) => {
                self.answers.fetch_add(1, Relaxed);
                return Some(answer);
            }
            Outcome::Nothing(sent) => self.unanswered.lock().expect("unanswered").push(sent),
            Outcome::Refused => self.is_over.store(true, Relaxed),
        }
        None
    }

    /// Codes asked for and redeemed until nobody listens any more: each with its tokens, or none.
    fn redeem(&self, connections: Connections) -> Vec<(String, Option<Tokens>)> {
        let mut caller = Caller::new(self.server.port, connections);
        let mut all = Vec::new();
        while !self.is_over.load(Relaxed) {
            let Some(answer) = self.ask(&mut caller, &format!("GET {}", self.app.authorize_url(&[])), "") else {
                continue;
            };
            let code = answer.location_param("code").unwrap_or_else(|| panic!("no code: {answer:?}"));
            let answer = self.ask(&mut caller, &format!("POST {TOKEN}"), &redemption(self.app, &code));
            all.push((code, answer.map(|a| Tokens::of(&a))));
        }
        all
    }

    fn introspect(&self, connections: Connections) {
        let mut caller = Caller::new(self.server.port, connections);
        let body = introspection(self.app, self.token);
        while !self.is_over.load(Relaxed) {
            if let Some(answer) = self.ask(&mut caller, &format!("POST {INTROSPECT}"), &body) {
                assert_eq!((answer.status, &answer.json()["active"]), (200, &true.into()), "{answer:?}");
            }
        }
    }

    fn discover(&self, connections: Connections) {
        let mut caller = Caller::new(self.server.port, connections);
        let head = format!("GET /application/o/{}/.well-known/openid-configuration", self.app.slug);
        while !self.is_over.load(Relaxed) {
            if let Some(answer) = self.ask(&mut caller, &head, "") {
                assert_eq!(
                    (answer.status, &answer.json()["issuer"]),
                    (200, &self.app.issuer.as_str().into()),
                    "{answer:?}"
                );
            }
        }
    }
}

fn redemption(app: &App, code: &str) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &app.redirect),
        ("client_id", &app.id),
        ("client_secret", &app.secret),
    ])
}

fn introspection(app: &App, token: &str) -> String {
    form(&[("token", token), ("client_id", &app.id), ("client_secret", &app.secret)])
}

fn alice_at_the_wiki() -> (Server, App, Browser) {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let browser = Browser::signed_in(&server, "alice");
    (server, app, browser)
}

#[test]
fn what_was_sent_before_the_signal_is_answered_on_kept_and_on_fresh_connections() {
    let (mut server, app, mut browser) = alice_at_the_wiki();
    let session = browser.cookie("latchkey").expect("a session").to_owned();
    for _ in 0..ROUNDS / 2 {
        let codes: Vec<_> = (0..16).map(|_| app.code(&mut browser, &[])).collect();
        let mut callers: Vec<_> = (0..16).map(|_| Caller::new(server.port, Connections::Kept)).collect();
        for caller in callers.iter_mut().take(8) {
            let head = format!("GET /application/o/{}/jwks/", app.slug);
            assert_eq!(caller.ask(&head, "", "").answered().status, 200);
        }
        // Frozen, the server can neither read nor accept; the kernel does both for it.
        signal(server.pid(), "STOP");
        for (caller, code) in callers.iter_mut().zip(&codes) {
            assert!(caller.connect());
            caller.send(&format!("POST {TOKEN}"), &session, &redemption(&app, code));
        }
        signal(server.pid(), "TERM");
        signal(server.pid(), "CONT");
        for caller in &mut callers {
            Tokens::of(&caller.receive().answered());
        }
        assert_eq!(server.wait(), Some(0), "{}", server.printed());
        server = Server::start_at(server.folder(), server.port, &server.base.clone(), &[]);
    }
}

#[test]
fn told_to_stop_under_load_it_answers_what_it_takes_and_takes_nothing_that_it_does_not_answer() {
    let (mut server, app, mut browser) = alice_at_the_wiki();
    let session = browser.cookie("latchkey").expect("a session").to_owned();
    let token = app.tokens(&mut browser, "openid").access;
    let (mut redeemed, mut late) = (0, 0);
    for round in 0..ROUNDS {
        let load = Load {
            server: &server,
            app: &app,
            session: &session,
            token: &token,
            answers: AtomicU64::new(0),
            unanswered: Mutex::default(),
            is_over: AtomicBool::new(false),
        };
        let (signalled, attempts) = std::thread::scope(|s| {
            let load = &load;
            let kinds = [Connections::Kept, Connections::Fresh];
            let redeemers = kinds.into_iter().chain(kinds).map(|kind| s.spawn(move || load.redeem(kind)));
            let redeemers: Vec<_> = redeemers.collect();
            for kind in kinds {
                s.spawn(move || load.introspect(kind));
                s.spawn(move || load.discover(kind));
            }
            // When they are all at it, and then at any moment within a request.
            while load.answers.load(Relaxed) < 40 {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(Duration::from_micros(round * 7919 % 101 * 80));
            let signalled = Instant::now();
            signal(server.pid(), "TERM");
            let attempts: Vec<_> = redeemers.into_iter().flat_map(|r| r.join().expect("attempts")).collect();
            (signalled, attempts)
        });
        for sent in load.unanswered.into_inner().expect("unanswered") {
            assert!(sent.is_none_or(|at| at > signalled), "sent {:?} before the signal", sent.map(|at| signalled - at));
            late += 1;
        }
        assert_eq!(server.wait(), Some(0), "{}", server.printed());
        server = Server::start_at(server.folder(), server.port, &server.base.clone(), &[]);
        let http = server.http();
        for (code, tokens) in attempts {
            // What got no answer was not done: it can be asked for again, and yields its one set of tokens.
            let tokens = tokens.unwrap_or_else(|| Tokens::of(&app.redeem(&http, &code, &[])));
            assert_eq!(app.introspect(&http, &tokens.access).json()["active"], true, "round {round}");
            redeemed += 1;
        }
    }
    println!("{ROUNDS} times told to stop: {redeemed} codes redeemed, {late} requests came too late");
    assert!(redeemed > ROUNDS, "there was load: {redeemed}");
}
