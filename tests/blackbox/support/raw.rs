//! Clients that misbehave: crowds of raw connections from many loopback addresses, and what a process costs.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::Http;

/// `count` connections, 50 from each of the addresses 127.0.NET.1, .2, and so on.
pub fn crowd(http: &Http, net: u8, count: usize) -> Vec<TcpStream> {
    let open = |n: usize| {
        let stream = http.clone().from(&format!("127.0.{net}.{}", 1 + n / 50)).connect();
        stream.set_write_timeout(Some(Duration::from_millis(300))).expect("timeout");
        stream
    };
    (0..count).map(open).collect()
}

/// Sends one byte to each connection and forgets those that the server has closed.
pub fn drip(crowd: &mut Vec<TcpStream>) {
    crowd.retain_mut(|stream| {
        stream.set_nonblocking(true).expect("not blocking");
        let mut sink = [0; 1024];
        loop {
            match stream.read(&mut sink) {
                Ok(0) => return false,
                // A refusal; after it comes the end.
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => return stream.write(b"x").is_ok(),
                Err(_) => return false,
            }
        }
    });
}

/// A number of /proc/PID/status: `Threads:`, or `VmRSS:` in KiB.
pub fn status(pid: u32, field: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("/proc");
    let line = text.lines().find(|l| l.starts_with(field)).expect("the field");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number")
}

/// Open descriptors of a process.
pub fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).expect("/proc").count()
}

/// Threads of a process that serve a connection each.
pub fn connection_threads(pid: u32) -> usize {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("/proc").flatten();
    // One that has ended meanwhile has no name.
    let names = threads.filter_map(|t| std::fs::read_to_string(t.path().join("comm")).ok());
    names.filter(|n| n.trim_end() == "connection").count()
}
