//! The head of a request, parsed strictly and once. What this accepts has exactly one meaning, so that no proxy
//! before us and no library behind us can read it differently (request smuggling lives in such differences).

use std::mem::MaybeUninit;

use super::limits::Limits;
use super::refusal::Refusal;

/// Headers in one request. Browsers send about twenty.
pub const MAX_HEADERS: usize = 64;

/// A checked request head. Slices are of the bytes it was parsed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<'a> {
    pub method: &'a str,
    /// Path and query as sent: begins with `/`, printable ASCII, no `#`.
    pub target: &'a str,
    pub host: &'a str,
    /// End-to-end headers in the order they came, but for Host and Content-Length; values trimmed.
    pub fields: Vec<(&'a str, &'a str)>,
    /// Bytes of body that follow.
    pub length: usize,
    /// Values of X-Forwarded-For; to be believed only from a trusted proxy.
    pub forwarded_for: Vec<&'a str>,
    /// The last X-Forwarded-Proto; to be believed only from a trusted proxy.
    pub forwarded_proto: Option<&'a str>,
    /// The last X-Forwarded-Host, if it is one; to be believed only from a trusted proxy.
    pub forwarded_host: Option<&'a str>,
    /// HTTP/1.0 rather than 1.1.
    pub old: bool,
    /// The client wants the connection kept open.
    pub keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

/// Reads a whole head, from the method to the empty line that ends it.
pub fn parse_head<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Head<'a>, Refusal> {
    if bytes.len() > limits.head {
        return Err(Refusal::HeadTooLarge);
    }
    only_printable_lines(bytes)?;
    request_line(bytes, limits)?;
    let mut space = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    match request.parse_with_uninit_headers(bytes, &mut space) {
        Ok(httparse::Status::Complete(n)) if n == bytes.len() => {}
        Ok(_) => return Err(Refusal::HeaderLine),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::TooManyHeaders),
        Err(httparse::Error::Token | httparse::Error::Version) => return Err(Refusal::RequestLine),
        Err(_) => return Err(Refusal::HeaderLine),
    }
    let (Some(method), Some(target), Some(minor)) = (request.method, request.path, request.version) else {
        return Err(Refusal::RequestLine);
    };
    let mut reading = Reading::new(method, target, minor == 0, request.headers.len());
    for header in request.headers.iter() {
        let value = std::str::from_utf8(header.value).map_err(|_| Refusal::ForbiddenByte)?;
        reading.field(header.name, value.trim_matches(' '))?;
    }
    reading.finish(limits)
}

/// Nothing but printable ASCII, and CR only with LF. Tabs are legal around values, but nobody sends them, and each
/// reader that trims them differently is a gap.
fn only_printable_lines(bytes: &[u8]) -> Result<(), Refusal> {
    let mut previous = 0;
    for &byte in bytes {
        let fits = match byte {
            b'\n' => previous == b'\r',
            _ if previous == b'\r' => false,
            b'\r' | b' '..=b'~' => true,
            _ => false,
        };
        if !fits {
            return Err(Refusal::ForbiddenByte);
        }
        previous = byte;
    }
    Ok(())
}

/// `METHOD SP target SP HTTP/1.x`, checked before anything else so that its refusals are exact.
fn request_line(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let end = bytes.iter().position(|&b| b == b'\r').ok_or(Refusal::RequestLine)?;
    let mut parts = bytes[..end].split(|&b| b == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::RequestLine);
    };
    match version {
        b"HTTP/1.1" | b"HTTP/1.0" => {}
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            return Err(Refusal::Version);
        }
        _ => return Err(Refusal::RequestLine),
    }
    match method {
        b"GET" | b"HEAD" | b"POST" | b"PUT" | b"PATCH" | b"DELETE" | b"OPTIONS" => {}
        b"" => return Err(Refusal::RequestLine),
        other if other.iter().all(u8::is_ascii_alphanumeric) => return Err(Refusal::Method),
        _ => return Err(Refusal::RequestLine),
    }
    if target.len() > limits.target {
        return Err(Refusal::TargetTooLong);
    }
    // RFC 9112 section 3.2.1, origin-form; absolute-form is for proxies, authority-form for CONNECT.
    if target.first() != Some(&b'/') || target.contains(&b'#') {
        return Err(Refusal::Target);
    }
    Ok(())
}

/// A head whose fields are being gone through.
struct Reading<'a> {
    head: Head<'a>,
    host: Option<&'a str>,
    length: Option<&'a str>,
}

