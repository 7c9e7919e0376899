//! Who the client is, when a proxy stands between us. Only configured proxies are believed.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::head::Head;
use crate::http::{Scheme, Via};

/// The client of a request and the way it took, as far as anyone trustworthy says. `spoken` is what the peer speaks.
pub(super) fn client_of(peer: IpAddr, spoken: Scheme, head: &Head<'_>, trusted: &[IpNet]) -> (IpAddr, Via) {
    if !is_trusted(peer, trusted) {
        let via = if head.forwarded_for.is_empty() { Via::Direct(spoken) } else { Via::Stranger(spoken) };
        return (peer, via);
    }
    let proto = head.forwarded_proto.and_then(|p| p.rsplit(',').next()).map(|p| p.trim_matches(' '));
    let scheme = proto.map(|p| if p.eq_ignore_ascii_case("https") { Scheme::Https } else { Scheme::Http });
    let via = match (scheme, head.forwarded_host) {
        // Another machine of a trusted network, or this one, asks for itself.
        (None, None) if head.forwarded_for.is_empty() => Via::Direct(spoken),
        (scheme, host) => Via::Proxy { scheme, host: host.map(str::to_owned) },
    };
    (forwarded_client(peer, &head.forwarded_for, trusted), via)
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
        let (client, via) = client_of(peer.parse().unwrap(), Scheme::Http, &head, &trusted);
        assert_eq!(via.is_https(), peer == PROXY);
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
        let via = |p| {
            let head = Head { forwarded_proto: p, forwarded_host: Some("a.example"), ..head() };
            client_of(PROXY.parse().unwrap(), Scheme::Https, &head, &trusted).1
        };
        let proxy = |scheme| Via::Proxy { scheme, host: Some("a.example".into()) };
        assert_eq!(via(Some("http, https")), proxy(Some(Scheme::Https)));
        assert_eq!(via(Some("https, http")), proxy(Some(Scheme::Http)));
        assert_eq!(via(Some("gopher")), proxy(Some(Scheme::Http)));
        assert_eq!(via(None), proxy(None));
    }

    #[test]
    fn who_forwards_and_is_not_trusted_is_a_stranger_and_who_forwards_nothing_speaks_for_itself() {
        let trusted = ["10.0.0.0/24".parse().unwrap()];
        let via = |peer: &str, head: &Head<'_>| client_of(peer.parse().unwrap(), Scheme::Https, head, &trusted).1;
        let forwarded = Head { forwarded_for: vec!["198.51.100.1"], ..head() };
        let claimed = Head { forwarded_proto: Some("https"), forwarded_host: Some("evil.example"), ..head() };
        assert_eq!(via("192.0.2.9", &forwarded), Via::Stranger(Scheme::Https));
        assert_eq!(via("192.0.2.9", &claimed), Via::Direct(Scheme::Https));
        assert_eq!(via(PROXY, &forwarded), Via::Proxy { scheme: None, host: None });
        assert_eq!(via(PROXY, &head()), Via::Direct(Scheme::Https));
    }
}
