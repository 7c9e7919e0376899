//! What an administrator should look at: the warnings of the Dashboard, and when each is given.

use super::UnixSeconds;
use super::backup;
use super::clock::{Standing, Synchronised};
use super::forwarding::Misfit;
use super::tls::{RootProblem, Validity};

/// What is known of the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub is_https: bool,
    /// Whether the base URL is this machine's own name.
    pub is_loopback: bool,
    /// Passkeys that were made for another host: some of them, as "user (name)", how many there are, and the host of one.
    pub passkeys_elsewhere: Option<(Vec<String>, usize, String)>,
    /// Applications whose addresses have the provider's own host name.
    pub on_own_host: Vec<String>,
    pub administrators: i64,
    /// The algorithm and the age of each key that signs.
    pub signing: Vec<(String, UnixSeconds)>,
    /// `None` where the system does not tell.
    pub disk: Option<Disk>,
    /// Policies and scope mappings that failed in the last days, each once.
    pub failed: Vec<Failed>,
    pub clock: Standing,
    pub synchronised: Synchronised,
    /// The age of the last backup that was proven restorable. `None` when there never was one.
    pub backup: Option<UnixSeconds>,
    /// What is wrong where backups are.
    pub backup_troubles: Vec<backup::Trouble>,
    pub now: UnixSeconds,
    /// When the certificate that is shown is valid, and whether it is for the host of the base URL.
    pub certificate: Option<(Validity, bool)>,
    /// Why newer certificate files are not used.
    pub certificate_trouble: Option<String>,
    /// What is wrong with the root of the own certificate authority.
    pub root: Option<RootProblem>,
    /// What reverse proxies did lately that they should not.
    pub misfits: Vec<Misfit>,
}

/// The disk that the data folder is on, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    pub free: u64,
    pub whole: u64,
}

/// An expression that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    Policy(String),
    ScopeMapping(String),
}

/// Something to mend, the most pressing first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    DiskNearlyFull(Disk),
    /// The machine's clock is behind the time that has been.
    ClockBehind,
    /// So it is, and yet it is synchronised: an earlier one was wrong.
    TimeAhead,
    /// The machine's clock is far ahead, and nothing vouches for it.
    ClockDoubtful,
    /// The certificate is not valid any more, or not yet.
    CertificateInvalid(Validity),
    CertificateForOthers,
    CertificateTrouble(String),
    CertificateEnds(UnixSeconds),
    Root(RootProblem),
    Misfit(Misfit),
    PlainHttp,
    Loopback,
    OwnHost(Vec<String>),
    /// As in [`Facts::passkeys_elsewhere`].
    PasskeysElsewhere(Vec<String>, usize, String),
    OneAdministrator,
    NoBackup,
    /// The last one is so many days old.
    OldBackup(i64),
    Backup(backup::Trouble),
    OldKey(String),
    Failed(Failed),
}

const YEAR: UnixSeconds = 365 * 86_400;
const LEAST_FREE: u64 = 200 << 20;
/// With so much free no disk is nearly full, however large it is.
const ENOUGH_FREE: u64 = 2 << 30;
/// Whoever renews certificates does so earlier.
const CERTIFICATE_NOTICE: UnixSeconds = 10 * 86_400;

impl Disk {
    /// Whether there may soon be no room for what must be written.
    pub fn is_nearly_full(self) -> bool {
        self.free < (self.whole / 10).clamp(LEAST_FREE, ENOUGH_FREE)
    }
}

