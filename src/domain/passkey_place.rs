//! Where passkeys work: the host name that they are made for (the RP ID), and origins that may use it besides. Web
//! Authentication level 3, section 5.11.

use serde::Serialize;

use super::base_url::BaseUrl;
use super::tls::is_host;

/// Origins that may be named; browsers look at the first few only.
const MOST: usize = 20;

/// A host name that passkeys are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpId(String);

impl RpId {
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim().to_ascii_lowercase();
        let is_name = is_host(&name) && name.parse::<std::net::Ipv4Addr>().is_err();
        if is_name { Ok(Self(name)) } else { Err("expected a host name, such as auth.home.example".into()) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a host is this one, or below it: its pages may use the passkeys without further ado.
    pub fn covers(&self, host: &str) -> bool {
        host == self.0 || host.strip_suffix(self.0.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Reads https origins, separated by commas.
pub fn origins(text: &str) -> Result<Vec<BaseUrl>, String> {
    let all = text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| {
        let origin = BaseUrl::parse(t).ok().filter(BaseUrl::is_https);
        origin.ok_or_else(|| format!("{t:?} is no https origin, such as https://auth.home.example"))
    });
    let all: Vec<_> = all.collect::<Result<_, _>>()?;
    if all.len() > MOST { Err(format!("expected {MOST} origins at most")) } else { Ok(all) }
}

/// The document at `/.well-known/webauthn`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct RelatedOrigins {
    origins: Vec<String>,
}

/// Origins that may use the passkeys of a host besides its own: those that are named, and the base URL's when that is
/// another host. `None` when there are none.
pub fn related(rp_id: &str, base: &BaseUrl, named: &[BaseUrl]) -> Option<RelatedOrigins> {
    let is_moved = !RpId(rp_id.to_owned()).covers(base.host());
    let all = is_moved.then_some(base).into_iter().chain(named.iter().filter(|origin| *origin != base || !is_moved));
    let origins: Vec<_> = all.map(|origin| origin.as_str().to_owned()).collect();
    (!origins.is_empty()).then_some(RelatedOrigins { origins })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).expect(text)
    }

    #[test]
    fn an_rp_id_is_a_host_name() {
        assert_eq!(RpId::parse(" Auth.Home.example ").map(|id| id.0), Ok("auth.home.example".into()));
        for bad in ["", "https://a.example", "a.example:8443", "192.168.1.5", "[::1]", "a b", "*.home.example"] {
            assert!(RpId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_covers_itself_and_what_is_below() {
        let id = RpId::parse("home.example").expect("a name");
        assert!(id.covers("home.example") && id.covers("auth.home.example"));
        assert!(!id.covers("myhome.example") && !id.covers("example") && !id.covers("home.example.evil"));
    }

    #[test]
    fn related_origins_are_https_origins() {
        let found = origins("https://a.example, https://b.example:8443").expect("two");
        assert_eq!(
            found.iter().map(BaseUrl::as_str).collect::<Vec<_>>(),
            ["https://a.example", "https://b.example:8443"]
        );
        assert_eq!(origins(""), Ok(vec![]));
        for bad in ["http://a.example", "a.example", "https://a.example/path", "https://a.example,*"] {
            assert!(origins(bad).is_err(), "{bad}");
        }
        assert!(origins(&vec!["https://a.example"; 21].join(",")).is_err());
    }

    #[test]
    fn after_a_move_the_new_place_is_related_by_itself() {
        let named = [base("https://c.example")];
        let of = |rp_id, at, named: &[BaseUrl]| related(rp_id, &base(at), named).map(|r| r.origins);
        assert_eq!(of("a.example", "https://a.example", &[]), None);
        assert_eq!(of("home.example", "https://auth.home.example", &[]), None);
        assert_eq!(of("a.example", "https://a.example", &named), Some(vec!["https://c.example".into()]));
        let both = Some(vec!["https://b.example".to_owned(), "https://c.example".to_owned()]);
        assert_eq!(of("a.example", "https://b.example", &named), both);
        assert_eq!(of("a.example", "https://c.example", &named), Some(vec!["https://c.example".into()]));
    }
}
