//! The one client for everything that this server asks others for: keys and request objects of clients, and telling
//! applications of sign-outs. Whom it may ask is `domain::outbound`; every answer is bounded in time and size, and nothing
//! leads it elsewhere.

#[cfg(test)]
mod tests;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout, RustlsConnector, TcpConnector};
use ureq::{Agent, Body, http};

use crate::app::App;
use crate::domain::outbound::{Networks, Scheme, Target};
use crate::error::Internal;
use crate::words::Words;

/// For everything: name, connection, question and answer.
const TIME: Duration = Duration::from_secs(5);
/// How long the machine's roots are kept.
const ROOTS_FOR: Duration = Duration::from_secs(60);
/// Of an answer: its head, and what is usual for what follows.
const MOST_HEAD: usize = 16 << 10;
pub const USUAL: usize = 64 << 10;
/// Requests that may wait for others at once, of each kind, and for one address. Each holds a worker meanwhile: hosts that
/// are slow cannot take all, nor strangers who send browsers there keep clients from being known.
const AT_ONCE: usize = 4;
const AT_ONE_ADDRESS: usize = 2;

/// Why nothing came of it, in words for who looks after it, and whether it may pass by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundError {
    words: Words,
    pub may_pass: bool,
    /// Nobody was asked, because too many others were being asked.
    pub is_busy: bool,
    /// Nothing was answered at all: whatever else is asked there now would fare the same, and wait as long.
    pub is_silence: bool,
}

impl From<OutboundError> for Words {
    fn from(error: OutboundError) -> Self {
        error.words
    }
}

impl std::fmt::Display for OutboundError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.words.fmt(f)
    }
}

impl OutboundError {
    fn lasting(words: Words) -> Self {
        Self { words, may_pass: false, is_busy: false, is_silence: false }
    }

    fn passing(words: Words) -> Self {
        Self { may_pass: true, ..Self::lasting(words) }
    }

    fn silence(words: Words) -> Self {
        Self { is_silence: true, ..Self::passing(words) }
    }
}

impl From<Internal> for OutboundError {
    fn from(error: Internal) -> Self {
        tracing::error!(%error, "nobody could be asked");
        Self::passing(Words::new("outbound-internal"))
    }
}

/// What a request needs from elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To know a client.
    Keys,
    /// What any browser can be sent for.
    RequestObject,
}

/// Who is being asked on behalf of requests.
#[derive(Debug, Default)]
pub struct Outbound(Mutex<Vec<(Wanted, String)>>);

/// A place among those that ask at once.
struct Place<'a> {
    of: &'a Outbound,
    asked: (Wanted, String),
}

impl Outbound {
    fn place(&self, wanted: Wanted, url: &str) -> Result<Place<'_>, OutboundError> {
        let mut asked = self.lock();
        let of_its_kind = asked.iter().filter(|(kind, _)| *kind == wanted).count();
        let at_its_address = asked.iter().filter(|(_, other)| other == url).count();
        if of_its_kind >= AT_ONCE || at_its_address >= AT_ONE_ADDRESS {
            return Err(OutboundError { is_busy: true, ..OutboundError::passing(Words::new("outbound-busy")) });
        }
        let place = Place { of: self, asked: (wanted, url.to_owned()) };
        asked.push(place.asked.clone());
        Ok(place)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Wanted, String)>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut asked = self.of.lock();
        if let Some(at) = asked.iter().position(|one| *one == self.asked) {
            asked.swap_remove(at);
        }
    }
}

/// Asks for what is at an address, of at most so many bytes.
pub fn get(app: &App, wanted: Wanted, url: &str, limit: usize) -> Result<Vec<u8>, OutboundError> {
    let (target, networks) = (Target::parse(url).map_err(OutboundError::lasting)?, app.settings()?.outbound_networks);
    let _place = app.outbound.place(wanted, url)?;
    Client::new(&target, networks, DefaultResolver::default()).get(limit)
}

/// Sends a form, and returns when it was taken. Not for requests: it takes no place among them.
pub fn post_form(app: &App, url: &str, fields: &[(&str, &str)]) -> Result<(), OutboundError> {
    let (target, networks) = (Target::parse(url).map_err(OutboundError::lasting)?, app.settings()?.outbound_networks);
    Client::new(&target, networks, DefaultResolver::default()).post_form(fields)
}

/// Asks one host, once.
struct Client<'a> {
    target: &'a Target,
    agent: Agent,
}

impl<'a> Client<'a> {
    fn new(target: &'a Target, networks: Networks, names: impl Resolver) -> Self {
        let config = Config::builder()
            .user_agent("Latchkey")
            // Neither the environment nor an answer leads anywhere else.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(TIME))
            .max_response_header_size(MOST_HEAD)
            .max_idle_connections(0)
            .tls_config(tls(target.scheme()))
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        let checked = Checked { scheme: target.scheme(), networks, names };
        Self { target, agent: Agent::with_parts(config, connector, checked) }
    }

