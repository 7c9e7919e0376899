//! What this server may ask others for, and where. A client names an address (its keys, its request object, where it hears
//! of sign-outs), and whoever registers a client must not reach by it what only this machine can.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::Url;

use crate::words::Words;

const MAX_URL: usize = 2048;
/// Networks that can be named.
const MOST_NETWORKS: usize = 32;
/// The widest networks that can be named, by the length of their prefixes: 10.0.0.0/8 and fc00::/7.
const WIDEST: (u8, u8) = (8, 7);

/// The networks that may be asked although they are not public, and by plain http too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Networks with commas or spaces between them; an address alone is a network of one.
    pub fn parse(text: &str) -> Result<Self, Words> {
        let written = text.split([',', ' ', '\n', '\r', '\t']).filter(|t| !t.is_empty());
        let networks = written.map(network).collect::<Result<Vec<_>, _>>()?;
        if networks.len() > MOST_NETWORKS {
            return Err(Words::new("bad-networks-many").with("most", MOST_NETWORKS));
        }
        Ok(Self(networks))
    }

    /// Whether an address may be asked; if not, the words for what it is.
    pub fn check(&self, scheme: Scheme, address: IpAddr) -> Result<(), Refused> {
        let address = address.to_canonical();
        if self.0.iter().any(|n| n.contains(&address)) {
            return Ok(());
        }
        match (kind(address), scheme) {
            (Some(kind), _) => Err(Refused::Address(address, kind)),
            (None, Scheme::Http) => Err(Refused::Plain(address)),
            (None, Scheme::Https) => Ok(()),
        }
    }
}

fn network(text: &str) -> Result<IpNet, Words> {
    let bad = || Words::new("bad-network").with("name", text);
    let network: IpNet = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(|_| bad())?;
    let (v4, v6) = WIDEST;
    // Addresses of IPv4 in those of IPv6 are judged as what they are.
    let is_mapped = matches!(network, IpNet::V6(n) if n.addr().to_ipv4_mapped().is_some());
    if is_mapped {
        return Err(bad());
    }
    if network.prefix_len() < if matches!(network, IpNet::V4(_)) { v4 } else { v6 } {
        return Err(Words::new("bad-network-wide").with("name", text));
    }
    Ok(network.trunc())
}

impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, network) in self.0.iter().enumerate() {
            f.write_str(if n > 0 { ", " } else { "" })?;
            match network.prefix_len() == network.max_prefix_len() {
                true => write!(f, "{}", network.addr())?,
                false => write!(f, "{network}")?,
            }
        }
        Ok(())
    }
}

/// Why an address may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    Address(IpAddr, Kind),
    /// Without https only where the administrator says so.
    Plain(IpAddr),
}

/// What an address is that is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Loopback,
    Private,
    LinkLocal,
    /// Multicast, documentation, carriers' own, reserved, or a tunnel to any of them.
    Special,
}

impl Refused {
    /// What is to be said of it, where `host` resolved to it.
    pub fn words(self, host: &str) -> Words {
        let (key, address) = match self {
            Self::Plain(address) => ("outbound-plain", address),
            Self::Address(address, Kind::Loopback) => ("outbound-loopback", address),
            Self::Address(address, Kind::Private) => ("outbound-private", address),
            Self::Address(address, Kind::LinkLocal) => ("outbound-link-local", address),
            Self::Address(address, Kind::Special) => ("outbound-special", address),
        };
        let address = address.to_string();
        let place = if host.trim_matches(['[', ']']) == address { address } else { format!("{host} ({address})") };
        Words::new(key).with("place", place)
    }
}

