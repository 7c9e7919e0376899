//! TLS: which versions and what is offered, and the certificate that is shown, which can be exchanged while
//! connections are open.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::crypto::identity::Identity;

/// Where https is served, and by which certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    pub listen: Vec<SocketAddr>,
    pub certificate: Arc<Certificate>,
}

/// The certificate that new connections are shown. Those that are open keep theirs.
pub struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    pub fn new(identity: &Identity) -> Self {
        Self(RwLock::new(identity.certified_key()))
    }

    pub fn replace(&self, identity: &Identity) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = identity.certified_key();
    }
}

impl ResolvesServerCert for Certificate {
    /// There is one, whatever name the client asks for: a client that asks by address names none.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(..)")
    }
}

/// TLS 1.3 and 1.2 with the backend's own choice of ciphers, HTTP/1.1 inside, no early data (it can be replayed).
pub(super) fn config(certificate: Arc<Certificate>) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .expect("the backend has ciphers for TLS 1.3 and 1.2");
    let mut config = config.with_no_client_auth().with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}
