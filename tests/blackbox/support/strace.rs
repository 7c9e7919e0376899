//! System calls of a server, seen from outside by strace: what was written to which file and when it was on the disk.
//! And a file system that fails.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::process::signal;

/// How to get what is needed here.
const NEEDED: &str = "This test needs strace, and may have to trace a process that it started. On Debian: apt-get install \
                      strace. In a container: --cap-add SYS_PTRACE. As somebody other than root: sysctl \
                      kernel.yama.ptrace_scope=0";

/// strace on a process of ours. It lets go when this is dropped.
pub struct Strace {
    child: Child,
    pid: u32,
    output: PathBuf,
}

impl Strace {
    /// Holds on to every thread of the process, with these options of strace. What it sees goes to a file in `folder`.
    pub fn attach(pid: u32, options: &[&str], folder: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let output = folder.join(format!("strace-{pid}-{}", NEXT.fetch_add(1, Relaxed)));
        let mut strace = Command::new("strace");
        strace.args(["-f", "-yy", "-p", &pid.to_string(), "-o"]).arg(&output).args(options);
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = strace.spawn().unwrap_or_else(|e| panic!("strace: {e}. {NEEDED}"));
        let mut strace = Self { child, pid, output };
        let until = Instant::now() + Duration::from_secs(30);
        while threads(pid).iter().any(|thread| !is_traced(pid, *thread)) {
            if let Some(status) = strace.child.try_wait().expect("status") {
                panic!("strace {status}: {}. {NEEDED}", strace.said());
            }
            assert!(Instant::now() < until, "strace did not get hold of the server. {NEEDED}");
            std::thread::sleep(Duration::from_millis(5));
        }
        strace
    }

    fn said(&mut self) -> String {
        let mut text = String::new();
        drop(self.child.stderr.take().expect("stderr").read_to_string(&mut text));
        text
    }

    /// What was seen so far.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).expect("what strace saw")).into_owned()
    }

    /// Lets go of the process, and says what was seen.
    pub fn end(mut self) -> String {
        self.let_go();
        self.seen()
    }

    fn let_go(&mut self) {
        if self.child.try_wait().expect("status").is_none() {
            signal(self.child.id(), "INT");
            drop(self.child.wait());
        }
    }

    /// Stops the process, every thread of it after the system call that it is in, and says what was seen until then.
    pub fn freeze(&self) -> String {
        let before = self.seen().len();
        signal(self.pid, "STOP");
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let seen = self.seen();
            let lines = seen[before..].lines().filter_map(|l| l.split_once(' '));
            let stopped = lines.filter(|(_, what)| what.trim() == "--- stopped by SIGSTOP ---");
            let stopped: HashSet<u32> = stopped.filter_map(|(thread, _)| thread.parse().ok()).collect();
            if threads(self.pid).iter().all(|thread| stopped.contains(thread)) {
                return seen;
            }
            assert!(Instant::now() < until, "not every thread came to a stop: {}", &seen[before..]);
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Lets the process go on.
    pub fn thaw(&self) {
        signal(self.pid, "CONT");
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// Runs a command to its end, and gives what it did.
pub fn traced(command: &Command, options: &[&str], folder: &Path) -> (ExitStatus, String) {
    let output = folder.join("strace-command");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-yy", "-o"]).arg(&output).args(options).arg(command.get_program()).args(command.get_args());
    let status = strace.stdout(Stdio::null()).status().unwrap_or_else(|e| panic!("strace: {e}. {NEEDED}"));
    (status, std::fs::read_to_string(&output).unwrap_or_else(|e| panic!("{e}. {NEEDED}")))
}

fn threads(pid: u32) -> Vec<u32> {
    let entries = std::fs::read_dir(format!("/proc/{pid}/task")).expect("/proc");
    entries.filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// A thread that has ended meanwhile needs nobody to hold it.
fn is_traced(pid: u32, thread: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/task/{thread}/status"));
    status.map_or(true, |s| !s.lines().any(|l| l.starts_with("TracerPid:") && l.ends_with("\t0")))
}

/// A moment in the life of a system call. Its text is what strace writes: name, arguments, result.
#[derive(Debug)]
pub enum Moment {
    Begun { thread: u32, text: String },
    Ended { thread: u32, text: String },
}

/// What strace saw, in the order in which it happened.
pub fn moments(seen: &str) -> Vec<Moment> {
    let mut all = Vec::new();
    let mut begun: HashMap<u32, String> = HashMap::new();
    // A line without an end is still being written.
    for line in seen.split_inclusive('\n').filter_map(|l| l.strip_suffix('\n')) {
        let Some((thread, text)) = line.split_once(' ') else { continue };
        let Ok(thread) = thread.parse() else { continue };
        let text = text.trim_start();
        if let Some(first) = text.strip_suffix("<unfinished ...>") {
            begun.insert(thread, first.to_owned());
            all.push(Moment::Begun { thread, text: first.to_owned() });
        } else if let Some(rest) = text.strip_prefix("<... ") {
            let rest = rest.split_once("resumed>").map_or(rest, |(_, rest)| rest);
            let text = begun.remove(&thread).unwrap_or_default() + rest;
            all.push(Moment::Ended { thread, text });
        } else if text.contains(" = ") {
            all.push(Moment::Begun { thread, text: text.to_owned() });
            all.push(Moment::Ended { thread, text: text.to_owned() });
        }
    }
    all
}

/// What became of the writes to one file, whose path ends so.
pub struct File<'a> {
    path: &'a str,
    /// Where was written, and how much, since the last flush that has ended.
    pub unsafe_ranges: Vec<(u64, u64)>,
    /// How many of them there were when a thread began to flush.
    flushing: HashMap<u32, usize>,
    /// Writes so far.
    pub writes: usize,
}

impl<'a> File<'a> {
    /// `latchkey.db-wal`, for example.
    pub fn new(path: &'a str) -> Self {
        Self { path, unsafe_ranges: Vec::new(), flushing: HashMap::new(), writes: 0 }
    }

    /// Takes one moment into account.
    pub fn see(&mut self, moment: &Moment) {
        let (Moment::Begun { thread, text } | Moment::Ended { thread, text }) = moment;
        if !text.contains(&format!("/{}>", self.path)) {
            return;
        }
        let is_begun = matches!(moment, Moment::Begun { .. });
        let is_good = text.trim_end().ends_with("= 0");
        match text.split('(').next() {
            // Dangerous from its beginning.
            Some("pwrite64") if is_begun => {
                self.writes += 1;
                self.unsafe_ranges.push(range(text));
            }
            Some("fdatasync" | "fsync") if is_begun => {
                self.flushing.insert(*thread, self.unsafe_ranges.len());
            }
            Some("fdatasync" | "fsync") if is_good => {
                let covered = self.flushing.remove(thread).unwrap_or_default();
                self.unsafe_ranges.drain(..covered.min(self.unsafe_ranges.len()));
            }
            Some("pwrite64" | "fdatasync" | "fsync") => {}
            // Whatever else changes the file would have to be understood here.
            Some("ftruncate") => {}
            other => panic!("{other:?} is not understood: {text}"),
        }
    }
}

/// Offset and length of a `pwrite64(FD<PATH>, "...", LENGTH, OFFSET`.
fn range(text: &str) -> (u64, u64) {
    let arguments = text.rsplit_once(") = ").map_or(text, |(arguments, _)| arguments);
    let mut last = arguments.rsplit(',').map(|n| n.trim().parse().ok());
    match (last.next().flatten(), last.next().flatten()) {
        (Some(offset), Some(length)) => (offset, length),
        _ => panic!("no offset and length in {text}"),
    }
}
