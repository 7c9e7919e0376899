//! One-time codes of authenticator apps (RFC 6238): SHA-1, six digits, a step of 30 seconds, which is what every app can.

use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::random;
use crate::domain::UnixSeconds;

/// Seconds for which a code is shown.
const STEP: u64 = 30;
/// Steps by which a phone's clock may be off, either way. RFC 6238 section 5.2.
const TOLERANCE: u16 = 1;
const DIGITS: u8 = 6;

/// The secret that an app and we share: 160 bit, as RFC 4226 section 4 asks for.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<[u8; 20]>);

impl TotpSecret {
    pub fn generate() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    /// What was sealed. `None` when it is no secret of ours.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// For typing it into an app: base 32 in groups of four.
    pub fn shown(&self) -> Zeroizing<String> {
        let base32 = Zeroizing::new(Secret::new_stack(*self.0).to_base32());
        let groups: Vec<&str> = base32.as_bytes().chunks(4).filter_map(|g| std::str::from_utf8(g).ok()).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// The `otpauth://` address in the QR code. Apps show the issuer and the account. The address cannot hold a colon in
    /// either, and none of ours has to.
    pub fn url(&self, issuer: &str, account: &str) -> Option<Zeroizing<String>> {
        let plain = |text: &str| text.replace(':', " ");
        let built = self.builder().with_account_name(plain(account)).with_issuer(Some(plain(issuer))).build();
        built.ok()?.to_url().ok().map(Zeroizing::new)
    }

    /// The step whose code this is, if it is the present one, the one before or the one after. Whoever asks makes sure
    /// that a step counts once.
    pub fn check(&self, code: &str, now: UnixSeconds) -> Option<i64> {
        let step = self.app().check(code, u64::try_from(now).ok()?)?;
        i64::try_from(step).ok()
    }

    fn builder(&self) -> Builder {
        let secret = Secret::new_stack(*self.0);
        Builder::new().with_secret(secret).with_digits(DIGITS).with_step_duration(STEP).with_skew(TOLERANCE)
    }

    fn app(&self) -> Totp {
        self.builder().build_noncompliant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, the SHA-1 rows: the last six of their eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").expect("20 bytes")
    }

    #[test]
    fn the_codes_of_the_rfc_are_taken_one_step_around_and_no_further() {
        for (time, code) in VECTORS {
            let step = time / 30;
            for (now, expected) in [
                (time, Some(step)),
                (step * 30 - 30, Some(step)),
                (step * 30 + 59, Some(step)),
                (step * 30 - 31, None),
                (step * 30 + 60, None),
            ] {
                assert_eq!(rfc().check(code, now), expected, "{time} at {now}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for code in ["", "28708", "2870820", "94287082", "28708a", "-87082", " 287082", "\u{0662}87082"] {
            assert_eq!(rfc().check(code, 59), None, "{code}");
        }
        assert_eq!(rfc().check("287082", -59), None);
    }

    #[test]
    fn an_independent_implementation_makes_the_same_codes() {
        for time in (0..40_u64).map(|n| n * 49_999_991) {
            let secret = TotpSecret::generate();
            let code = totp_lite::totp_custom::<totp_lite::Sha1>(STEP, DIGITS.into(), secret.as_bytes(), time);
            assert_eq!(secret.check(&code, time as i64), Some((time / STEP) as i64), "{time}");
        }
    }

    #[test]
    fn the_address_holds_what_apps_read() {
        let url = rfc().url("Home: ours", "ada@home.example").expect("an address");
        assert!(url.starts_with("otpauth://totp/Home%20%20ours:ada%40home.example?"), "{}", *url);
        assert!(url.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && url.contains("issuer=Home"), "{}", *url);
        assert_eq!(rfc().shown().as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
