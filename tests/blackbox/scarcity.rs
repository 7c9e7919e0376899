//! Little memory, few threads: people are signed in or put off for a while, the process lives, and what is scarce no
//! longer is enough for it to be well again.

use std::fs::read_dir;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Barrier};

use rustix::process::{Pid, Resource, Rlimit, geteuid, getrlimit, prlimit};

use crate::disk_full::{reading_goes_on, try_to_sign_in};
use crate::support::disk::eventually;
use crate::support::http::{form, parse_answer};
use crate::support::process::serve_through_shell;
use crate::support::raw::{crowd, status};
use crate::support::server::{Folder, binary, free_port};
use crate::support::{Answer, Browser, PASSWORD, Server, browser};

/// As many sign in at once.
const CROWD: usize = 64;

/// Limits the memory that a process may have for data, from now on: to so many KiB more than it has, or not.
fn limit_memory(server: &Server, more: Option<u64>) {
    let pid = Pid::from_raw(i32::try_from(server.pid()).expect("a pid"));
    let current = more.map(|kib| (status(server.pid(), "VmData:") + kib) << 10);
    let maximum = getrlimit(Resource::Data).maximum;
    prlimit(pid, Resource::Data, Rlimit { current: current.or(maximum), maximum }).expect("limited");
}

/// A sign-in of alice as her browser sends it.
fn sign_in(server: &Server) -> Vec<u8> {
    let mut browser = Browser::new(server);
    let page = browser.open("/login/");
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let token = browser::form_token(&page);
    let body = form(&[("form_token", &token), ("username", "alice"), ("password", PASSWORD)]);
    let (base, cookies, length) = (&server.base, cookies.join("; "), body.len());
    format!(
        "POST /login/ HTTP/1.1\r\nHost: localhost:{}\r\nOrigin: {base}\r\nCookie: {cookies}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}",
        server.port
    )
    .into_bytes()
}

/// A client that was answered once, so that it has a thread of its own, and keeps its connection.
fn let_in(server: &Server, n: usize) -> TcpStream {
    let mut stream = server.http().from(&format!("127.0.18.{n}")).connect();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port);
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nok\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(byte[0]);
    }
    stream
}

/// Everybody is let in first, and then all of them sign in at once. Returns how many were put off.
#[track_caller]
fn all_at_once(server: &mut Server) -> usize {
    let request = sign_in(server);
    let crowd: Vec<TcpStream> = (1..=CROWD).map(|n| let_in(server, n)).collect();
    let start = Barrier::new(CROWD);
    let ask = |mut stream: TcpStream| {
        start.wait();
        let mut bytes = Vec::new();
        drop(stream.write_all(&request).and_then(|()| stream.read_to_end(&mut bytes)));
        bytes
    };
    let answers: Vec<Vec<u8>> = std::thread::scope(|s| {
        let asking: Vec<_> = crowd.into_iter().map(|stream| s.spawn(|| ask(stream))).collect();
        asking.into_iter().map(|a| a.join().expect("what came")).collect()
    });
    assert!(server.is_alive(), "{}", server.printed());
    let answers: Vec<Answer> = answers.iter().map(|bytes| parse_answer(bytes)).collect();
    answers.iter().filter(|a| a.status != 200).map(is_put_off).count()
}

/// In words, and until when.
#[track_caller]
fn is_put_off(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    let seconds = answer.header("Retry-After").and_then(|s| s.parse::<u32>().ok());
    assert!(seconds.is_some_and(|s| s > 0), "{answer:?}");
}

#[test]
fn without_memory_for_a_password_sign_ins_are_put_off_until_there_is_some() {
    let mut server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    reading_goes_on(&server, &app);
    // Threads may still begin, but no hash can: it reserves 33 MiB.
    limit_memory(&server, Some(24 << 10));
    for _ in 0..5 {
        is_put_off(&try_to_sign_in(&server));
        reading_goes_on(&server, &app);
    }
    limit_memory(&server, None);
    assert_eq!(try_to_sign_in(&server).status, 200);
    // What is there by now is used again.
    limit_memory(&server, Some(24 << 10));
    assert_eq!(try_to_sign_in(&server).status, 200);
    assert!(server.is_alive(), "{}", server.printed());
}

