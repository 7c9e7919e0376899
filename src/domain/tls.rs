//! Certificates of the own authority: for which names, how long, and when it is time for a new one.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use super::UnixSeconds;
use super::base_url::BaseUrl;

const DAY: UnixSeconds = 86_400;
/// A certificate is valid from a day before it is made: clocks of a house differ, and that of a Pi may be set late.
const EARLIER: UnixSeconds = DAY;
/// No client takes a server's certificate that is valid for longer than 398 days.
const LEAF: UnixSeconds = 397 * DAY;
/// Ten years with their leap days: nobody likes to install a root.
const ROOT: UnixSeconds = 3_652 * DAY;
/// A clock that is wrong by centuries makes a useless certificate, and no panic: X.509 ends with the year 9999.
const LATEST: UnixSeconds = 200 * 365 * DAY;
/// How long before the root's end people are told that they will need a new one.
const ROOT_NOTICE: UnixSeconds = 180 * DAY;

/// Host names and addresses that a certificate is for, or that an authority may make certificates for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    hosts: BTreeSet<String>,
    addresses: BTreeSet<IpAddr>,
}

/// A name that no certificate of ours can be for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no host name or address, such as auth.home.example or 192.168.1.5")]
pub struct BadName(pub String);

impl Names {
    /// Reads names and addresses, separated by commas.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let mut names = Self::default();
        for name in text.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            names.add(name)?;
        }
        Ok(names)
    }

    /// The same and the host of the base URL.
    pub fn with_host_of(mut self, base: &BaseUrl) -> Result<Self, BadName> {
        self.add(base.host())?;
        Ok(self)
    }

    fn add(&mut self, name: &str) -> Result<(), BadName> {
        let bare = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name);
        if let Ok(address) = bare.parse::<IpAddr>() {
            self.addresses.insert(address.to_canonical());
        } else if is_host(name) {
            self.hosts.insert(name.to_ascii_lowercase());
        } else {
            return Err(BadName(name.to_owned()));
        }
        Ok(())
    }

    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(String::as_str)
    }

    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().copied()
    }

    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.addresses.is_empty()
    }

    /// Those that an authority limited to `permitted` may make certificates for, and the others.
    pub fn split(&self, permitted: &Self) -> (Self, Self) {
        let (hosts, other_hosts) = self.hosts.iter().cloned().partition(|h| permitted.permits_host(h));
        let (addresses, other_addresses) = self.addresses.iter().partition(|a| permitted.addresses.contains(*a));
        (Self { hosts, addresses }, Self { hosts: other_hosts, addresses: other_addresses })
    }

    /// RFC 5280 section 4.2.1.10: a permitted name permits the names below it too.
    fn permits_host(&self, host: &str) -> bool {
        let is_below = |p: &String| host.strip_suffix(p.as_str()).is_some_and(|rest| rest.ends_with('.'));
        self.hosts.iter().any(|p| host == p || is_below(p))
    }
}

impl fmt::Display for Names {
    /// In the form that [`Names::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts.iter().cloned();
        let all: Vec<String> = hosts.chain(self.addresses.iter().map(ToString::to_string)).collect();
        f.write_str(&all.join(", "))
    }
}

/// Letters, digits, hyphens and underscores between dots; and not what could be read as an IPv4 address.
pub(super) fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(fits) && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253 && name.split('.').all(is_label) && !last.bytes().all(|b| b.is_ascii_digit())
}

/// From when until when a certificate is valid, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub not_before: UnixSeconds,
    pub not_after: UnixSeconds,
}

impl Validity {
    /// Of a root made now.
    pub fn of_root(now: UnixSeconds) -> Self {
        let not_before = beginning(now);
        Self { not_before, not_after: not_before + ROOT - 1 }
    }

    /// Of a server's certificate made now: within its root's.
    pub fn of_leaf(now: UnixSeconds, root: Self) -> Self {
        let not_before = beginning(now).clamp(root.not_before, root.not_after);
        Self { not_before, not_after: (not_before + LEAF - 1).min(root.not_after) }
    }

