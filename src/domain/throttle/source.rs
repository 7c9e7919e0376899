//! From where guesses come, and how that is written down.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// From where somebody guesses, as far as failures are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An address; of IPv6 a customer owns a whole /64, which counts as one.
    Network(IpAddr),
    /// The /48 around such a /64, which may be one customer's too: 65,536 networks.
    Site(Ipv6Addr),
    /// A browser in which this very user has signed in, by the hash of its token: strangers' guesses are none of it.
    Device([u8; 32]),
    /// From wherever, since who guesses a second factor knows the password and may have many addresses.
    Anywhere,
}

impl Source {
    /// What an address is counted by: its network, and the site that this is a part of.
    pub fn of(address: IpAddr) -> [Option<Self>; 2] {
        [Some(Self::network(address)), Self::site(address)]
    }

    /// The site of an address of IPv6.
    pub fn site(address: IpAddr) -> Option<Self> {
        let IpAddr::V6(six) = address.to_canonical() else { return None };
        let [a, b, c, ..] = six.segments();
        Some(Self::Site(Ipv6Addr::from([a, b, c, 0, 0, 0, 0, 0])))
    }

    /// The widest that an address is counted by: its site, or its network where it has none.
    pub fn around(address: IpAddr) -> Self {
        Self::site(address).unwrap_or_else(|| Self::network(address))
    }

    /// The network of an address.
    pub fn network(address: IpAddr) -> Self {
        Self::Network(match address.to_canonical() {
            IpAddr::V6(a) => {
                let [a, b, c, d, ..] = a.segments();
                Ipv6Addr::from([a, b, c, d, 0, 0, 0, 0]).into()
            }
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Network(network @ IpAddr::V4(_)) => write!(f, "{network}"),
            Self::Network(network @ IpAddr::V6(_)) => write!(f, "{network}/64"),
            Self::Site(site) => write!(f, "{site}/48"),
            Self::Device(hash) => {
                f.write_str("device ")?;
                hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Anywhere => f.write_str("anywhere"),
        }
    }
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a source of guesses")]
pub struct BadSource;

impl FromStr for Source {
    type Err = BadSource;

    fn from_str(text: &str) -> Result<Self, BadSource> {
        if text == "anywhere" {
            return Ok(Self::Anywhere);
        }
        if let Some(site) = text.strip_suffix("/48") {
            return site.parse().ok().and_then(Self::site).ok_or(BadSource);
        }
        let Some(hex) = text.strip_prefix("device ") else {
            return text.trim_end_matches("/64").parse().map(Self::network).map_err(|_| BadSource);
        };
        let byte = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(BadSource);
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
        bytes.try_into().map(Self::Device).map_err(|_| BadSource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_as_it_was_written() {
        let six: IpAddr = "2001:db8:1:2:3:4:5:6".parse().expect("an address");
        let four: IpAddr = "192.0.2.1".parse().expect("an address");
        let sources = [Source::network(six), Source::network(four), Source::Device([0xab; 32]), Source::Anywhere];
        let sources = sources.into_iter().chain(Source::site(six));
        for source in sources {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
        assert_eq!(Source::network(six).to_string(), "2001:db8:1:2::/64");
        assert_eq!(
            (Source::around(six), Source::around(four)),
            (Source::site(six).expect("a site"), Source::network(four))
        );
        assert_eq!(Source::network("::ffff:192.0.2.1".parse().expect("an address")), Source::network(four));
        assert_eq!(Source::of(six).map(|s| s.expect("both").to_string()), ["2001:db8:1:2::/64", "2001:db8:1::/48"]);
        for four in ["192.0.2.1", "::ffff:192.0.2.1"].map(|a| a.parse().expect("an address")) {
            assert_eq!(Source::of(four)[1], None, "{four}");
        }
        for bad in
            ["192.0.2.1/48", "/48", "", "somewhere", "device ", "device abc", "device äöü", "192.0.2", "anywhere "]
        {
            assert_eq!(bad.parse::<Source>(), Err(BadSource), "{bad}");
        }
    }
}
