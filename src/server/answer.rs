//! How an answer is spelt on the wire. Every answer of this server is written here, the edge's own refusals included.

use std::io::Write;

use crate::http::{RequestId, Response};

/// What becomes of the client's connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Keep,
    /// Kept for an HTTP/1.0 client, which must be told so.
    KeepOld,
    Close,
}

/// The Date of answers, written anew once a second.
#[derive(Default)]
pub(super) struct Date {
    second: u64,
    text: String,
}

impl Date {
    #[expect(
        clippy::disallowed_methods,
        reason = "the Date header tells what the machine's own clock says; nothing is decided by it"
    )]
    fn now(&mut self) -> &str {
        let now = std::time::SystemTime::now();
        let second = now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        if second != self.second || self.text.is_empty() {
            self.second = second;
            // A clock out of HTTP's range (before 1970) has no spelling there.
            let printable = std::time::UNIX_EPOCH + std::time::Duration::from_secs(second.min(253_402_300_799));
            self.text = httpdate::fmt_http_date(printable);
        }
        &self.text
    }
}

/// Whether an answer is sent with its body: not for HEAD, and never with these statuses (RFC 9110 section 6.4.1).
pub(super) fn has_body(status: u16, is_head: bool) -> bool {
    !is_head && !matches!(status, 100..=199 | 204 | 304)
}

/// Appends the head of `response`, up to and with the empty line.
pub(super) fn write_head(response: &Response, id: &RequestId, after: After, date: &mut Date, out: &mut Vec<u8>) {
    let status = response.status;
    put(out, format_args!("HTTP/1.1 {status} {}\r\nDate: {}\r\n", reason(status), date.now()));
    // RFC 9110 section 8.6: no length with 1xx and 204.
    if !matches!(status, 100..=199 | 204) {
        put(out, format_args!("Content-Length: {}\r\n", response.body.as_ref().len()));
    }
    match after {
        After::Keep => {}
        After::KeepOld => out.extend_from_slice(b"Connection: keep-alive\r\n"),
        After::Close => out.extend_from_slice(b"Connection: close\r\n"),
    }
    put(out, format_args!("X-Request-Id: {id}\r\n"));
    for (name, value) in response.headers() {
        if !is_ours(name) {
            for part in [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                out.extend_from_slice(part);
            }
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// The headers that only the edge may write.
fn is_ours(name: &str) -> bool {
    const OURS: [&str; 7] =
        ["connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "x-request-id"];
    OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours))
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing into memory does not fail");
}

/// The reason phrase, which people read and programs ignore.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(response: &Response, after: After) -> String {
        let mut out = Vec::new();
        write_head(response, &RequestId("00ff".into()), after, &mut Date::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_edge_alone_says_how_long_an_answer_is_and_what_becomes_of_the_connection() {
        let lying = Response::text(200, "four")
            .header("content-length", "99")
            .header("Connection", "upgrade")
            .header("Transfer-Encoding", "chunked")
            .header("Location", "/kept");
        let head = head(&lying, After::Close).to_ascii_lowercase();
        assert_eq!(head.matches("content-length:").count(), 1);
        assert!(head.contains("content-length: 4\r\n") && head.contains("connection: close\r\n"), "{head}");
        assert!(head.contains("location: /kept\r\n") && !head.contains("chunked"), "{head}");
    }

    #[test]
    fn no_content_has_no_length_and_not_modified_no_body() {
        assert!(!head(&Response::new(204), After::Keep).contains("Content-Length"));
        assert!(!has_body(304, false) && !has_body(204, false) && !has_body(200, true) && has_body(200, false));
    }
}
