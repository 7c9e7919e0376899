//! What a reverse proxy says that does not go together with the base URL, or is not to be believed.

use super::base_url::BaseUrl;

/// What somebody who forwards requests does that should be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// It is not among the trusted proxies: all its clients count as one.
    NotTrusted,
    /// It says that browsers speak http, and the base URL is https.
    SaysHttp,
    /// It says that browsers ask for another host than that of the base URL.
    SaysHost(String),
}

/// What a trusted proxy said of the browser's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// `None` when it said nothing of it.
    pub is_https: Option<bool>,
    pub host: Option<&'a str>,
}

/// The first thing that does not go together.
pub fn misfit(base: &BaseUrl, said: Said) -> Option<Misfit> {
    if base.is_https() && said.is_https == Some(false) {
        return Some(Misfit::SaysHttp);
    }
    // Some proxies leave the port out here, and say it in a header of its own.
    let without_port = base.authority().rsplit_once(':').map_or(base.authority(), |(host, _)| host);
    let fits = |host: &str| base.is_authority(host) || host.eq_ignore_ascii_case(without_port);
    said.host.filter(|host| !fits(host)).map(|host| Misfit::SaysHost(host.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_says_http_or_another_host_does_not_fit_an_https_base_url() {
        let base = BaseUrl::parse("https://auth.home.example").expect("valid");
        let misfit = |is_https, host| misfit(&base, Said { is_https, host });
        for (is_https, host) in [
            (None, None),
            (Some(true), None),
            (Some(true), Some("auth.home.example")),
            (None, Some("AUTH.home.example:443")),
        ] {
            assert_eq!(misfit(is_https, host), None, "{is_https:?} {host:?}");
        }
        assert_eq!(misfit(Some(false), Some("auth.home.example")), Some(Misfit::SaysHttp));
        for other in ["login.home.example", "auth.home.example:8443", "192.168.1.5"] {
            assert_eq!(misfit(Some(true), Some(other)), Some(Misfit::SaysHost(other.into())));
        }
    }

    #[test]
    fn http_fits_http_and_a_port_may_be_left_out() {
        let base = BaseUrl::parse("http://nas:8080").expect("valid");
        assert_eq!(misfit(&base, Said { is_https: Some(false), host: Some("nas") }), None);
        assert_eq!(misfit(&base, Said { is_https: Some(true), host: Some("nas:8080") }), None);
        let v6 = BaseUrl::parse("https://[fd00::1]").expect("valid");
        assert_eq!(misfit(&v6, Said { is_https: Some(true), host: Some("[fd00::1]") }), None);
    }
}
