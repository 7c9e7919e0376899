//! The HTTP edge under attack: the process lives, has not grown by more than 12 MiB, and the next sign-in page comes
//! in time.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::support::disk::eventually;
use super::support::process::serve_through_shell;
use super::support::raw::{connection_threads, crowd, descriptors, drip, status};
use super::support::server::{Folder, free_port};
use super::support::{Browser, Http, Server};

/// What a hostile client may make the process grow by, KiB.
const GROWTH: u64 = 12 << 10;
/// Within this a good request is answered, whatever others do.
const IN_TIME: Duration = Duration::from_secs(2);

/// A server under attack.
struct Target {
    http: Http,
    pid: u32,
    resident: u64,
}

impl Target {
    fn of(server: &Server) -> Self {
        let (http, pid) = (server.http(), server.pid());
        // What the first requests make the process allocate once is not growth.
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| (0..10).for_each(|_| drop(http.get("/login/").expect(200))));
            }
        });
        Self { resident: status(pid, "VmRSS:"), http, pid }
    }

    /// The sign-in page comes in time, and the process has not grown.
    #[track_caller]
    fn assert_well(&self, after: &str) {
        let grown = status(self.pid, "VmRSS:").saturating_sub(self.resident);
        assert!(grown <= GROWTH, "{after}: grown by {grown} KiB");
        let begun = Instant::now();
        self.http.get("/login/").expect(200);
        assert!(begun.elapsed() < IN_TIME, "{after}: the sign-in page took {:?}", begun.elapsed());
    }
}

