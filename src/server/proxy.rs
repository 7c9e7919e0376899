//! Who the client is, when a proxy stands between us. Only configured proxies are believed.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::head::Head;
use crate::http::Scheme;

/// The client of a request and what it spoke, as far as anyone trustworthy says.
pub(super) fn client_of(peer: IpAddr, head: &Head<'_>, trusted: &[IpNet]) -> (IpAddr, Scheme) {
    if !is_trusted(peer, trusted) {
        return (peer, Scheme::Http);
    }
    let proto = head.forwarded_proto.and_then(|p| p.rsplit(',').next()).map(|p| p.trim_matches(' '));
    let scheme = match proto {
        Some(p) if p.eq_ignore_ascii_case("https") => Scheme::Https,
        _ => Scheme::Http,
    };
    (forwarded_client(peer, &head.forwarded_for, trusted), scheme)
}

pub(super) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|net| net.contains(&address))
}

/// An IPv4 client of an IPv6 socket is an IPv4 client.
pub(super) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Each proxy appends whom it heard from, so the list is read from its end: the first address that is not a trusted
/// proxy is the client, and what stands before it is the client's own invention. Behind an entry that is no address
/// nothing can be believed either.
fn forwarded_client(peer: IpAddr, lines: &[&str], trusted: &[IpNet]) -> IpAddr {
    let mut client = peer;
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = address_in(entry.trim_matches(' ')) else { return client };
        client = address;
        if !is_trusted(address, trusted) {
            return client;
        }
    }
    client
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address_in(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|e| e.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse::<SocketAddr>().map(|a| a.ip()));
    address.ok().map(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, lines: &[&str]) -> String {
        let trusted = ["10.0.0.0/24".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let head = Head { forwarded_for: lines.to_vec(), forwarded_proto: Some("https"), ..head() };
        let (client, scheme) = client_of(peer.parse().unwrap(), &head, &trusted);
        assert_eq!(scheme == Scheme::Https, peer == PROXY);
        client.to_string()
    }

    fn head() -> Head<'static> {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        super::super::head::parse_head(head, &super::super::Limits::default()).unwrap()
    }

    #[test]
    fn a_stranger_is_not_believed_and_a_trusted_proxy_is() {
        assert_eq!(client("192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(client(PROXY, &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(PROXY, &[]), PROXY);
    }

    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        assert_eq!(client(PROXY, &["1.1.1.1, 198.51.100.1, 10.0.0.7"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["1.1.1.1", "198.51.100.1", "10.0.0.7"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["198.51.100.1:4711, [fd00::1]:80"]), "198.51.100.1");
        assert_eq!(client(PROXY, &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn nothing_before_an_unreadable_entry_is_believed() {
        assert_eq!(client(PROXY, &["1.1.1.1, unknown"]), PROXY);
        assert_eq!(client(PROXY, &["1.1.1.1, , 10.0.0.7"]), "10.0.0.7");
    }

    #[test]
    fn only_the_nearest_proxys_scheme_counts() {
        let trusted = ["10.0.0.0/24".parse().unwrap()];
        let scheme = |p| client_of(PROXY.parse().unwrap(), &Head { forwarded_proto: p, ..head() }, &trusted).1;
        assert_eq!(scheme(Some("http, https")), Scheme::Https);
        assert_eq!(scheme(Some("https, http")), Scheme::Http);
        assert_eq!(scheme(Some("gopher")), Scheme::Http);
        assert_eq!(scheme(None), Scheme::Http);
    }
}