#[test]
fn a_crowd_that_signs_in_has_room_in_little_memory() {
    let (folder, port) = (Folder::new(), free_port());
    let base = format!("http://localhost:{port}");
    // A hash for each of them at the same time would take 1,200 MiB. Most of the rest is set aside for stacks, and never
    // touched.
    let serve = serve_through_shell("ulimit -d 524288 && exec \"$@\"", &folder.data(), port, &base);
    let mut server = Server::spawn(serve, Arc::clone(&folder), port, &base);
    server.alice();
    let put_off = all_at_once(&mut server);
    let (most, data) = (status(server.pid(), "VmHWM:"), status(server.pid(), "VmData:"));
    println!("{CROWD} signed in at once: {put_off} put off, {most} KiB in memory at most, {data} KiB set aside");
    assert!(put_off < CROWD && most < 128 << 10, "{put_off} put off, {most} KiB");
    let printed = server.printed();
    assert!(!printed.contains("no thread") && !printed.contains("no memory"), "{printed}");
    eventually("a sign-in works", || try_to_sign_in(&server).status == 200);
}

/// The same provider where there may be so many threads, as somebody who has no other process.
fn with_few_threads(mut prepared: Server, threads: usize) -> Server {
    assert_eq!(prepared.stop(), Some(0));
    let (folder, port, base) = (prepared.folder(), prepared.port, prepared.base.clone());
    let root = folder.data().with_file_name("");
    let (limit, user) = (format!("--nproc={threads}"), 60_000 + std::process::id() % 5000);
    let mut serve = Command::new(if geteuid().is_root() { "prlimit" } else { "unshare" });
    let mut program = binary().into();
    if geteuid().is_root() {
        // The limit does not hold for root. Where the program lies, others may not come.
        program = root.join("latchkey");
        std::fs::copy(binary(), &program).expect("the binary");
        std::fs::set_permissions(&root, PermissionsExt::from_mode(0o755)).expect("a mode");
        give_away(&folder.data(), user);
        let ids = [format!("--reuid={user}"), format!("--regid={user}")];
        serve.args([&limit, "setpriv", &ids[0], &ids[1], "--clear-groups"]);
    } else {
        // In a name space of one's own one is alone.
        serve.args(["-r", "prlimit", &limit]);
    }
    serve
        .arg(program)
        .env("LATCHKEY_LOG_FORMAT", "text")
        .env("RUST_BACKTRACE", "0")
        .env_remove("CREDENTIALS_DIRECTORY");
    serve.arg("--data-dir").arg(folder.data());
    serve.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--url", &base, "--password-passes", "2"]);
    drop(prepared);
    Server::spawn(serve, folder, port, &base)
}

fn give_away(data: &Path, user: u32) {
    for entry in read_dir(data).expect("the folder") {
        chown(entry.expect("an entry").path(), Some(user), Some(user)).expect("given away");
    }
    chown(data, Some(user), Some(user)).expect("given away");
}

#[test]
fn with_few_threads_a_crowd_is_signed_in_or_put_off_and_the_process_lives() {
    let prepared = Server::start();
    prepared.alice();
    let mut server = with_few_threads(prepared, 256);
    // Clients that ask nothing, and have a thread each.
    let idle = crowd(&server.http(), 19, 150);
    let put_off = all_at_once(&mut server);
    println!("{CROWD} signed in at once with few threads: {put_off} put off");
    let printed = server.printed();
    assert!(put_off < CROWD && !printed.contains("no thread"), "{put_off} put off: {printed}");
    eventually("a sign-in works", || try_to_sign_in(&server).status == 200);
    drop(idle);
    assert_eq!(server.stop(), Some(0), "{}", server.printed());
}
