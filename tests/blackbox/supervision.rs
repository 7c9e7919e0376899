//! Under a supervisor that listens (systemd's Type=notify and WatchdogSec): ready is said when it is so, and the
//! watchdog is fed only while requests and the database work.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::Server;
use crate::support::disk::database;
use crate::support::process::ended;
use crate::support::server::{Folder, command, free_port};

/// The supervisor's end.
struct Supervisor {
    socket: UnixDatagram,
    path: PathBuf,
}

impl Supervisor {
    fn new(folder: &Folder) -> Self {
        let path = folder.data().with_extension("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        Self { socket, path }
    }

    /// The lines of the next message, when there is one in time.
    fn next(&self, patience: Duration) -> Option<Vec<String>> {
        self.socket.set_read_timeout(Some(patience)).expect("a timeout");
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).ok()?;
        let text = std::str::from_utf8(&message[..length]).expect("UTF-8");
        Some(text.lines().map(str::to_owned).collect())
    }

    /// Everything that is said until a line is among it.
    #[track_caller]
    fn until(&self, line: &str) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(20);
        let mut heard = Vec::new();
        while Instant::now() < end {
            heard.extend(self.next(Duration::from_secs(1)).unwrap_or_default());
            if heard.iter().any(|l| l == line) {
                return heard;
            }
        }
        panic!("{line} was not heard, but {heard:?}");
    }

    /// Everything that is said within a time.
    fn during(&self, time: Duration) -> Vec<String> {
        let end = Instant::now() + time;
        let mut heard = Vec::new();
        while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            heard.extend(self.next(left).unwrap_or_default());
        }
        heard
    }
}

/// `serve` under the supervisor, with the time after which a silent one would be given up.
fn supervised(folder: &Folder, supervisor: &Supervisor, watchdog: Option<Duration>, port: u16) -> Command {
    let mut serve = command();
    serve.arg("--data-dir").arg(folder.data()).args(["serve", "--password-passes", "2"]);
    serve.args(["--listen", &format!("127.0.0.1:{port}"), "--url", &format!("http://localhost:{port}")]);
    serve.env("NOTIFY_SOCKET", &supervisor.path).env_remove("WATCHDOG_PID").env_remove("WATCHDOG_USEC");
    serve.envs(watchdog.map(|time| ("WATCHDOG_USEC", time.as_micros().to_string())));
    serve
}

/// The same, running.
fn started(folder: &Arc<Folder>, supervisor: &Supervisor, watchdog: Option<Duration>) -> Server {
    let port = free_port();
    let serve = supervised(folder, supervisor, watchdog, port);
    Server::spawn(serve, Arc::clone(folder), port, &format!("http://localhost:{port}"))
}

fn has(heard: &[String], line: &str) -> bool {
    heard.iter().any(|l| l == line)
}

#[test]
fn systemd_hears_of_readiness_of_life_and_of_the_end_and_of_no_life_while_the_writer_is_blocked() {
    let folder = Folder::new();
    let supervisor = Supervisor::new(&folder);
    let watchdog = Duration::from_secs(3);
    let mut server = started(&folder, &supervisor, Some(watchdog));
    let ready = format!("STATUS=Ready at {}", server.base);

    let heard = supervisor.until("READY=1");
    assert_eq!(server.http().get("/readyz").status, 200, "ready means ready");
    assert!(has(&heard, &ready), "{heard:?}");
    supervisor.until("WATCHDOG=1");
    let heard = supervisor.during(watchdog);
    let signs = heard.iter().filter(|l| *l == "WATCHDOG=1").count();
    assert!(signs >= 1 && !has(&heard, "READY=1"), "in time, and ready is said once: {heard:?}");

    // For longer than a writer waits for its turn.
    let blocker = database(&server.data());
    blocker.execute_batch("BEGIN IMMEDIATE").expect("the only writer");
    // A check that went well just before this may still be told.
    supervisor.during(Duration::from_millis(300));
    assert_eq!(server.http().get("/healthz").status, 200, "requests are answered all the while");
    let heard = supervisor.during(Duration::from_secs(8));
    assert!(!has(&heard, "WATCHDOG=1"), "{heard:?}");
    assert!(heard.iter().any(|l| l.starts_with("STATUS=Not well: database")), "{heard:?}");
    blocker.execute_batch("ROLLBACK").expect("the end of it");
    let heard = supervisor.until("WATCHDOG=1");
    assert!(has(&heard, &ready), "{heard:?}");

    assert_eq!(server.stop(), Some(0), "{}", server.printed());
    let heard = supervisor.until("STOPPING=1");
    assert!(heard.iter().any(|l| l.starts_with("STATUS=Stopping")), "{heard:?}");
    let later = supervisor.during(Duration::from_millis(100));
    assert!(!has(&later, "WATCHDOG=1"), "nothing comes after the end: {later:?}");
}

#[test]
fn a_stopped_process_feeds_no_watchdog() {
    let folder = Folder::new();
    let supervisor = Supervisor::new(&folder);
    let server = started(&folder, &supervisor, Some(Duration::from_millis(1500)));
    supervisor.until("WATCHDOG=1");
    let signal = |name: &str| {
        let pid = server.pid().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    };
    signal("-STOP");
    supervisor.during(Duration::from_millis(200));
    let heard = supervisor.during(Duration::from_secs(3));
    assert!(heard.is_empty(), "{heard:?}");
    signal("-CONT");
    supervisor.until("WATCHDOG=1");
}

#[test]
fn without_a_watchdog_ready_is_said_and_then_nothing_until_the_end() {
    let folder = Folder::new();
    let supervisor = Supervisor::new(&folder);
    let mut server = started(&folder, &supervisor, None);
    supervisor.until("READY=1");
    let heard = supervisor.during(Duration::from_secs(2));
    assert!(heard.is_empty(), "{heard:?}");
    assert_eq!(server.stop(), Some(0));
    supervisor.until("STOPPING=1");
}

#[test]
fn ready_is_never_said_by_a_server_that_does_not_get_at_its_database() {
    let mut first = Server::start();
    assert_eq!(first.stop(), Some(0));
    let folder = first.folder();
    let supervisor = Supervisor::new(&folder);
    let blocker = database(&folder.data());
    blocker.execute_batch("BEGIN IMMEDIATE").expect("the only writer");
    let refused = ended(supervised(&folder, &supervisor, Some(Duration::from_secs(3)), free_port()));
    assert_ne!(refused.code, 0, "{refused:?}");
    let heard = supervisor.during(Duration::from_millis(100));
    assert!(!has(&heard, "READY=1"), "{heard:?}");
    blocker.execute_batch("ROLLBACK").expect("the end of it");
    let _server = started(&folder, &supervisor, None);
    supervisor.until("READY=1");
}
