//! A server in a process of its own, so that its memory, threads and descriptors can be counted and limited.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use rustls::ALL_VERSIONS;

use super::support::{Client, get, serve_with};
use super::tls::{House, Stream, connect, trusting};
use crate::server::Limits;

/// What a hostile client may make the process grow by, KiB.
const GROWTH: usize = 12 << 10;

/// Set in the process that a test starts from this same program.
const CHILD: &str = "LATCHKEY_TEST_EDGE";

#[test]
fn a_server_in_a_process_of_its_own_answers() {
    if std::env::var_os(CHILD).is_some() {
        return serve_until_stdin_closes();
    }
    let mut process = Process::quick();
    process.assert_well("nothing happened");
}

fn serve_until_stdin_closes() {
    let default = Limits::default();
    let s = Duration::from_millis;
    let limits = Limits {
        handshake_time: s(1000),
        head_time: s(1000),
        body_time: s(2000),
        idle_time: s(1500),
        write_time: s(2000),
        ..default
    };
    let house = House::new();
    let server = serve_with(limits, &[], Some(house.certificate()));
    println!("\nhttps {} {}", server.https_addrs()[0], BASE64_STANDARD.encode(&house.root));
    println!("\nlistening {}", server.local_addrs()[0]);
    let _ = std::io::stdin().read(&mut [0]);
    server.stop(Duration::from_secs(1));
}

pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
    pub(super) https: SocketAddr,
    /// The certificate that its clients trust.
    pub(super) root: Vec<u8>,
    resident: usize,
    _stdout: BufReader<ChildStdout>,
}

impl Process {
    /// With deadlines of 1 to 2 seconds.
    pub(super) fn quick() -> Self {
        Self::start(Some(20_000))
    }

    pub(super) fn with_descriptors(count: usize) -> Self {
        Self::start(Some(count))
    }

    fn start(descriptors: Option<usize>) -> Self {
        let limit = descriptors.map(|n| format!("ulimit -n {n}; ")).unwrap_or_default();
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!(
                "{limit}exec \"$0\" --exact server::tests::child::a_server_in_a_process_of_its_own_answers --nocapture"
            ))
            .arg(std::env::current_exe().unwrap())
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut told = |what: &str| loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "the server did not start");
            if let Some(rest) = line.trim().strip_prefix(what) {
                break rest.to_owned();
            }
        };
        let https = told("https ");
        let (https, root) = https.split_once(' ').unwrap();
        let (https, root) = (https.parse().unwrap(), BASE64_STANDARD.decode(root).unwrap());
        let address = told("listening ").parse().unwrap();
        let mut process = Self { child, address, https, root, resident: 0, _stdout: stdout };
        // What the first requests make it allocate once is not growth.
        std::thread::scope(|threads| {
            for _ in 0..descriptors.map_or(8, |n| (n / 60).min(8)) {
                threads.spawn(|| {
                    (0..50).for_each(|_| assert_eq!(Client::to(process.address).ask(get("/", "")).status(), 200));
                    if descriptors.is_some_and(|n| n > 1000) {
                        (0..10).for_each(|_| assert_eq!(process.over_tls().ask(get("/", "")).status(), 200));
                    }
                });
            }
        });
        process.resident = process.status("VmRSS:");
        process
    }

    /// A client that speaks https.
    pub(super) fn over_tls(&self) -> Client<Stream> {
        connect(self.https, &trusting(&self.root, ALL_VERSIONS)).unwrap()
    }

    fn status(&self, field: &str) -> usize {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = text.lines().find(|l| l.starts_with(field)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn threads(&self) -> usize {
        self.status("Threads:")
    }

    pub(super) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// The process lives, has not grown, and answers the next request in time.
    #[track_caller]
    pub(super) fn assert_well(&mut self, after: &str) {
        assert!(self.child.try_wait().unwrap().is_none(), "{after}: the process ended");
        let grown = self.status("VmRSS:").saturating_sub(self.resident);
        println!("{after}: grown by {grown} KiB, {} threads", self.threads());
        assert!(grown <= GROWTH, "{after}: grown by {grown} KiB");
        let begun = Instant::now();
        assert_eq!(Client::to(self.address).ask(get("/", "")).body, "ok", "{after}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{after}: a good request took {:?}", begun.elapsed());
    }

    /// Waits until it has no more threads than it had `before`, allowing for those of inner connections.
    #[track_caller]
    pub(super) fn assert_threads_end(&self, before: usize) {
        let begun = Instant::now();
        while self.threads() > before + 8 {
            assert!(begun.elapsed() < Duration::from_secs(8), "{} threads, {before} before", self.threads());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
