//! Answers, and the one place where a header value enters one.

/// The bytes of an answer.
#[derive(Debug, Clone)]
pub enum Body {
    Owned(Vec<u8>),
    Static(&'static [u8]),
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Owned(b) => b,
            Self::Static(b) => b,
        }
    }
}

/// An answer. Content-Length, Date and Connection are the edge's business.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    headers: Vec<(&'static str, String)>,
    pub body: Body,
}

impl Response {
    /// An answer with an empty body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Static(b"") }
    }

    /// Bytes that live as long as the program.
    pub fn embedded(content_type: &'static str, bytes: &'static [u8]) -> Self {
        Self { body: Body::Static(bytes), ..Self::new(200) }.header("Content-Type", content_type)
    }

    /// Bytes that were made for this answer.
    pub fn bytes(content_type: &'static str, bytes: Vec<u8>) -> Self {
        Self { body: Body::Owned(bytes), ..Self::new(200) }.header("Content-Type", content_type)
    }

    /// An HTML page.
    pub fn html(status: u16, html: String) -> Self {
        Self { body: Body::Owned(html.into_bytes()), ..Self::new(status) }
            .header("Content-Type", "text/html; charset=utf-8")
    }

    /// Plain text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self { body: Body::Owned(text.into().into_bytes()), ..Self::new(status) }
            .header("Content-Type", "text/plain; charset=utf-8")
    }

    /// A JSON document.
    pub fn json(status: u16, value: &impl serde::Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => {
                Self { body: Body::Owned(bytes), ..Self::new(status) }.header("Content-Type", "application/json")
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Self::new(500)
            }
        }
    }

    /// 303 See Other: the browser goes on with a GET, whatever it came with (RFC 9110 section 15.4.4).
    pub fn see_other(location: impl Into<String>) -> Self {
        Self::new(303).header("Location", location)
    }

    /// Adds a header. A value that could split the answer (CR, LF, NUL, other controls) or that is not ASCII turns
    /// the whole answer into a 500: such a value is a fault of ours, and half an answer is worse than none.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if value.bytes().all(|b| (0x20..=0x7e).contains(&b)) {
            self.headers.push((name, value));
            self
        } else {
            tracing::error!(header = name, "a response header held a forbidden character; answered 500 instead");
            Self::new(500)
        }
    }

    /// Adds a header unless it is there already.
    #[must_use]
    pub fn header_if_absent(self, name: &'static str, value: impl Into<String>) -> Self {
        if self.get(name).is_some() { self } else { self.header(name, value) }
    }

    /// The first value of a header.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// All headers in the order they were added.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_that_could_split_the_answer_becomes_a_500() {
        for bad in ["a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "a\0b", "ä"] {
            let r = Response::text(200, "secret").header("Location", bad);
            assert_eq!((r.status, r.body.as_ref()), (500, &b""[..]));
        }
        assert_eq!(Response::see_other("/x?y=z").get("location"), Some("/x?y=z"));
    }
}