    fn get(&self, limit: usize) -> Result<Vec<u8>, OutboundError> {
        let answer = self.agent.get(self.target.as_str()).call();
        let mut answer = self.taken(answer, &[200])?;
        // One byte more tells an answer that fits from one that is cut.
        let read = answer.body_mut().with_config().limit(limit as u64 + 1).read_to_vec();
        let too_large = || OutboundError::lasting(self.at("outbound-too-large").with("most", limit));
        match read {
            Ok(body) if body.len() <= limit => Ok(body),
            Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => Err(too_large()),
            Err(error) => Err(self.trouble(&error)),
        }
    }

    fn post_form(&self, fields: &[(&str, &str)]) -> Result<(), OutboundError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.agent.post(self.target.as_str()).content_type("application/x-www-form-urlencoded");
        self.taken(request.send(form), &[200, 204]).map(drop)
    }

    /// Only what was asked for counts as an answer.
    fn taken(
        &self,
        answer: Result<http::Response<Body>, ureq::Error>,
        good: &[u16],
    ) -> Result<http::Response<Body>, OutboundError> {
        let answer = answer.map_err(|error| self.trouble(&error))?;
        let status = answer.status().as_u16();
        match status {
            _ if good.contains(&status) => Ok(answer),
            300..400 => Err(OutboundError::lasting(self.at("outbound-redirect").with("status", status.to_string()))),
            _ => {
                let words = self.at("outbound-status").with("status", status.to_string());
                // A proxy says 404 while the application behind it starts; 400 is the application's own no.
                Err(OutboundError { may_pass: status != 400, ..OutboundError::lasting(words) })
            }
        }
    }

    fn at(&self, key: &'static str) -> Words {
        Words::new(key).with("place", self.target.origin())
    }

    fn trouble(&self, error: &ureq::Error) -> OutboundError {
        use ureq::Error as E;
        let unreachable = |why: String| OutboundError::silence(self.at("outbound-unreachable").with("why", why));
        match error {
            E::Other(inner) => match inner.downcast_ref::<NotAllowed>() {
                Some(NotAllowed(words)) => OutboundError::lasting(words.clone()),
                None => unreachable(error.to_string()),
            },
            E::Timeout(_) => OutboundError::silence(self.at("outbound-timeout").with("seconds", TIME.as_secs() as i64)),
            E::LargeResponseHeader(..) => OutboundError::lasting(self.at("outbound-too-large").with("most", MOST_HEAD)),
            E::HostNotFound => OutboundError::silence(self.at("outbound-no-name")),
            E::Rustls(tls) => self.of_tls(tls),
            E::Io(io) => match io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(tls) => self.of_tls(tls),
                None if matches!(io.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                    OutboundError::silence(self.at("outbound-timeout").with("seconds", TIME.as_secs() as i64))
                }
                None => unreachable(io.to_string()),
            },
            other => unreachable(other.to_string()),
        }
    }

    fn of_tls(&self, error: &rustls::Error) -> OutboundError {
        OutboundError::silence(self.at("outbound-tls").with("why", error.to_string()))
    }
}

fn tls(scheme: Scheme) -> TlsConfig {
    let roots = match scheme {
        Scheme::Http => Arc::default(),
        Scheme::Https => roots(),
    };
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .root_certs(RootCerts::Specific(roots))
        .build()
}

type Roots = Arc<Vec<Certificate<'static>>>;

/// The roots that this machine trusts, read once a minute at most: a household's own authority counts soon, and strangers
/// who make us ask do not make us read.
fn roots() -> Roots {
    static READ: Mutex<Option<(Instant, Roots)>> = Mutex::new(None);
    let mut read = READ.lock().unwrap_or_else(|e| e.into_inner());
    if let Some((at, roots)) = &*read
        && at.elapsed() < ROOTS_FOR
    {
        return roots.clone();
    }
    let found = rustls_native_certs::load_native_certs().certs;
    let roots: Roots = Arc::new(found.iter().map(|der| Certificate::from_der(der).to_owned()).collect());
    *read = Some((Instant::now(), roots.clone()));
    roots
}

/// Names are resolved once, and only those of their addresses that may be asked are connected to.
#[derive(Debug)]
struct Checked<R> {
    scheme: Scheme,
    networks: Networks,
    names: R,
}

/// No address of a host may be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct NotAllowed(Words);

impl<R: Resolver> Resolver for Checked<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.names.resolve(uri, config, timeout).map_err(|error| match error {
            // The system's resolver: there is no such name, or it does not know now.
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })?;
        let (mut allowed, mut refused) = (self.empty(), None);
        for address in found.iter() {
            match self.networks.check(self.scheme, address.ip()) {
                Ok(()) => allowed.push(*address),
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        match refused {
            Some(why) if allowed.is_empty() => {
                let words = why.words(uri.host().unwrap_or_default());
                Err(ureq::Error::Other(Box::new(NotAllowed(words))))
            }
            _ => Ok(allowed),
        }
    }
}
