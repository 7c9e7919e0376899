//! A keep-alive HTTP/1.1 client for loopback, lean enough to leave the cores to the server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// One kept-alive connection, one request at a time.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, valid until the next request.
pub struct Reply<'a> {
    pub status: u16,
    head: &'a str,
    pub body: &'a [u8],
}

impl Wire {
    pub fn open(port: u16) -> Self {
        Self::open_from(Ipv4Addr::LOCALHOST, port)
    }

    /// From a loopback address of the caller's choice: the server counts failures and connections by address.
    pub fn open_from(from: Ipv4Addr, port: u16) -> Self {
        use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
        let fd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        bind(&fd, &SocketAddr::from((from, 0))).expect("a loopback address");
        connect(&fd, &SocketAddr::from((Ipv4Addr::LOCALHOST, port))).expect("the server accepts");
        let stream = TcpStream::from(fd);
        stream.set_nodelay(true).expect("an option of TCP");
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("an option of sockets");
        Self { stream, buffer: vec![0; 16 << 10] }
    }

    /// Sends a request and reads its answer whole.
    pub fn ask(&mut self, request: &[u8]) -> Reply<'_> {
        self.stream.write_all(request).expect("the server takes the request");
        let mut filled = 0;
        let head_end = loop {
            let seen = filled;
            filled += self.read(filled);
            if let Some(end) = end_of_head(&self.buffer[..filled], seen) {
                break end;
            }
        };
        let head = text(&self.buffer[..head_end]);
        let length: usize = header(head, "Content-Length").map_or(0, |n| n.parse().expect("a length"));
        let end = head_end + length;
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        while filled < end {
            filled += self.read(filled);
        }
        let head = text(&self.buffer[..head_end]);
        let status = head.get(9..12).and_then(|s| s.parse().ok()).expect("a status line");
        Reply { status, head, body: &self.buffer[head_end..end] }
    }

    fn read(&mut self, at: usize) -> usize {
        let n = self.stream.read(&mut self.buffer[at..]).expect("the server answers");
        assert!(n > 0, "the server closed the connection");
        n
    }
}

impl Reply<'_> {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        values(self.head, name)
    }

    pub fn text(&self) -> &str {
        text(self.body)
    }

    /// The status that the request must have.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}{}", self.head, self.text());
        self
    }
}

/// A request with a body when there is one, `headers` ending with CR LF each.
pub fn request(method: &str, path: &str, host: &str, headers: &str, body: &str) -> Vec<u8> {
    let about_body = match method {
        "POST" => format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", body.len()),
        _ => String::new(),
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}{about_body}\r\n{body}").into_bytes()
}

/// Where the head ends; the first `seen` bytes were looked at before.
pub fn end_of_head(bytes: &[u8], seen: usize) -> Option<usize> {
    let from = seen.saturating_sub(3);
    bytes[from..].windows(4).position(|w| w == b"\r\n\r\n").map(|at| from + at + 4)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    values(head, name).next()
}

fn values<'a>(head: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n").filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("answers are UTF-8")
}
