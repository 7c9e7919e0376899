//! Looks whether reverse proxies forward what goes together with the base URL, and remembers for a day when not.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::domain::UnixSeconds;
use crate::domain::base_url::BaseUrl;
use crate::domain::forwarding::{Misfit, Said, misfit};
use crate::http::{Request, Scheme, Via};

/// How long after the last time it is told of.
const RECENT: UnixSeconds = 86_400;

/// What was found, each kind once.
#[derive(Debug, Default)]
pub struct Forwarding(Mutex<Vec<Found>>);

/// A misfit, where it was seen, and when last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub what: Misfit,
    /// Who forwarded, or whom it was forwarded for.
    pub address: IpAddr,
    at: UnixSeconds,
}

impl Forwarding {
    /// Looks at a request for a page. Says in the log what is wrong when it is seen for the first time.
    pub fn look(&self, base: &BaseUrl, request: &Request, now: UnixSeconds) {
        let what = match &request.via {
            Via::Direct(_) => None,
            Via::Stranger(_) => Some(Misfit::NotTrusted),
            Via::Proxy { scheme, host } => {
                misfit(base, Said { is_https: scheme.map(|s| s == Scheme::Https), host: host.as_deref() })
            }
        };
        let Some(what) = what else { return };
        let found = Found { what, address: request.client, at: now };
        let is_alike = |f: &&mut Found| std::mem::discriminant(&f.what) == std::mem::discriminant(&found.what);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.iter_mut().find(is_alike) {
            Some(before) => *before = found,
            None => {
                warn_about(&found, base);
                all.push(found);
            }
        }
    }

    /// What was found within a day.
    pub fn recent(&self, now: UnixSeconds) -> Vec<Found> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|f| now - f.at < RECENT).cloned().collect()
    }
}

fn warn_about(found: &Found, base: &BaseUrl) {
    let url = base.as_str();
    match &found.what {
        // All that come through such a proxy would count as one client, and one stranger's failed sign-ins would slow
        // everybody's.
        Misfit::NotTrusted => tracing::warn!(
            peer = %found.address,
            "requests come with X-Forwarded-For from an address that is not among the trusted proxies, so it is not believed; if that is your reverse proxy, name it with --trusted-proxies"
        ),
        Misfit::SaysHttp => tracing::warn!(
            url,
            "the reverse proxy says that browsers speak http to it (X-Forwarded-Proto), but the base URL is https; let it send http to https, or look at `latchkey proxy-config`"
        ),
        Misfit::SaysHost(host) => tracing::warn!(
            url,
            host,
            "the reverse proxy says that browsers ask for another host (X-Forwarded-Host) than that of the base URL; start with --url as people type it, or look at `latchkey proxy-config`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, RequestId};

    fn request(via: Via) -> Request {
        Request {
            id: RequestId("x".into()),
            method: Method::Get,
            path: "/".into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            client: IpAddr::from([10, 0, 0, 1]),
            via,
        }
    }

    #[test]
    fn what_does_not_fit_is_remembered_for_a_day_once_a_kind() {
        let base = BaseUrl::parse("https://auth.home.example").expect("valid");
        let forwarding = Forwarding::default();
        let proxy = |host: &str| Via::Proxy { scheme: Some(Scheme::Https), host: Some(host.into()) };
        for (via, now) in [
            (Via::Direct(Scheme::Http), 0),
            (proxy("auth.home.example"), 0),
            (Via::Stranger(Scheme::Http), 10),
            (proxy("a.example"), 20),
            (proxy("b.example"), 30),
        ] {
            forwarding.look(&base, &request(via), now);
        }
        let what = |now| forwarding.recent(now).into_iter().map(|f| f.what).collect::<Vec<_>>();
        let other = Misfit::SaysHost("b.example".into());
        assert_eq!(what(40), [Misfit::NotTrusted, other.clone()]);
        assert_eq!(what(RECENT + 15), [other]);
        assert_eq!(what(RECENT + 30), []);
    }
}
