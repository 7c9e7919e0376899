//! The circumstances under which access is decided: when, from where, and how the user had signed in.

use std::net::IpAddr;

use super::UnixSeconds;

/// What policies and scope mappings may know of a request besides the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The user's own address: at the back-channel, where a client's server asks, that of the user when the grant was
    /// made. `None` when it is not known.
    pub address: Option<IpAddr>,
    /// How the user proved who they are (RFC 8176).
    pub amr: Vec<String>,
    pub now: UnixSeconds,
    /// How far the machine's local time is ahead of UTC at `now`, in seconds.
    pub utc_offset: i32,
}

impl Circumstances {
    /// Reads an address and a list of methods as the store keeps them.
    pub fn new(address: &str, amr: &str, now: UnixSeconds, utc_offset: i32) -> Self {
        Self {
            address: address.parse().ok().map(|a: IpAddr| a.to_canonical()),
            amr: amr.split_whitespace().map(str::to_owned).collect(),
            now,
            utc_offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_by_its_plain_form_and_an_empty_one_is_unknown() {
        let address = |text| Circumstances::new(text, "pwd otp", 0, 0).address.map(|a| a.to_string());
        assert_eq!(address("::ffff:192.168.1.5").as_deref(), Some("192.168.1.5"));
        assert_eq!(address("fd00::1").as_deref(), Some("fd00::1"));
        assert_eq!(address(""), None);
        assert_eq!(Circumstances::new("", "pwd otp", 0, 0).amr, ["pwd", "otp"]);
        assert!(Circumstances::new("", "", 0, 0).amr.is_empty());
    }
}