/// Each hostile head with the status that refuses it.
fn refusals() -> Vec<(Vec<u8>, u16)> {
    let post = |lines: String, status| (format!("POST /login/ HTTP/1.1\r\n{lines}\r\n\r\n").into_bytes(), status);
    let host = |line: &str, status| post(format!("Host: localhost\r\n{line}"), status);
    vec![
        host("Content-Length: 100000000000000", 413),
        host("Content-Length: 18446744073709551615", 413),
        host("Content-Length: 9223372036854775808", 413),
        host("Content-Length: 65537", 413),
        host("Content-Length: 5, 5", 400),
        host("Content-Length: +5", 400),
        host("Content-Length: 5\r\nContent-Length: 5", 400),
        host("Content-Length: 5\r\nTransfer-Encoding: chunked", 411),
        host("Transfer-Encoding: chunked", 411),
        post("Accept: */*".into(), 400),
        host("Host: other", 400),
        host("X: \u{1}", 400),
        host("X: \u{0}", 400),
        host("X: \u{e4}", 400),
        host("X: a\nY: b", 400),
        host("X: a\rY: b", 400),
        host(&format!("X: {}", "x".repeat(100_000)), 431),
        host(&format!("{}X: y", "X: y\r\n".repeat(10_000)), 431),
        (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n".to_vec(), 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 505),
        (b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), 501),
        (b"GET http://elsewhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(), 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400),
    ]
}

#[test]
fn hostile_heads_are_refused_in_words_and_the_next_request_works() {
    let mut server = Server::start();
    let target = Target::of(&server);
    for (bytes, status) in refusals() {
        let sent = String::from_utf8_lossy(&bytes[..bytes.len().min(70)]).into_owned();
        let mut stream = target.http.connect();
        // The server may have refused before everything was sent.
        drop(stream.write_all(&bytes));
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap_or_else(|e| panic!("{e}: {sent:?}"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{sent:?}: {answer}");
        assert!(answer.contains("X-Request-Id: ") && answer.contains("Connection: close"), "{sent:?}: {answer}");
        target.assert_well(&sent);
    }
    assert!(server.is_alive());
}

#[test]
fn refused_requests_leave_no_thread_and_no_descriptor_behind() {
    let server = Server::start();
    let target = Target::of(&server);
    let (threads, open) = (status(target.pid, "Threads:"), descriptors(target.pid));
    // From another address: whoever has too many connections at once is turned away at the door.
    let stranger = target.http.clone().from("127.0.16.1");
    for _ in 0..500 {
        drop(stranger.connect().write_all(b"GET / HTTP/2.0\r\n\r\n"));
        drop(
            stranger.connect().write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n"),
        );
    }
    target.assert_well("1,000 refused requests");
    let until = Instant::now() + Duration::from_secs(5);
    while status(target.pid, "Threads:") > threads + 4 || descriptors(target.pid) > open + 4 {
        assert!(Instant::now() < until, "{} threads of {threads}", status(target.pid, "Threads:"));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_header_line_without_end_is_cut_off() {
    let server = Server::start();
    let target = Target::of(&server);
    let mut stream = target.http.connect();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ").expect("sent");
    let begun = Instant::now();
    while stream.write_all(&[b'x'; 65_536]).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it is still read");
    }
    target.assert_well("an endless header line");
}

#[test]
fn a_body_over_64_kib_is_refused_and_one_of_64_kib_reaches_the_form() {
    let server = Server::start();
    let send = |n| server.http().send("POST", "/login/", &[], &"b".repeat(n)).status;
    assert_eq!(send(65_537), 413);
    assert!(![413, 500].contains(&send(65_536)), "the form has its own opinion of it");
}

#[test]
fn line_ends_in_parameters_never_split_an_answer() {
    let server = Server::start();
    let attack = "%0d%0aX-Split:%20yes%0d%0a%0d%0a<h1>";
    let targets =
        ["/login/?next=", "/authorize?state=", "/logout?state=", "/?", "/login/", "/login/?error=", "/assets/"];
    for target in targets {
        let answer = server.http().get(&format!("{target}{attack}"));
        assert!(answer.header("X-Split").is_none() && answer.status < 500, "{target}: {answer:?}");
    }
    server.http().get("/login/").expect(200);
}

/// The one test with the real deadlines.
#[test]
fn five_hundred_slow_clients_are_gone_within_15_s_and_the_sign_in_page_comes_meanwhile() {
    let mut server = Server::start();
    let target = Target::of(&server);
    let begun = Instant::now();
    let mut slow = crowd(&target.http, 10, 500);
    for (n, stream) in slow.iter_mut().enumerate() {
        let begin: &[u8] = match n % 2 {
            0 => b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX: ",
            _ => b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n",
        };
        drop(stream.write_all(begin));
    }
    let opened = begun.elapsed();
    while !slow.is_empty() {
        // Measured from the opening of the last of them.
        assert!(begun.elapsed() < opened + Duration::from_secs(15), "{} slow clients are still there", slow.len());
        target.assert_well("slow clients");
        std::thread::sleep(Duration::from_secs(1));
        drip(&mut slow);
    }
    target.assert_well("500 slow clients");
    assert!(server.is_alive());
}

#[test]
fn a_thousand_connections_that_say_nothing_keep_nobody_out() {
    let server = Server::start();
    let target = Target::of(&server);
    let silent = crowd(&target.http, 11, 1000);
    target.assert_well("1,000 silent connections");
    assert!(status(target.pid, "Threads:") < 450, "threads are bounded");
    drop(silent);
    target.assert_well("1,000 connections closed");
}

#[test]
fn bodies_that_stop_just_before_their_end_keep_nobody_out() {
    let server = Server::start();
    let target = Target::of(&server);
    let head = "POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n\r\n";
    let begin = format!("{head}{}", "b".repeat(65_535));
    let mut stalled = crowd(&target.http, 12, 300);
    for stream in &mut stalled {
        drop(stream.write_all(begin.as_bytes()));
    }
    target.assert_well("300 stalled bodies");
    drop(stalled);
    target.assert_well("300 stalled bodies dropped");
}

#[test]
fn answers_that_nobody_reads_keep_nobody_out() {
    let server = Server::start();
    let target = Target::of(&server);
    // A page that is made with what the database says, and one that sends people to the right host.
    for (net, host) in [(13, format!("localhost:{}", server.port)), (14, "localhost".to_owned())] {
        let requests = format!("GET /login/ HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(2000);
        let mut deaf = crowd(&target.http, net, 150);
        for stream in &mut deaf {
            stream.set_write_timeout(Some(Duration::from_millis(5))).expect("timeout");
            drop(stream.write_all(requests.as_bytes()));
        }
        eventually("the crowd is there", || connection_threads(target.pid) > 0);
        for _ in 0..4 {
            target.assert_well("150 clients that read nothing");
            std::thread::sleep(Duration::from_millis(500));
        }
        drop(deaf);
        // Otherwise they and the next crowd would be measured together.
        eventually("the crowd is gone", || connection_threads(target.pid) == 0);
    }
}

/// A provider that may have only so many descriptors.
fn with_descriptors(count: u32) -> Server {
    let (folder, port) = (Folder::new(), free_port());
    let base = format!("http://localhost:{port}");
    let serve = serve_through_shell(&format!("ulimit -n {count}; exec \"$@\""), &folder.data(), port, &base);
    Server::spawn(serve, folder, port, &base)
}

#[test]
fn out_of_descriptors_the_server_sheds_and_then_recovers_its_database_too() {
    let mut server = with_descriptors(96);
    server.alice();
    let target = Target::of(&server);
    let at_rest = descriptors(target.pid);
    for round in 0..3 {
        let held = crowd(&target.http, 15, 400);
        target.assert_well("400 connections, 96 descriptors");
        drop(held);
        target.assert_well("descriptors free again");
        assert!(server.is_alive(), "round {round}");
    }
    let held = crowd(&target.http, 15, 400);
    drop(Browser::signed_in(&server, "alice"));
    drop(held);
    // The database may have taken some more meanwhile, and keeps them.
    eventually("the crowd is gone", || descriptors(target.pid) <= at_rest + 16);
    // Reads by many at once, each of which may need one more connection to the database, and writes.
    let sign_in = |n| {
        let mut browser = Browser::new(&server).from(&format!("127.0.17.{n}"));
        let page = browser.open("/login/");
        assert_eq!(browser.sign_in(&page, "alice").status, 200);
    };
    std::thread::scope(|s| (1..=8).for_each(|n| drop(s.spawn(move || sign_in(n)))));
    assert!(server.is_alive());
}

#[test]
fn told_to_stop_the_server_does_not_wait_for_idle_clients() {
    let mut server = Server::start();
    let idle = crowd(&server.http(), 15, 50);
    server.http().get("/login/").expect(200);
    let begun = Instant::now();
    assert_eq!(server.stop(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop(idle);
}
