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

/// In the clear or by TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// The way that a request took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// The client spoke this to us.
    Direct(Scheme),
    /// Somebody forwarded it who is no trusted proxy, and spoke this to us. Nothing that was forwarded is believed.
    Stranger(Scheme),
    /// A trusted proxy forwarded it, and says what the client spoke to it, and to which Host.
    Proxy { scheme: Option<Scheme>, host: Option<String> },
}

impl Via {
    /// Whether what the client sent and receives is encrypted on its way, as far as anyone trustworthy says.
    pub fn is_https(&self) -> bool {
        matches!(self, Self::Direct(Scheme::Https) | Self::Proxy { scheme: Some(Scheme::Https), .. })
    }
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
    pub via: Via,
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

    /// Whether the client takes an answer compressed with gzip (RFC 9110 section 12.5.3): by its name, or by a star that
    /// stands for what is not named; and not where its weight is zero.
    pub fn accepts_gzip(&self) -> bool {
        let lines = self.headers.iter().filter(|(n, _)| n == "accept-encoding").map(|(_, value)| value.as_str());
        let codings = lines.flat_map(|line| line.split(',')).filter_map(|item| {
            let (coding, weight) = item.split_once(';').unwrap_or((item, "q=1"));
            let weight = weight.trim().to_ascii_lowercase();
            let weight: f32 = weight.strip_prefix("q=")?.trim().parse().ok()?;
            Some((coding.trim().to_ascii_lowercase(), weight > 0.0))
        });
        let (mut named, mut star) = (None, false);
        for (coding, is_taken) in codings {
            match coding.as_str() {
                "gzip" | "x-gzip" => named = Some(is_taken),
                "*" => star = is_taken,
                _ => {}
            }
        }
        named.unwrap_or(star)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it_only() {
        let accepts = |lines: &[&str]| {
            let headers = lines.iter().map(|l| ("accept-encoding".to_owned(), (*l).to_owned())).collect();
            Request {
                id: RequestId("x".into()),
                method: Method::Get,
                path: "/".into(),
                query: String::new(),
                headers,
                body: Vec::new(),
                client: IpAddr::from([127, 0, 0, 1]),
                via: Via::Direct(Scheme::Http),
            }
            .accepts_gzip()
        };
        for yes in ["gzip", "deflate, GZIP;q=0.5, br", "x-gzip", "*", "br;q=1.0, *;q=0.1", "identity;q=0, gzip ; q=1"] {
            assert!(accepts(&[yes]), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "identity", "gzipped", "gzip;q=x", "gzip;level=9"]
        {
            assert!(!accepts(&[no]), "{no}");
        }
        assert!(!accepts(&[]) && accepts(&["br", "gzip"]));
    }
}