impl<'a> Reading<'a> {
    fn new(method: &'a str, target: &'a str, old: bool, fields: usize) -> Self {
        let head = Head {
            method,
            target,
            host: "",
            fields: Vec::with_capacity(fields),
            length: 0,
            forwarded_for: Vec::new(),
            forwarded_proto: None,
            forwarded_host: None,
            old,
            keep_alive: !old,
            expects_continue: false,
        };
        Self { head, host: None, length: None }
    }

    fn field(&mut self, name: &'a str, value: &'a str) -> Result<(), Refusal> {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        match name.as_bytes().first().map(u8::to_ascii_lowercase) {
            Some(b'c') if is("content-length") => only_one(&mut self.length, value, Refusal::ContentLength)?,
            Some(b'c') if is("connection") => self.connection(value),
            Some(b'h') if is("host") => only_one(&mut self.host, value, Refusal::Host)?,
            // RFC 9112 section 6.1 allows a server to insist on a length.
            Some(b't') if is("transfer-encoding") => return Err(Refusal::TransferEncoding),
            Some(b'e') if is("expect") => {
                if !value.eq_ignore_ascii_case("100-continue") {
                    return Err(Refusal::Expectation);
                }
                self.head.expects_continue = !self.head.old;
            }
            Some(b'x') if is("x-forwarded-for") => self.head.forwarded_for.push(value),
            Some(b'x') if is("x-forwarded-proto") => self.head.forwarded_proto = Some(value),
            Some(b'x') if is("x-forwarded-host") => self.head.forwarded_host = Some(value).filter(|v| is_host(v)),
            _ if is_hop_or_claim(name) => {}
            _ => self.head.fields.push((name, value)),
        }
        Ok(())
    }

    fn connection(&mut self, value: &str) {
        for token in value.split(',').map(|t| t.trim_matches(' ')) {
            if token.eq_ignore_ascii_case("close") {
                self.head.keep_alive = false;
                // Close wins over a keep-alive that follows it (RFC 9112 section 9.3).
                return;
            }
            if self.head.old && token.eq_ignore_ascii_case("keep-alive") {
                self.head.keep_alive = true;
            }
        }
    }

    fn finish(mut self, limits: &Limits) -> Result<Head<'a>, Refusal> {
        self.head.host = self.host.filter(|h| is_host(h)).ok_or(Refusal::Host)?;
        if let Some(digits) = self.length {
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Refusal::ContentLength);
            }
            // Digits that do not fit the machine's word are a number too, only a larger one.
            let most = limits.body_of(self.head.method, self.head.target);
            self.head.length = digits.parse().ok().filter(|n| *n <= most).ok_or(Refusal::BodyTooLarge)?;
        }
        Ok(self.head)
    }
}

fn only_one<'a>(slot: &mut Option<&'a str>, value: &'a str, refusal: Refusal) -> Result<(), Refusal> {
    if slot.replace(value).is_some() { Err(refusal) } else { Ok(()) }
}

/// Headers that end at this hop, that claim what only a trusted proxy may (its claims are read separately), or that
/// could pass for the edge's own word to the inside. None of them goes further.
fn is_hop_or_claim(name: &str) -> bool {
    const DROPPED: [&str; 9] = [
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "forwarded",
        "x-real-ip",
        "x-request-id",
    ];
    let begins = |prefix: &str| name.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix));
    begins("x-forwarded") || begins("x-latchkey") || DROPPED.iter().any(|d| name.eq_ignore_ascii_case(d))
}

/// `name`, `192.0.2.1` or `[2001:db8::1]`, and perhaps `:port` (RFC 9110 section 7.2, without percent-encoding).
fn is_host(value: &str) -> bool {
    let (name, port) = match value.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port),
            _ => return false,
        },
        None => value.split_at(value.find(':').unwrap_or(value.len())),
    };
    let port_fits = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    port_fits && !name.is_empty() && name.len() <= 255 && name.bytes().all(allowed)
}

impl Head<'_> {
    /// Writes the one way in which this request is spelt on its way in: HTTP/1.1, one Host, one
    /// Content-Length, nothing about the connection. `word` is the edge's own header line, `CR LF` included.
    pub fn write_canonical(&self, word: &str, out: &mut Vec<u8>) {
        let mut put = |parts: &[&str]| parts.iter().for_each(|p| out.extend_from_slice(p.as_bytes()));
        put(&[self.method, " ", self.target, " HTTP/1.1\r\n", word, "host: ", self.host, "\r\n"]);
        for (name, value) in &self.fields {
            put(&[name, ": ", value, "\r\n"]);
        }
        put(&["content-length: ", &self.length.to_string(), "\r\n\r\n"]);
    }
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