/// Everything that should be mended.
pub fn warnings(facts: &Facts) -> Vec<Warning> {
    let mut found = Vec::new();
    found.extend(facts.disk.filter(|d| d.is_nearly_full()).map(Warning::DiskNearlyFull));
    found.extend(match (facts.clock, facts.synchronised) {
        (Standing::InStep, _) => None,
        (Standing::Doubtful { .. }, _) => Some(Warning::ClockDoubtful),
        (Standing::Behind { .. }, Synchronised::Yes) => Some(Warning::TimeAhead),
        (Standing::Behind { .. }, Synchronised::No | Synchronised::Untold) => Some(Warning::ClockBehind),
    });
    found.extend(certificate(facts));
    found.extend(facts.root.clone().map(Warning::Root));
    found.extend(facts.misfits.iter().cloned().map(Warning::Misfit));
    found.extend((!facts.is_https && !facts.is_loopback).then_some(Warning::PlainHttp));
    found.extend(facts.is_loopback.then_some(Warning::Loopback));
    let elsewhere = facts.passkeys_elsewhere.clone();
    found.extend(elsewhere.map(|(some, all, host)| Warning::PasskeysElsewhere(some, all, host)));
    found.extend((!facts.on_own_host.is_empty()).then(|| Warning::OwnHost(facts.on_own_host.clone())));
    found.extend((facts.administrators < 2).then_some(Warning::OneAdministrator));
    found.extend(match facts.backup {
        None => Some(Warning::NoBackup),
        Some(age) => (age > backup::STALE).then_some(Warning::OldBackup(age / 86_400)),
    });
    found.extend(facts.backup_troubles.iter().cloned().map(Warning::Backup));
    let old = facts.signing.iter().filter(|(_, age)| *age > YEAR);
    found.extend(old.map(|(alg, _)| Warning::OldKey(alg.clone())));
    found.extend(facts.failed.iter().cloned().map(Warning::Failed));
    found
}

/// The certificate that is shown, and the one that should be.
fn certificate(facts: &Facts) -> Vec<Warning> {
    let mut found = Vec::new();
    if let Some((validity, is_for_us)) = facts.certificate {
        let ends_soon = facts.now > validity.not_after - CERTIFICATE_NOTICE;
        found.extend((!validity.holds(facts.now)).then_some(Warning::CertificateInvalid(validity)));
        found.extend((!is_for_us).then_some(Warning::CertificateForOthers));
        found.extend((validity.holds(facts.now) && ends_soon).then_some(Warning::CertificateEnds(validity.not_after)));
    }
    found.extend(facts.certificate_trouble.clone().map(Warning::CertificateTrouble));
    found
}

