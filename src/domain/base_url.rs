//! The public base URL: what every link, issuer and cookie is made from, never the Host of a request.

use url::{Host, Url};

/// `http(s)://host[:port]`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without a trailing slash.
    text: String,
    url: Url,
}

/// A base URL that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} cannot be the base URL: {why}. It looks like https://auth.home.example or http://localhost:8410")]
pub struct BadBaseUrl {
    given: String,
    why: &'static str,
}

impl BaseUrl {
    pub fn parse(given: &str) -> Result<Self, BadBaseUrl> {
        let bad = |why| BadBaseUrl { given: given.to_owned(), why };
        let url = Url::parse(given.trim()).map_err(|_| bad("it is not a URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("it must begin with https:// or http://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("it must not hold a user name or password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it must end after the host and port: Latchkey needs a host name of its own"));
        }
        // What stands in the examples for a name that nobody put there, as in LATCHKEY_HOST=...
        let is_name = |label: &str| label.chars().any(char::is_alphanumeric);
        let host = url.host_str().unwrap_or_default();
        if matches!(url.host(), Some(Host::Domain(_))) && !host.trim_end_matches('.').split('.').all(is_name) {
            return Err(bad("its host name is none"));
        }
        let text = url.origin().ascii_serialization();
        Ok(Self { text, url })
    }

    /// `https://auth.home.example`: also the origin, in the sense of RFC 6454.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host name without a port.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// What a browser sends as Host: the port only when it is not the scheme's own.
    pub fn authority(&self) -> &str {
        self.text.split_once("://").map_or("", |(_, a)| a)
    }

    /// Whether a Host header names this very place. Proxies may write the scheme's own port out, which browsers
    /// leave away.
    pub fn is_authority(&self, host: &str) -> bool {
        let own_port = if self.is_https() { ":443" } else { ":80" };
        let host = match self.url.port() {
            None => host.strip_suffix(own_port).unwrap_or(host),
            Some(_) => host,
        };
        host.eq_ignore_ascii_case(self.authority())
    }

    /// Whether a Host header has our host name, on whatever port.
    pub fn is_host(&self, host: &str) -> bool {
        let is_port = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
        name.eq_ignore_ascii_case(self.host())
    }

    /// Whether it is a name that others know, on the port that is https's own.
    pub fn is_whole_host(&self) -> bool {
        let is_name = matches!(self.url.host(), Some(Host::Domain(_)));
        self.is_https() && is_name && self.url.port().is_none() && !self.is_loopback()
    }

    /// Whether only this very machine can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(d)) => d == "localhost" || d.ends_with(".localhost"),
            Some(Host::Ipv4(a)) => a.is_loopback(),
            Some(Host::Ipv6(a)) => a.is_loopback(),
            None => false,
        }
    }

    /// The URL of a path that starts with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// The issuer of an application: also the folder of its discovery document.
    pub fn issuer(&self, slug: &str) -> String {
        format!("{}/application/o/{slug}/", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_can_be_the_base_url() {
        for bad in
            ["", "auth.example", "ftp://a", "https://a/b", "https://a/?x", "https://a/#x", "https://u:p@a", "https://"]
        {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
        // A name that nobody put there, or one with more than a name.
        for host in ["...", "", "a..b", ".a", "-", "http://auth.example", "auth.example/", "<name>"] {
            assert!(BaseUrl::parse(&format!("http://{host}:8410")).is_err(), "{host}");
        }
        for (good, text) in [
            ("https://Auth.Example/", "https://auth.example"),
            ("https://a:443", "https://a"),
            ("http://localhost:8410", "http://localhost:8410"),
            ("http://[::1]:80/", "http://[::1]"),
            ("http://nas_2.bücher.example.", "http://nas_2.xn--bcher-kva.example."),
        ] {
            assert_eq!(BaseUrl::parse(good).expect(good).as_str(), text);
        }
    }

    #[test]
    fn loopback_names_and_addresses_are_known() {
        for yes in ["http://localhost:8410", "http://127.0.0.1", "http://[::1]:1", "http://x.localhost"] {
            assert!(BaseUrl::parse(yes).expect(yes).is_loopback(), "{yes}");
        }
        for no in ["http://localhost.example", "https://192.168.1.5", "https://auth.home.example"] {
            assert!(!BaseUrl::parse(no).expect(no).is_loopback(), "{no}");
        }
    }

    #[test]
    fn a_host_is_known_on_every_port() {
        let base = |text| BaseUrl::parse(text).expect(text);
        for host in ["auth.example", "AUTH.example:8410", "auth.example:"] {
            assert!(base("https://auth.example:8443").is_host(host), "{host}");
        }
        for host in ["example", "auth.example.evil", "auth.example:x", ""] {
            assert!(!base("https://auth.example:8443").is_host(host), "{host}");
        }
        assert!(base("https://[fd00::1]").is_host("[fd00::1]:80") && base("https://[fd00::1]").is_host("[fd00::1]"));
        assert!(!base("https://[fd00::1]").is_host("[fd00::2]"));
    }

    #[test]
    fn a_whole_host_is_a_name_with_the_port_of_https() {
        let is_whole = |text| BaseUrl::parse(text).expect(text).is_whole_host();
        assert!(is_whole("https://auth.example") && is_whole("https://auth.example:443"));
        for no in ["http://auth.example", "https://auth.example:8443", "https://localhost", "https://192.168.1.5"] {
            assert!(!is_whole(no), "{no}");
        }
    }

    #[test]
    fn the_issuer_and_the_authority_follow_from_it() {
        let base = BaseUrl::parse("https://auth.example:8443").expect("valid");
        assert_eq!(base.issuer("portainer"), "https://auth.example:8443/application/o/portainer/");
        assert_eq!(base.authority(), "auth.example:8443");
    }
}
