//! Starting and stopping the real binary, and running its commands beside it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::process::signal;
use super::{App, Http, PASSWORD};

/// A running provider on a folder of its own. Stopped by its own process id when dropped.
pub struct Server {
    child: Child,
    pub port: u16,
    pub base: String,
    /// What it printed so far, stdout and stderr.
    pub output: Arc<Mutex<String>>,
    folder: Arc<Folder>,
}

/// A temporary data folder, removed with its last user.
pub struct Folder {
    root: PathBuf,
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.root));
    }
}

impl Folder {
    pub fn new() -> Arc<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("latchkey-test-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&root).expect("temporary folder");
        Arc::new(Self { root })
    }

    /// The data folder; made by the binary itself.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("its address").port()
}

pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_latchkey")
}

/// The binary without anything of this machine's environment that would change what it does.
pub fn command() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars() {
        if name.starts_with("LATCHKEY_") {
            command.env_remove(name);
        }
    }
    // Log lines as people read them, wherever they go.
    command.env("LATCHKEY_LOG_FORMAT", "text").env_remove("JOURNAL_STREAM");
    command.env_remove("CREDENTIALS_DIRECTORY").env("RUST_BACKTRACE", "0");
    command
}

impl Server {
    /// A fresh provider with cheap password hashes, on `http://localhost:PORT`.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more options of `serve`.
    pub fn start_with(options: &[&str]) -> Self {
        Self::start_on(Folder::new(), options)
    }

    /// On a folder that may hold a database already.
    pub fn start_on(folder: Arc<Folder>, options: &[&str]) -> Self {
        let port = free_port();
        let base = match options.iter().position(|o| *o == "--url") {
            Some(at) => options[at + 1].to_owned(),
            None => format!("http://localhost:{port}"),
        };
        Self::start_at(folder, port, &base, options)
    }

    /// On a port and base URL of the caller's choice: a restart keeps its address.
    pub fn start_at(folder: Arc<Folder>, port: u16, base: &str, options: &[&str]) -> Self {
        let mut command = command();
        command.arg("--data-dir").arg(folder.data()).arg("serve");
        command.args(["--listen", &format!("127.0.0.1:{port}"), "--url", base]);
        if !options.contains(&"--password-passes") {
            command.args(["--password-passes", "2"]);
        }
        let mut rest = options.iter();
        while let Some(option) = rest.next() {
            if *option == "--url" {
                rest.next();
            } else {
                command.arg(option);
            }
        }
        Self::spawn(command, folder, port, base)
    }

    /// Starts whatever this command is, and waits until the provider in it is ready.
    pub fn spawn(mut command: Command, folder: Arc<Folder>, port: u16, base: &str) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let output = Arc::new(Mutex::new(String::new()));
        collect(child.stdout.take().expect("stdout"), &output);
        collect(child.stderr.take().expect("stderr"), &output);
        let mut server = Self { child, port, base: base.to_owned(), output, folder };
        server.wait_until_ready();
        server
    }

    fn wait_until_ready(&mut self) {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("status") {
                panic!("the server ended with {status}:\n{}", self.printed());
            }
            if self.printed().contains("Latchkey is ready") {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server was not ready in time:\n{}", self.printed());
    }

    pub fn printed(&self) -> String {
        self.output.lock().expect("output").clone()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn folder(&self) -> Arc<Folder> {
        Arc::clone(&self.folder)
    }

    pub fn data(&self) -> PathBuf {
        self.folder.data()
    }

    /// Whether the process still lives.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("status").is_none()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// SIGTERM, unless it has ended already, and the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        if self.is_alive() {
            signal(self.pid(), "TERM");
        }
        self.wait()
    }

    /// Waits for the end of the process, and gives its exit code.
    pub fn wait(&mut self) -> Option<i32> {
        self.child.wait().expect("status").code()
    }

    /// Runs a command of the binary on this server's folder.
    pub fn cli(&self, arguments: &[&str]) -> Cli {
        self.cli_with_input(arguments, "")
    }

    pub fn cli_with_input(&self, arguments: &[&str], input: &str) -> Cli {
        run_cli(&self.folder.data(), arguments, input)
    }

    /// A user with the tests' password.
    pub fn user(&self, name: &str, options: &[&str]) {
        let mut arguments = vec!["user", "create", name, "--password-stdin"];
        arguments.extend(options);
        self.cli_with_input(&arguments, PASSWORD).ok();
    }

    /// The usual user: alice, with name and verified e-mail address.
    pub fn alice(&self) {
        self.user("alice", &["--name", "Alice Liddell", "--email", "alice@example.com", "--email-verified"]);
    }

    /// An application with its provider.
    pub fn app(&self, name: &str, options: &[&str]) -> App {
        let mut arguments = vec!["app", "create", name, "--json"];
        arguments.extend(options);
        App::from_json(&self.cli(&arguments).ok())
    }

    /// A client of this server that keeps nothing.
    pub fn http(&self) -> Http {
        Http::new(self.port, &self.base)
    }

    /// The events so far, newest last, as JSON. Refusals may take a minute to be stored; `events_with` waits less.
    pub fn events(&self) -> Vec<serde_json::Value> {
        let out = self.cli(&["events", "--json", "--limit", "1000"]).ok();
        out.lines().map(|l| serde_json::from_str(l).expect("a line of JSON")).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn collect(stream: impl std::io::Read + Send + 'static, into: &Arc<Mutex<String>>) {
    let into = Arc::clone(into);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut into = into.lock().expect("output");
            into.push_str(&line);
            into.push('\n');
        }
    });
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Cli {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Cli {
    /// The output of a command that must succeed.
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// The error of a command that must be refused with this exit code.
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        self.stderr
    }
}

pub fn run_cli(data: &Path, arguments: &[&str], input: &str) -> Cli {
    let mut command = command();
    command.arg("--data-dir").arg(data).args(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    // A command that needs no input may have ended before it is written.
    drop(child.stdin.take().expect("stdin").write_all(format!("{input}\n").as_bytes()));
    text_of(child.wait_with_output().expect("output"))
}

/// What a command that has ended said.
pub fn text_of(output: Output) -> Cli {
    let Output { status, stdout, stderr } = output;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Cli { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}