    pub fn holds(self, now: UnixSeconds) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }

    /// When it is time for the next one: with a third left.
    pub fn renewal(self) -> UnixSeconds {
        self.not_after - (self.not_after - self.not_before) / 3
    }
}

fn beginning(now: UnixSeconds) -> UnixSeconds {
    (now - EARLIER).clamp(0, LATEST)
}

/// Why a new certificate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// There is none.
    First,
    /// A third of its time is left, or none.
    Renewal,
    /// It was made by a clock that ran ahead.
    NotYetValid,
    /// The names in the settings are others.
    Names,
}

impl Due {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "there was none",
            Self::Renewal => "it was time",
            Self::NotYetValid => "the clock had been ahead",
            Self::Names => "the names changed",
        }
    }
}

/// Whether the server needs a new certificate. `wanted` are the names that its root permits. By a clock that nothing
/// vouches for none is renewed: were it ahead, everybody else would find the new one not yet valid.
pub fn is_due(
    leaf: Option<(&Names, Validity)>,
    wanted: &Names,
    root: Validity,
    now: UnixSeconds,
    is_doubtful: bool,
) -> Option<Due> {
    let Some((names, validity)) = leaf else { return Some(Due::First) };
    // Under a root that has ended nothing can be made that is better than what there is.
    if now > root.not_after {
        return None;
    }
    if names != wanted {
        return Some(Due::Names);
    }
    if now < validity.not_before {
        return Some(Due::NotYetValid);
    }
    // One that ends with its root cannot be followed by one that ends later.
    let can_be_longer = Validity::of_leaf(now, root).not_after > validity.not_after;
    (now >= validity.renewal() && can_be_longer && !is_doubtful).then_some(Due::Renewal)
}

/// What is wrong with the root, so that people will have to install another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootProblem {
    /// The settings name hosts or addresses that it may not make certificates for.
    Outside(Names),
    /// It ends soon, or has ended.
    Ends(UnixSeconds),
}

