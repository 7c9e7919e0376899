//! The listeners of `/metrics`: an edge of their own. Nothing of the public one is reached by them, nor they by it, and a
//! crowd at the one does not keep monitoring out at the other.

use std::net::IpAddr;
use std::sync::Arc;

use super::CliError;
use crate::app::App;
use crate::endpoints::metrics;
use crate::server::{self, Counted, Limits, Server, Settings};

/// A few monitors are enough for a house.
pub fn limits() -> Limits {
    Limits { connections: 8, per_address: 4, in_flight: 2, uploads: 1, ..Limits::default() }
}

/// Begins to answer monitors, where the settings say so.
pub fn start(app: &Arc<App>, public: Counted) -> Result<Option<Server>, CliError> {
    if app.config.metrics_listen.is_empty() {
        return Ok(None);
    }
    let settings = Settings {
        listen: app.config.metrics_listen.clone(),
        tls: None,
        limits: limits(),
        trusted_proxies: Vec::new(),
    };
    let asked = Arc::clone(app);
    let handler = Arc::new(move |request: &_| metrics::answer(&asked, &public, request));
    let server = server::start(settings, handler).map_err(|error| CliError::start(&error, error.is_passing()))?;
    for address in server.local_addrs() {
        tracing::info!(%address, "listening for /metrics");
        if !is_near(address.ip()) {
            tracing::warn!(%address, "whoever reaches this address reads /metrics: let it be one of a private network");
        }
    }
    Ok(Some(server))
}

/// Whether an address is this machine's own or a private network's (RFC 1918, RFC 4193, RFC 6598, link-local).
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let is_shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            v4.is_loopback() || v4.is_private() || v4.is_link_local() || is_shared
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_near(v4.into()),
            None => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_is_this_machine_and_private_networks() {
        for near in ["127.0.0.1", "10.1.2.3", "192.168.1.5", "172.20.0.1", "100.100.1.1", "::1", "fd00::1", "fe80::1"] {
            assert!(is_near(near.parse().expect(near)), "{near}");
        }
        for far in ["0.0.0.0", "::", "203.0.113.5", "100.128.0.1", "2001:db8::1", "::ffff:203.0.113.5"] {
            assert!(!is_near(far.parse().expect(far)), "{far}");
        }
    }
}