/// IANA's registry of special-purpose addresses of IPv4 (RFC 6890), and multicast.
const V4: [(Ipv4Net, Kind); 15] = [
    (v4(0, 0, 0, 0, 8), Kind::Special),
    (v4(10, 0, 0, 0, 8), Kind::Private),
    (v4(100, 64, 0, 0, 10), Kind::Special),
    (v4(127, 0, 0, 0, 8), Kind::Loopback),
    (v4(169, 254, 0, 0, 16), Kind::LinkLocal),
    (v4(172, 16, 0, 0, 12), Kind::Private),
    (v4(192, 0, 0, 0, 24), Kind::Special),
    (v4(192, 0, 2, 0, 24), Kind::Special),
    (v4(192, 88, 99, 0, 24), Kind::Special),
    (v4(192, 168, 0, 0, 16), Kind::Private),
    (v4(198, 18, 0, 0, 15), Kind::Special),
    (v4(198, 51, 100, 0, 24), Kind::Special),
    (v4(203, 0, 113, 0, 24), Kind::Special),
    (v4(224, 0, 0, 0, 4), Kind::Special),
    (v4(240, 0, 0, 0, 4), Kind::Special),
];

/// What is public of IPv6; everything outside is not.
const V6_PUBLIC: Ipv6Net = v6([0x2000, 0, 0], 3);
/// And within: protocol assignments with Teredo, documentation, 6to4, documentation again.
const V6_SPECIAL: [Ipv6Net; 4] =
    [v6([0x2001, 0, 0], 23), v6([0x2001, 0xdb8, 0], 32), v6([0x2002, 0, 0], 16), v6([0x3fff, 0, 0], 20)];
/// Translates to the IPv4 address at its end (RFC 6052), which is what is asked.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);
const V6_PRIVATE: Ipv6Net = v6([0xfc00, 0, 0], 7);
const V6_LINK_LOCAL: Ipv6Net = v6([0xfe80, 0, 0], 10);

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c]: [u16; 3], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// What a canonical address is, if it is not public.
fn kind(address: IpAddr) -> Option<Kind> {
    match address {
        IpAddr::V4(a) => V4.iter().find(|(n, _)| n.contains(&a)).map(|(_, kind)| *kind),
        IpAddr::V6(a) if NAT64.contains(&a) => {
            let [.., w, x, y, z] = a.octets();
            kind(IpAddr::V4(Ipv4Addr::new(w, x, y, z)))
        }
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(Kind::Loopback),
        IpAddr::V6(a) if V6_PRIVATE.contains(&a) => Some(Kind::Private),
        IpAddr::V6(a) if V6_LINK_LOCAL.contains(&a) => Some(Kind::LinkLocal),
        IpAddr::V6(a) => {
            let is_public = V6_PUBLIC.contains(&a) && !V6_SPECIAL.iter().any(|n| n.contains(&a));
            (!is_public).then_some(Kind::Special)
        }
    }
}

/// How somebody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