/// Whether an address, or a regular expression for addresses, leads to a host, on whatever port.
pub fn is_on_host(address: &str, host: &str) -> bool {
    let address = address.replace('\\', "");
    let Some((_, rest)) = address.split_once("://") else { return false };
    // The brackets of an IPv6 address hold colons that end nothing.
    let end = match rest.starts_with('[') {
        true => rest.find(']').map_or(rest.len(), |at| at + 1),
        false => rest.find([':', '/', '?', '#']).unwrap_or(rest.len()),
    };
    rest[..end].eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_800_000_000;
    const VALID: Validity = Validity { not_before: NOW - 1, not_after: NOW + CERTIFICATE_NOTICE };

    fn healthy() -> Facts {
        Facts {
            is_https: true,
            is_loopback: false,
            passkeys_elsewhere: None,
            on_own_host: vec![],
            administrators: 2,
            signing: vec![("RS256".into(), YEAR), ("ES256".into(), 0)],
            disk: Some(Disk { free: 10 << 30, whole: 30 << 30 }),
            failed: vec![],
            clock: Standing::InStep,
            synchronised: Synchronised::Yes,
            backup: Some(backup::STALE),
            backup_troubles: vec![],
            now: NOW,
            certificate: Some((VALID, true)),
            certificate_trouble: None,
            root: None,
            misfits: vec![],
        }
    }

    #[test]
    fn a_healthy_house_has_no_warning() {
        assert_eq!(warnings(&healthy()), []);
        assert_eq!(warnings(&Facts { disk: None, certificate: None, synchronised: Synchronised::No, ..healthy() }), []);
    }

    #[test]
    fn each_fault_has_its_warning() {
        let disk = |free: u64, whole: u64| Disk { free: free << 20, whole: whole << 20 };
        let failed = Failed::Policy("Grown-ups".into());
        let ended = Validity { not_after: NOW - 1, ..VALID };
        let early = Validity { not_before: NOW + 1, ..VALID };
        let ending = Validity { not_after: NOW + CERTIFICATE_NOTICE - 1, ..VALID };
        let certificate = |validity| Facts { certificate: Some((validity, true)), ..healthy() };
        for (facts, warning) in [
            (Facts { is_https: false, ..healthy() }, Warning::PlainHttp),
            (Facts { is_https: false, is_loopback: true, ..healthy() }, Warning::Loopback),
            (Facts { is_loopback: true, ..healthy() }, Warning::Loopback),
            (Facts { on_own_host: vec!["Wiki".into()], ..healthy() }, Warning::OwnHost(vec!["Wiki".into()])),
            (
                Facts { passkeys_elsewhere: Some((vec!["x".into()], 1, "y".into())), ..healthy() },
                Warning::PasskeysElsewhere(vec!["x".into()], 1, "y".into()),
            ),
            (Facts { administrators: 1, ..healthy() }, Warning::OneAdministrator),
            (Facts { signing: vec![("RS256".into(), YEAR + 1)], ..healthy() }, Warning::OldKey("RS256".into())),
            (Facts { disk: Some(disk(199, 1_000)), ..healthy() }, Warning::DiskNearlyFull(disk(199, 1_000))),
            (Facts { disk: Some(disk(999, 10_000)), ..healthy() }, Warning::DiskNearlyFull(disk(999, 10_000))),
            (
                Facts { disk: Some(disk(2_047, 1_000_000)), ..healthy() },
                Warning::DiskNearlyFull(disk(2_047, 1_000_000)),
            ),
            (Facts { backup: None, ..healthy() }, Warning::NoBackup),
            (Facts { backup: Some(backup::STALE + 1), ..healthy() }, Warning::OldBackup(3)),
            (
                Facts { backup_troubles: vec![backup::Trouble::Silent], ..healthy() },
                Warning::Backup(backup::Trouble::Silent),
            ),
            (Facts { failed: vec![failed.clone()], ..healthy() }, Warning::Failed(failed)),
            (Facts { clock: Standing::Doubtful { lead: 7_200 }, ..healthy() }, Warning::ClockDoubtful),
            (Facts { clock: Standing::Behind { by: 7_200 }, ..healthy() }, Warning::TimeAhead),
            (
                Facts { clock: Standing::Behind { by: 60 }, synchronised: Synchronised::No, ..healthy() },
                Warning::ClockBehind,
            ),
            (certificate(ended), Warning::CertificateInvalid(ended)),
            (certificate(early), Warning::CertificateInvalid(early)),
            (certificate(ending), Warning::CertificateEnds(ending.not_after)),
            (Facts { certificate: Some((VALID, false)), ..healthy() }, Warning::CertificateForOthers),
            (Facts { certificate_trouble: Some("x".into()), ..healthy() }, Warning::CertificateTrouble("x".into())),
            (Facts { root: Some(RootProblem::Ends(NOW)), ..healthy() }, Warning::Root(RootProblem::Ends(NOW))),
            (Facts { misfits: vec![Misfit::SaysHttp], ..healthy() }, Warning::Misfit(Misfit::SaysHttp)),
        ] {
            assert_eq!(warnings(&facts), [warning]);
        }
        for roomy in [disk(201, 2_000), disk(2_048, 32_000), disk(2_048, 1_000_000)] {
            assert_eq!(warnings(&Facts { disk: Some(roomy), ..healthy() }), []);
        }
    }

    #[test]
    fn an_address_is_on_a_host_whatever_its_port() {
        for (address, is_on) in [
            ("https://auth.home.example/callback", true),
            ("https://AUTH.home.example:9443", true),
            (r"https://auth\.home\.example/.*", true),
            ("https://auth.home.example", true),
            ("https://wiki.home.example/?from=auth.home.example", false),
            ("https://auth.home.example.evil.example/", false),
            ("app.auth.home.example://callback", false),
            ("", false),
        ] {
            assert_eq!(is_on_host(address, "auth.home.example"), is_on, "{address}");
        }
        assert!(is_on_host("http://[::1]:9000/cb", "[::1]") && !is_on_host("http://[::2]/", "[::1]"));
    }
}
