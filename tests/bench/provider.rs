//! The real binary on a folder of its own: started, asked about its memory and its disk, stopped by its own id.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// A temporary folder, removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("latchkey-bench-{}-{n}", std::process::id()));
        fs::create_dir_all(&root).expect("a temporary folder");
        Self(root)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The data folder; made by the binary itself.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn wal(&self) -> PathBuf {
        self.data().join("latchkey.db-wal")
    }

    pub fn database_bytes(&self) -> u64 {
        fs::metadata(self.data().join("latchkey.db")).map_or(0, |m| m.len())
    }

    /// Transactions in the write-ahead log: each ends with a frame that names the database's new size. `None` when the
    /// log was begun anew since `salt` was read.
    pub fn commits(&self, salt: [u8; 8]) -> Option<usize> {
        const FRAME_HEAD: usize = 24;
        let log = fs::read(self.wal()).expect("the write-ahead log");
        if log.len() < 32 || log[16..24] != salt {
            return None;
        }
        let page = u32::from_be_bytes(log[8..12].try_into().expect("four bytes")) as usize;
        let frames = log[32..].chunks_exact(FRAME_HEAD + page);
        // Frames of an earlier round have another salt.
        let ours = frames.take_while(|f| f[8..16] == salt);
        Some(ours.filter(|f| f[4..8] != [0; 4]).count())
    }

    /// What tells this round of the write-ahead log from the next.
    pub fn salt(&self) -> [u8; 8] {
        let log = fs::read(self.wal()).expect("the write-ahead log");
        log.get(16..24).and_then(|s| s.try_into().ok()).unwrap_or_default()
    }

    /// Name, length and time of change of every file.
    pub fn listing(&self) -> Vec<(String, u64, std::time::SystemTime)> {
        let mut files: Vec<_> = fs::read_dir(self.data())
            .expect("the data folder")
            .map(|entry| {
                let entry = entry.expect("an entry");
                let about = entry.metadata().expect("its metadata");
                (entry.file_name().to_string_lossy().into_owned(), about.len(), about.modified().expect("a time"))
            })
            // The index of the log is shared memory: readers mark their place there, and nothing of it is flushed.
            .filter(|(name, ..)| !name.ends_with("-shm"))
            .collect();
        files.sort();
        files
    }

    /// The argon2 passes that the server measured to suit this machine, once it has.
    pub fn measured_passes(&self) -> u32 {
        let give_up = Instant::now() + Duration::from_secs(20);
        loop {
            let database =
                Connection::open_with_flags(self.data().join("latchkey.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
                    .expect("the database");
            let sql = "SELECT value FROM meta WHERE key = 'password_passes'";
            let found = database.query_row(sql, [], |r| r.get::<_, String>(0));
            match found {
                Ok(passes) => return passes.parse().expect("a number"),
                Err(_) if Instant::now() < give_up => std::thread::sleep(Duration::from_millis(50)),
                Err(error) => panic!("the server measured no password cost: {error}"),
            }
        }
    }

    /// Runs a command of the binary on this folder and gives its output.
    pub fn cli(&self, arguments: &[&str], input: &str) -> String {
        let mut child = command(self)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that needs no input may have ended before it is written.
        drop(child.stdin.take().expect("stdin").write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("its output");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    pub fn cli_json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.cli(arguments, "")).expect("JSON")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The binary without anything of this machine's environment that would change what it does.
fn command(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LATCHKEY_")) {
        command.env_remove(name);
    }
    command.env_remove("CREDENTIALS_DIRECTORY").arg("--data-dir").arg(folder.data());
    command
}

/// The program's name and version, as it says them.
pub fn version() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_latchkey")).arg("--version").output().expect("the binary starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A running provider.
pub struct Provider {
    child: Child,
    pub port: u16,
    /// What a Host header says.
    pub host: String,
    /// From the start of the process until it said that it is ready.
    pub ready_after: Duration,
}

/// A process's memory in KiB.
#[derive(Clone, Copy)]
pub struct Memory {
    pub resident: u64,
    pub peak: u64,
    pub anonymous: u64,
    pub threads: u64,
}

impl Provider {
    pub fn start(folder: &Folder, options: &[&str]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let host = format!("localhost:{port}");
        let mut command = command(folder);
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--url", &format!("http://{host}")]);
        // Its log is written and thrown away, as a service's is written to a journal.
        command.args(options).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let begun = Instant::now();
        let mut child = command.spawn().expect("the binary starts");
        let mut output = BufReader::new(child.stdout.take().expect("stdout"));
        let mut provider = Self { child, port, host, ready_after: Duration::ZERO };
        let mut line = String::new();
        while !line.contains("is ready") {
            line.clear();
            let read = output.read_line(&mut line).expect("its output");
            assert!(read > 0, "the server ended before it was ready: {:?}", provider.child.wait());
        }
        provider.ready_after = begun.elapsed();
        std::thread::spawn(move || output.lines().for_each(drop));
        provider
    }

    pub fn memory(&self) -> Memory {
        let status = self.about("status");
        let field = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
            line.trim_start_matches(':').split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
        };
        Memory {
            resident: field("VmRSS"),
            peak: field("VmHWM"),
            anonymous: field("RssAnon"),
            threads: field("Threads"),
        }
    }

    /// Forgets the peak so far.
    pub fn forget_peak(&self) {
        drop(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5"));
    }

    /// Bytes that this process caused to be written to a disk.
    pub fn bytes_written(&self) -> u64 {
        let io = self.about("io");
        let line = io.lines().find_map(|l| l.strip_prefix("write_bytes: ")).expect("write_bytes");
        line.trim().parse().expect("a number")
    }

    /// Processor time used so far.
    pub fn cpu_time(&self) -> Duration {
        let stat = self.about("stat");
        let after_name = stat.rsplit_once(')').expect("a name in brackets").1;
        let ticks: u64 =
            after_name.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Does work against this server and gives the processor time that it cost the server.
    pub fn at_work<T>(&self, work: impl FnOnce() -> T) -> (T, Duration) {
        let before = self.cpu_time();
        let done = work();
        (done, self.cpu_time() - before)
    }

    fn about(&self, what: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{what}", self.child.id())).expect("/proc of the server")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Asked first, so that the log is folded into the database as it is in life.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let give_up = Instant::now() + Duration::from_secs(12);
        while Instant::now() < give_up {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
