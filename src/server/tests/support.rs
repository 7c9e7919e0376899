//! A server with a small handler, and a client that says exactly the bytes it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crate::http::{Body, Request, Response};
use crate::server::{Certificate, Limits, Server, Settings, Tls, start};

/// Answers by path; `/echo` tells what the handler was given.
fn handle(request: &Request) -> Response {
    match request.path.as_str() {
        "/echo" => echo(request),
        "/upload" => Response::text(200, request.body.len().to_string()),
        "/panic" => panic!("on purpose"),
        "/slow" => {
            std::thread::sleep(Duration::from_millis(300));
            Response::text(200, "slow")
        }
        "/stuck" => {
            std::thread::sleep(Duration::from_secs(2));
            Response::text(200, "too late")
        }
        "/via" => Response::text(200, format!("{:?}", request.via)),
        "/empty" => Response::new(204),
        "/unchanged" => with_body(304, Body::Static(b"left out")),
        "/large" => with_body(200, Body::Static(&[b'l'; 300_000])),
        "/huge" => with_body(200, Body::Owned(vec![b'h'; 3 << 20])),
        "/split" => Response::see_other(request.query_params().first("to").unwrap_or_default()),
        _ => Response::text(200, "ok"),
    }
}

fn with_body(status: u16, body: Body) -> Response {
    let mut response = Response::new(status);
    response.body = body;
    response
}

fn echo(request: &Request) -> Response {
    let Request { method, path, query, body, client, .. } = request;
    let headers: Vec<_> = request.headers.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let body = String::from_utf8_lossy(body);
    Response::text(200, format!("{method:?} {path} [{query}] {client} {} |{body}|", headers.join("; ")))
        .header("X-Id", request.id.to_string())
}

pub(super) fn serve(limits: Limits) -> Server {
    serve_behind(limits, &[])
}

pub(super) fn serve_behind(limits: Limits, proxies: &[&str]) -> Server {
    serve_with(limits, proxies, None)
}

/// With https on a port of its own, when there is a certificate.
pub(super) fn serve_with(limits: Limits, proxies: &[&str], certificate: Option<Arc<Certificate>>) -> Server {
    let limits = Limits { is_upload: |method, path| method == "POST" && path == "/upload", ..limits };
    let any_port = || vec!["127.0.0.1:0".parse().unwrap()];
    let settings = Settings {
        listen: any_port(),
        tls: certificate.map(|certificate| Tls { listen: any_port(), certificate }),
        limits,
        trusted_proxies: proxies.iter().map(|p| p.parse().unwrap()).collect(),
    };
    start(settings, Arc::new(handle)).unwrap()
}

/// A client's connection.
pub(super) struct Client<S = TcpStream>(pub(super) S);

/// What came back: the head (status line and headers) and the body.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) head: String,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|l| l.split_once(": "));
        lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v).next()
    }
}

impl Client {
    pub(super) fn of(server: &Server) -> Self {
        Self::to(server.local_addrs()[0])
    }

    pub(super) fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(stream)
    }
}

impl<S: Read + Write> Client<S> {
    /// Sends bytes; a server that does not want them any more is no failure.
    pub(super) fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let _ = self.0.write_all(bytes.as_ref());
        self
    }

    /// One answer; to HEAD when `bodiless`.
    pub(super) fn answer(&mut self, bodiless: bool) -> Reply {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&head)));
            head.push(byte[0]);
        }
        let mut reply = Reply { head: String::from_utf8(head).unwrap(), body: String::new() };
        let length = if bodiless { 0 } else { reply.header("content-length").map_or(0, |l| l.parse().unwrap()) };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        reply.body = String::from_utf8(body).unwrap();
        reply
    }

    pub(super) fn ask(&mut self, request: impl AsRef<[u8]>) -> Reply {
        self.send(request).answer(false)
    }

    /// Whether the server has closed, waiting for it to.
    pub(super) fn is_closed(&mut self) -> bool {
        let mut sink = [0; 4096];
        loop {
            match self.0.read(&mut sink) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(e) => return e.kind() == ErrorKind::ConnectionReset,
            }
        }
    }
}

/// A GET of `path`, with further header lines.
pub(super) fn get(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: id.example\r\n{lines}\r\n")
}

pub(super) fn post(path: &str, lines: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: id.example\r\nContent-Length: {}\r\n{lines}\r\n{body}", body.len())
}
