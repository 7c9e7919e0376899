//! One whole, checked request, as handlers see it.

use std::fmt;
use std::net::IpAddr;

use super::{BadMultipart, Multipart, Params};

/// Names one request in the log, in the events and in error answers, so that the three can be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The methods that some route of ours knows, and all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Also HEAD: the edge sends the same answer without its body.
    Get,
    Post,
    Options,
    Other,
}

/// What the client spoke to us, or to the trusted proxy in front of us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// A request whose head was checked and whose body is whole.
#[derive(Debug, Clone)]
pub struct Request {
    pub id: RequestId,
    pub method: Method,
    /// The path as sent (still percent-encoded), without the query.
    pub path: String,
    /// The query as sent, without the `?`; empty when there is none.
    pub query: String,
    /// Names in lower case, values trimmed, in the order they came.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The client's address; behind a trusted proxy, the one the proxy vouches for.
    pub client: IpAddr,
}

impl Request {
    /// The first value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The parameters of the query string.
    pub fn query_params(&self) -> Params {
        Params::parse(self.query.as_bytes())
    }

    /// The parameters of a form body; `None` when the body is of another media type.
    pub fn form(&self) -> Option<Params> {
        let media_type = self.header("content-type")?.split(';').next()?.trim();
        media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded").then(|| Params::parse(&self.body))
    }

    /// The fields and files of a form with files; `None` when the body is of another media type.
    pub fn multipart(&self) -> Option<Result<Multipart<'_>, BadMultipart>> {
        Multipart::parse(self.header("content-type")?, &self.body)
    }

    /// The value of a cookie; the first one, when a browser sends several of one name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// All cookies, names and values.
    pub fn cookies(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.headers
            .iter()
            .filter(|(n, _)| n == "cookie")
            .flat_map(|(_, line)| cookie::Cookie::split_parse(line.as_str()))
            .filter_map(Result::ok)
            .map(|c| (c.name().to_owned(), c.value().to_owned()))
    }
}