/// The first thing that is wrong with a root.
pub fn root_problem(outside: &Names, root: Validity, now: UnixSeconds) -> Option<RootProblem> {
    if !outside.is_empty() {
        return Some(RootProblem::Outside(outside.clone()));
    }
    (now > root.not_after - ROOT_NOTICE).then_some(RootProblem::Ends(root.not_after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> Names {
        Names::parse(text).expect(text)
    }

    #[test]
    fn names_and_addresses_are_told_apart_and_written_one_way() {
        let all = names(" auth.home.example,NAS, 192.168.1.5,[fd00::1], ::ffff:10.0.0.1,nas ");
        assert_eq!(all.to_string(), "auth.home.example, nas, 10.0.0.1, 192.168.1.5, fd00::1");
        assert_eq!(names(&all.to_string()), all);
        assert!(names("").is_empty() && names(" , ").is_empty());
        let base = BaseUrl::parse("https://[fd00::1]:8443").expect("valid");
        assert_eq!(names("nas").with_host_of(&base).expect("valid").to_string(), "nas, fd00::1");
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        for bad in ["*.home.example", "a b", "a..b", ".a", "a.", "-a", "a-", "1.2.3", "1.2.3.4.5", "ä.example", &long]
        {
            assert_eq!(Names::parse(&format!("nas,{bad}")), Err(BadName(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn a_root_permits_its_names_and_those_below_and_its_very_addresses() {
        let permitted = names("home.example, nas, 192.168.1.5");
        for inside in ["home.example", "auth.home.example", "nas", "x.nas", "192.168.1.5", "HOME.example"] {
            assert!(names(inside).split(&permitted).1.is_empty(), "{inside}");
        }
        for outside in ["example", "ahome.example", "home.example.evil", "192.168.1.6", "fd00::1", "nas2"] {
            assert!(names(outside).split(&permitted).0.is_empty(), "{outside}");
        }
        let (inside, outside) = names("auth.home.example, auth.example, 10.0.0.1").split(&permitted);
        assert_eq!(
            (inside.to_string(), outside.to_string()),
            ("auth.home.example".into(), "auth.example, 10.0.0.1".into())
        );
    }

    #[test]
    fn a_certificate_is_renewed_when_a_third_of_it_is_left() {
        let (now, wanted) = (1_800_000_000, names("nas"));
        let root = Validity::of_root(now);
        let leaf = Validity::of_leaf(now, root);
        assert!(leaf.not_after - leaf.not_before < 397 * DAY && leaf.holds(now) && leaf.holds(now - DAY));
        let due = |at| is_due(Some((&wanted, leaf)), &wanted, root, at, false);
        assert_eq!((due(now), due(leaf.renewal() - 1)), (None, None));
        for late in [leaf.renewal(), leaf.not_after, leaf.not_after + 10 * DAY] {
            assert_eq!(due(late), Some(Due::Renewal));
        }
        assert!((leaf.not_after - leaf.renewal() - 132 * DAY).abs() < DAY);
        assert_eq!(due(leaf.not_before - 1), Some(Due::NotYetValid), "made by a clock that ran ahead");
        assert_eq!(is_due(None, &wanted, root, now, true), Some(Due::First));
        assert_eq!(is_due(Some((&wanted, leaf)), &names("nas, auth"), root, now, true), Some(Due::Names));
    }

    #[test]
    fn a_doubtful_clock_renews_nothing_and_an_ended_root_makes_nothing() {
        let (now, wanted) = (1_800_000_000, names("nas"));
        let root = Validity::of_root(now);
        let leaf = Validity::of_leaf(now, root);
        assert_eq!(is_due(Some((&wanted, leaf)), &wanted, root, leaf.renewal(), true), None);
        assert_eq!(is_due(Some((&wanted, leaf)), &wanted, root, leaf.renewal(), false), Some(Due::Renewal));
        for wanted in [names("nas"), names("nas, auth")] {
            let nas = names("nas");
            assert_eq!(is_due(Some((&nas, leaf)), &wanted, root, root.not_after + 1, false), None);
        }
    }

    #[test]
    fn a_certificate_ends_with_its_root_at_the_latest_and_is_not_made_again_and_again_then() {
        let (now, wanted) = (1_800_000_000, names("nas"));
        let root = Validity::of_root(now);
        let late = root.not_after - 30 * DAY;
        let leaf = Validity::of_leaf(late, root);
        assert_eq!(leaf.not_after, root.not_after);
        assert_eq!(is_due(Some((&wanted, leaf)), &wanted, root, root.not_after - DAY, false), None);
    }

    #[test]
    fn people_are_told_half_a_year_before_the_root_ends_and_when_it_is_too_narrow() {
        let root = Validity::of_root(1_800_000_000);
        let none = Names::default();
        let notice = root.not_after - ROOT_NOTICE;
        assert_eq!(root_problem(&none, root, notice), None);
        assert_eq!(root_problem(&none, root, notice + 1), Some(RootProblem::Ends(root.not_after)));
        assert_eq!(root_problem(&names("nas"), root, notice), Some(RootProblem::Outside(names("nas"))));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_reads_the_same_again(text in "[a-z0-9.,:\\[\\] -]{0,40}|\\PC{0,40}") {
            if let Ok(read) = Names::parse(&text) {
                prop_assert_eq!(Names::parse(&read.to_string()), Ok(read.clone()));
                prop_assert!(read.split(&read).1.is_empty());
            }
        }

        #[test]
        fn no_certificate_ends_before_it_begins(now: u32, made: u32) {
            let root = Validity::of_root(made.into());
            let leaf = Validity::of_leaf(now.into(), root);
            prop_assert!(root.not_before <= leaf.not_before);
            prop_assert!(leaf.not_before <= leaf.not_after && leaf.not_after <= root.not_after);
        }

        #[test]
        fn whatever_the_clock_says_a_new_certificate_holds_now(now in 0..4_000_000_000_i64, age in 0..3_000_i64) {
            let root = Validity::of_root(now - age * DAY);
            let leaf = Validity::of_leaf(now, root);
            prop_assert!(leaf.holds(now) && root.holds(now));
            prop_assert!(leaf.not_after <= root.not_after && leaf.not_before >= root.not_before);
        }
    }
}
