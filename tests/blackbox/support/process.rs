//! Processes of the binary that are expected to end, or that start in an environment of their own.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Cli;
use super::server::{binary, command, free_port};

/// Sends a signal to a process that the caller started: `TERM`, `STOP`, `CONT`.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().expect("kill");
    assert!(sent.success(), "SIG{name} to {pid}");
}

/// `serve` on a folder and a free port.
pub fn serve_command(data: &Path, options: &[&str]) -> Command {
    let mut serve = command();
    serve.arg("--data-dir").arg(data).args(["serve", "--listen", &format!("127.0.0.1:{}", free_port())]).args(options);
    serve
}

/// The same through a shell that prepares the process first (`umask 0`, limits, mounts) and runs `"$@"`.
pub fn serve_through_shell(script: &str, data: &Path, port: u16, base: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.env("LATCHKEY_LOG_FORMAT", "text").env_remove("JOURNAL_STREAM");
    shell.env_remove("CREDENTIALS_DIRECTORY").env("RUST_BACKTRACE", "0");
    shell.args(["-c", script, "sh", binary(), "--data-dir"]).arg(data);
    shell.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--url", base, "--password-passes", "2"]);
    shell
}

/// Runs a command that must end by itself, and soon.
#[track_caller]
pub fn ended(mut command: Command) -> Cli {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let until = Instant::now() + Duration::from_secs(15);
    let status = loop {
        if let Some(status) = child.try_wait().expect("status") {
            break Some(status);
        }
        if Instant::now() > until {
            child.kill().expect("killed");
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let text = |stream: Option<&mut dyn Read>| {
        let mut text = String::new();
        stream.expect("a pipe").read_to_string(&mut text).expect("UTF-8");
        text
    };
    let stdout = text(child.stdout.as_mut().map(|s| s as &mut dyn Read));
    let stderr = text(child.stderr.as_mut().map(|s| s as &mut dyn Read));
    child.wait().expect("waited for");
    let status = status.unwrap_or_else(|| panic!("it went on instead of ending: {stdout}{stderr}"));
    Cli { code: status.code().unwrap_or(-1), stdout, stderr }
}

/// Starts `serve` where it must be refused, and returns its words.
#[track_caller]
pub fn refused_start(data: &Path, options: &[&str]) -> String {
    ended(serve_command(data, options)).refused(1)
}

/// The same where the next try may end otherwise: by this exit code the service manager knows that it is worth one.
#[track_caller]
pub fn passing_start(data: &Path, options: &[&str]) -> String {
    ended(serve_command(data, options)).refused(70)
}
