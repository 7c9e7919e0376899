//! Randomness, from the operating system through aws-lc. A system without randomness cannot keep a secret, so a
//! failure here is a panic, never a weaker value.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `N` random bytes.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

/// A secret of 256 bit that fits a URL, a cookie and a header: 43 characters of base64url without padding.
pub fn token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// `n` characters out of `[A-Za-z0-9]`, each with the same chance (5.95 bit a character).
pub fn alphanumeric(n: usize) -> String {
    out_of(ALPHANUMERIC, n)
}

/// `n` of these letters of ASCII, each with the same chance.
pub fn out_of(letters: &[u8], n: usize) -> String {
    // Bytes from the last multiple of their number on are thrown away (248 and more for 62): they would favour some.
    let limit = 256 / letters.len() * letters.len();
    let mut text = String::with_capacity(n);
    while text.len() < n {
        let usable = bytes::<64>().into_iter().map(usize::from).filter(|byte| *byte < limit);
        text.extend(usable.take(n - text.len()).map(|byte| char::from(letters[byte % letters.len()])));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_43_base64url_characters_and_differ() {
        let (a, b) = (token(), token());
        assert_eq!((a.len(), b.len()), (43, 43));
        assert_ne!(a, b);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
    }

    #[test]
    fn alphanumeric_has_the_length_asked_for_and_uses_every_character_about_evenly() {
        for n in [0, 1, 40, 64, 65, 128] {
            let text = alphanumeric(n);
            assert_eq!(text.len(), n);
            assert!(text.bytes().all(|c| c.is_ascii_alphanumeric()));
        }
        let mut counts = [0_u32; 128];
        alphanumeric(62_000).bytes().for_each(|c| counts[usize::from(c)] += 1);
        // 1,000 expected each, with a standard deviation of 31: ten of them is beyond chance.
        assert!(ALPHANUMERIC.iter().all(|c| (690..1310).contains(&counts[usize::from(*c)])), "{counts:?}");
    }
}