/// An address that may be registered. Whether it may be asked is seen when it is: names point elsewhere tomorrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// An absolute http or https address with a host, without user information and without a fragment.
    pub fn parse(text: &str) -> Result<Self, Words> {
        let bad = || Words::new("bad-outbound-url");
        // The parser would take these out in silence.
        let is_plain = text.len() <= MAX_URL && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let url = Url::parse(text).ok().filter(|_| is_plain).ok_or_else(bad)?;
        let is_web = matches!(url.scheme(), "http" | "https");
        // `https:host` and `https:///host` are addresses to a browser, and to nobody else.
        let is_absolute = text.split_once("://").is_some_and(|(_, rest)| !rest.starts_with('/'));
        let has_user = !url.username().is_empty() || url.password().is_some() || authority(text).contains('@');
        let is_fit = is_web && is_absolute && !has_user && url.fragment().is_none() && url.port() != Some(0);
        if is_fit && url.has_host() { Ok(Self(url)) } else { Err(bad()) }
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn scheme(&self) -> Scheme {
        if self.0.scheme() == "https" { Scheme::Https } else { Scheme::Http }
    }

    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn open() -> Networks {
        Networks::default()
    }

    /// The first and the last address of each special network, and the public ones before and after it.
    #[test]
    fn every_special_network_is_refused_and_its_neighbours_are_not() {
        for (first, last, before, after) in [
            ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
            ("10.0.0.0", "10.255.255.255", Some("9.255.255.255"), Some("11.0.0.0")),
            ("100.64.0.0", "100.127.255.255", Some("100.63.255.255"), Some("100.128.0.0")),
            ("127.0.0.0", "127.255.255.255", Some("126.255.255.255"), Some("128.0.0.0")),
            ("169.254.0.0", "169.254.255.255", Some("169.253.255.255"), Some("169.255.0.0")),
            ("172.16.0.0", "172.31.255.255", Some("172.15.255.255"), Some("172.32.0.0")),
            ("192.0.0.0", "192.0.0.255", Some("191.255.255.255"), Some("192.0.1.0")),
            ("192.0.2.0", "192.0.2.255", Some("192.0.1.255"), Some("192.0.3.0")),
            ("192.88.99.0", "192.88.99.255", Some("192.88.98.255"), Some("192.88.100.0")),
            ("192.168.0.0", "192.168.255.255", Some("192.167.255.255"), Some("192.169.0.0")),
            ("198.18.0.0", "198.19.255.255", Some("198.17.255.255"), Some("198.20.0.0")),
            ("198.51.100.0", "198.51.100.255", Some("198.51.99.255"), Some("198.51.101.0")),
            ("203.0.113.0", "203.0.113.255", Some("203.0.112.255"), Some("203.0.114.0")),
            ("224.0.0.0", "255.255.255.255", Some("223.255.255.255"), None),
            ("::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", None, Some("2000::")),
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2000:ffff::"), Some("2001:200::")),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:db7:ffff::"), Some("2001:db9::")),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("2001:ffff::"), Some("2003::")),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Some("3ffe:ffff::"), Some("3fff:1000::")),
            ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some("3fff:ffff::"), None),
            // NAT64 is what it leads to.
            ("64:ff9b::a00:0", "64:ff9b::aff:ffff", Some("64:ff9b::9ff:ffff"), Some("64:ff9b::b00:0")),
            ("64:ff9b::7f00:1", "64:ff9b::7fff:ffff", Some("64:ff9b::7eff:ffff"), Some("64:ff9b::8000:0")),
            // And so is IPv4 in IPv6.
            ("::ffff:10.0.0.0", "::ffff:10.255.255.255", Some("::ffff:9.255.255.255"), Some("::ffff:11.0.0.0")),
            ("::ffff:127.0.0.1", "::ffff:127.0.0.1", None, Some("::ffff:128.0.0.0")),
        ] {
            for address in [first, last] {
                assert!(open().check(Scheme::Https, ip(address)).is_err(), "{address}");
            }
            for address in [before, after].into_iter().flatten() {
                assert_eq!(open().check(Scheme::Https, ip(address)), Ok(()), "{address}");
            }
        }
        for address in ["64:ff9b:1::808:808", "2002:808:808::", "::8.8.8.8", "fe80::1", "ff02::1", "::1", "100::1"] {
            assert!(open().check(Scheme::Https, ip(address)).is_err(), "{address}");
        }
    }

    #[test]
    fn what_an_address_is_called_helps_to_allow_it() {
        for (address, kind) in [
            ("127.0.0.1", Kind::Loopback),
            ("::1", Kind::Loopback),
            ("::ffff:127.0.0.1", Kind::Loopback),
            ("192.168.1.5", Kind::Private),
            ("fd00::5", Kind::Private),
            ("169.254.169.254", Kind::LinkLocal),
            ("fe80::1", Kind::LinkLocal),
            ("100.100.100.200", Kind::Special),
        ] {
            let found = open().check(Scheme::Https, ip(address));
            assert!(matches!(found, Err(Refused::Address(_, k)) if k == kind), "{address} {found:?}");
        }
        let said = |host| Refused::Address(ip("192.168.1.5"), Kind::Private).words(host).to_string();
        assert!(said("192.168.1.5").starts_with("192.168.1.5 is a private address"), "{}", said("192.168.1.5"));
        assert!(said("nas").starts_with("nas (192.168.1.5) is a private address"), "{}", said("nas"));
    }

    #[test]
    fn a_network_that_is_named_may_be_asked_by_http_too_and_no_other_may() {
        let networks = Networks::parse("192.168.1.0/24, fd00::/8 127.0.0.1").expect("valid");
        assert_eq!(networks.to_string(), "192.168.1.0/24, fd00::/8, 127.0.0.1");
        for address in ["192.168.1.255", "fd12::1", "127.0.0.1", "::ffff:192.168.1.9"] {
            for scheme in [Scheme::Http, Scheme::Https] {
                assert_eq!(networks.check(scheme, ip(address)), Ok(()), "{address}");
            }
        }
        for address in ["192.168.2.0", "192.168.0.255", "fc00::1", "127.0.0.2", "::1"] {
            assert!(networks.check(Scheme::Https, ip(address)).is_err(), "{address}");
        }
        assert_eq!(networks.check(Scheme::Https, ip("9.9.9.9")), Ok(()));
        assert_eq!(networks.check(Scheme::Http, ip("9.9.9.9")), Err(Refused::Plain(ip("9.9.9.9"))));
        let public = Networks::parse("9.9.9.0/24").expect("valid");
        assert_eq!(public.check(Scheme::Http, ip("9.9.9.9")), Ok(()));
    }

    #[test]
    fn networks_are_bounded_and_written_one_way() {
        for (text, written) in [
            ("", Some("")),
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("10.0.0.0/7", None),
            ("0.0.0.0/0", None),
            ("fc00::/7", Some("fc00::/7")),
            ("fc00::/6", None),
            ("::/0", None),
            ("::ffff:10.0.0.0/104", None),
            ("nas", None),
            ("10.0.0.0/33", None),
            ("192.168.1.5\n192.168.1.6", Some("192.168.1.5, 192.168.1.6")),
        ] {
            assert_eq!(Networks::parse(text).ok().map(|n| n.to_string()).as_deref(), written, "{text}");
        }
        let many = |n: usize| vec!["10.0.0.1"; n].join(" ");
        assert!(Networks::parse(&many(MOST_NETWORKS)).is_ok() && Networks::parse(&many(MOST_NETWORKS + 1)).is_err());
    }

    #[test]
    fn addresses_are_absolute_without_users_and_fragments() {
        for text in [
            "https://app.example/logout",
            "https://app.example",
            "https://app.example:8443/a?b=c",
            "http://192.168.1.5/x",
            "https://[fd00::5]:9/x",
            "HTTPS://App.Example/x",
        ] {
            assert!(Target::parse(text).is_ok(), "{text}");
        }
        let long = format!("https://app.example/{}", "x".repeat(MAX_URL));
        for text in [
            "",
            "app.example/logout",
            "//app.example/x",
            "/x",
            "ftp://app.example/x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/plain,x",
            "https:app.example",
            "https:/app.example",
            "https:///app.example",
            "https://",
            "https://me@app.example/x",
            "https://:pw@app.example/x",
            "https://@app.example/x",
            "https://app.example/x#y",
            "https://app.example/x#",
            "https://app.example:0/x",
            "https://app.example:65536/x",
            "https://app.example\\@evil.example/",
            "https://app.exam\tple/",
            " https://app.example/",
            "https://app.example/a b",
            "https://äpp.example/",
            &long,
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn odd_spellings_of_an_address_are_that_address() {
        for host in ["127.0.0.1", "0x7f.1", "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "127.0.0.1."] {
            let target = Target::parse(&format!("https://{host}/")).expect(host);
            assert_eq!(target.as_str(), "https://127.0.0.1/", "{host}");
        }
    }

    proptest! {
        /// An IPv4 address is the same whatever it is wrapped in, except in tunnels, which are never public.
        #[test]
        fn no_wrapping_makes_an_address_public(bits in any::<u32>()) {
            let plain = Ipv4Addr::from(bits);
            let is_open = open().check(Scheme::Https, plain.into()).is_ok();
            let [a, b, c, d] = plain.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            let mapped = Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, low);
            let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low);
            prop_assert_eq!(open().check(Scheme::Https, mapped.into()).is_ok(), is_open);
            prop_assert_eq!(open().check(Scheme::Https, nat64.into()).is_ok(), is_open);
            for tunnel in [
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
            ] {
                prop_assert!(open().check(Scheme::Https, tunnel.into()).is_err());
            }
        }

        #[test]
        fn no_spelling_crashes(text in "\\PC{0,80}|https?://[0-9a-fx.:\\[\\]@/#]{0,30}") {
            if let Ok(target) = Target::parse(&text) {
                prop_assert_eq!(Target::parse(target.as_str()), Ok(target.clone()));
            }
            let _ = Networks::parse(&text);
        }
    }
}
