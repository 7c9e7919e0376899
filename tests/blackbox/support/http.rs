//! A plain HTTP/1.1 client that sends exactly what it is told and follows nothing.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The first value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The Location of a redirect.
    #[track_caller]
    pub fn location(&self) -> &str {
        self.header("Location").unwrap_or_else(|| panic!("no Location: {self:?}"))
    }

    /// A parameter of the Location's query, decoded.
    #[track_caller]
    pub fn location_param(&self, name: &str) -> Option<String> {
        param(self.location(), name)
    }

    /// The error code of an OAuth answer with this status.
    #[track_caller]
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {self:?}")).to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A decoded parameter of a URL's query.
pub fn param(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1.split('#').next()?;
    form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

/// Encodes a form.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// `Basic` credentials, form-encoded as Go does it.
pub fn basic(id: &str, secret: &str) -> String {
    let encode = |t: &str| form_urlencoded::byte_serialize(t.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
}

/// Sends requests to one server, a connection each.
#[derive(Debug, Clone)]
pub struct Http {
    port: u16,
    host: String,
    from: Option<IpAddr>,
    tls: Option<Arc<ClientConfig>>,
}

impl Http {
    pub fn new(port: u16, base: &str) -> Self {
        let host = base.split_once("://").expect("a base URL").1.to_owned();
        Self { port, host, from: None, tls: None }
    }

    /// Sends from another loopback address: another client, as far as the server can see.
    pub fn from(mut self, address: &str) -> Self {
        self.from = Some(address.parse().expect("an address"));
        self
    }

    /// Sends by TLS, to another port.
    pub fn by_tls(mut self, port: u16, tls: Arc<ClientConfig>) -> Self {
        (self.port, self.tls) = (port, Some(tls));
        self
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "")
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_with(path, &[], fields)
    }

    pub fn post_with(&self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
        all.extend(headers);
        self.send("POST", path, &all, &form(fields))
    }

    /// Sends a request; Host and Content-Length are added where they are not given.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let has = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !has("Host") {
            head += &format!("Host: {}\r\n", self.host);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || method == "POST" {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "Connection: close\r\n\r\n";
        self.raw(format!("{head}{body}").as_bytes())
    }

    /// Sends bytes and reads the answer to the end.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        self.try_raw(bytes).expect("sent")
    }

    /// The same, where hands may not be shaken.
    pub fn try_raw(&self, bytes: &[u8]) -> std::io::Result<Answer> {
        let mut stream = self.connect();
        let Some(tls) = &self.tls else {
            stream.write_all(bytes)?;
            return Ok(read_answer(&mut stream));
        };
        let host = self.host.rsplit_once(':').map_or(self.host.as_str(), |(host, _)| host).to_owned();
        let name = ServerName::try_from(host).expect("a host");
        let connection = ClientConnection::new(Arc::clone(tls), name).map_err(std::io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream);
        stream.write_all(bytes)?;
        Ok(read_answer(&mut stream))
    }

    pub fn connect(&self) -> TcpStream {
        let to = SocketAddr::from(([127, 0, 0, 1], self.port));
        let stream = match self.from {
            Some(from) => connect_from(from, to),
            None => TcpStream::connect(to).expect("connected"),
        };
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("timeout");
        stream
    }
}

/// Binds to a loopback address of one's own before connecting.
fn connect_from(from: IpAddr, to: SocketAddr) -> TcpStream {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
    // A server that another test starts meanwhile must not inherit it: one may have few descriptors.
    let fd = socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None).expect("a socket");
    bind(&fd, &SocketAddr::new(from, 0)).expect("bound");
    connect(&fd, &to).expect("connected");
    TcpStream::from(fd)
}

pub fn read_answer(stream: &mut impl Read) -> Answer {
    let mut bytes = Vec::new();
    // A reset after the answer is as good as an end.
    drop(stream.read_to_end(&mut bytes));
    parse_answer(&bytes)
}

pub fn parse_answer(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok());
    let headers = lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    Answer { status: status.expect("a status"), headers, body: body.to_owned() }
}
