//! Sealing: authenticated encryption of database columns and cookies, tokens of forms, and the successor of a
//! refresh token. Each purpose has a key of its own, derived from the master key (HKDF-SHA-256, RFC 5869).

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

use super::digest::{self, Hash, TagKey};
use super::random;

pub use super::master::{FileModes, MasterKey, MasterKeyError};

/// The first byte of what is sealed: AES-256-GCM, a random nonce of 12 bytes, the ciphertext, a tag of 16 bytes.
const VERSION: u8 = 1;
const HEAD: usize = 1 + NONCE_LEN;
/// Browsers keep cookies of up to 4096 bytes; anything longer was not sealed here.
const MAX_COOKIE_TEXT: usize = 4096;

/// Protects what is stored and what travels through the browser. Cheap to clone: the keys are shared.
#[derive(Clone)]
pub struct Sealer(Arc<Keys>);

struct Keys {
    rows: LessSafeKey,
    cookies: LessSafeKey,
    forms: hmac::Key,
    refresh: hmac::Key,
    failures: TagKey,
    check: Hash,
}

/// A sealed column does not open: damaged, moved from another row, or sealed under another master key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the sealed value of {row} cannot be opened ({why}). Either the database is damaged or it belongs to another \
     master key: restore both from the same backup"
)]
pub struct Unsealable {
    /// The row as the caller named it; never its content.
    pub row: String,
    why: &'static str,
}

impl Sealer {
    pub(super) fn derive(master: &[u8; 32]) -> Self {
        let root = Salt::new(HKDF_SHA256, b"latchkey").extract(master);
        let aes = |key: &[u8; 32]| {
            LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key of AES-256 has 32 bytes"))
        };
        Self(Arc::new(Keys {
            rows: aes(&subkey(&root, b"rows")),
            cookies: aes(&subkey(&root, b"cookies")),
            forms: hmac::Key::new(HMAC_SHA256, &*subkey(&root, b"form tokens")),
            refresh: hmac::Key::new(HMAC_SHA256, &*subkey(&root, b"refresh successors")),
            failures: TagKey::new(&subkey(&root, b"failures")),
            check: *subkey(&root, b"check value"),
        }))
    }

    /// Seals a column. `row` names its place (`providers/17/client_secret`): moved anywhere else it does not open.
    pub fn seal(&self, row: &str, plain: &[u8]) -> Vec<u8> {
        seal(&self.0.rows, row, plain)
    }

    /// Opens a column sealed under the same `row`.
    ///
    /// # Errors
    /// [`Unsealable`], for an operator to read.
    pub fn open(&self, row: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        open(&self.0.rows, row, sealed).map_err(|why| Unsealable { row: row.to_owned(), why })
    }

    /// Seals the value of a cookie, in base64url. `purpose` is bound to it like the row of a column. The caller puts
    /// the expiry inside: a seal does not age.
    pub fn seal_cookie(&self, purpose: &str, plain: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(seal(&self.0.cookies, purpose, plain))
    }

    /// Opens a cookie; `None` whatever is wrong with it, since anybody can send one.
    pub fn open_cookie(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        if text.len() > MAX_COOKIE_TEXT {
            return None;
        }
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        open(&self.0.cookies, purpose, &sealed).ok().map(|mut plain| std::mem::take(&mut *plain))
    }

    /// The token of our own forms, bound to the session (or to the sealed request): 43 characters of base64url.
    pub fn form_token(&self, binding: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest::tag(&self.0.forms, binding.as_bytes()))
    }

    /// Whether `token` is the one of `binding`, compared in constant time.
    pub fn form_token_matches(&self, binding: &str, token: &str) -> bool {
        digest::same(self.form_token(binding).as_bytes(), token.as_bytes())
    }

    /// The refresh token that follows `token`: derived, so that a client whose answer was lost gets the same one
    /// again although only its hash is stored. 43 characters of base64url.
    pub fn refresh_successor(&self, token: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(digest::tag(&self.0.refresh, token.as_bytes()))
    }

    /// What counters of failed sign-ins are found by.
    pub fn failures(&self) -> TagKey {
        self.0.failures.clone()
    }

    /// Stored in the database in the clear, so that a master key that does not belong to it is named as such. Tells
    /// nothing of the other keys.
    pub fn check_value(&self) -> Hash {
        self.0.check
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(..)")
    }
}

/// One key a purpose: what one of them leaks or signs says nothing of the others.
fn subkey(root: &Prk, purpose: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let info = [purpose];
    let expanded = root.expand(&info, HMAC_SHA256).and_then(|okm| okm.fill(key.as_mut()));
    expanded.expect("HKDF gives the 32 bytes that a SHA-256 key has");
    key
}

fn seal(key: &LessSafeKey, place: &str, plain: &[u8]) -> Vec<u8> {
    // A random nonce is safe for 2^32 seals under one key: a hundred a second for more than a year.
    let nonce = random::bytes::<NONCE_LEN>();
    let mut sealed = Vec::with_capacity(HEAD + plain.len() + AES_256_GCM.tag_len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), associated(place), &mut sealed[HEAD..])
        .expect("the text is far below 64 GiB");
    sealed.extend_from_slice(tag.as_ref());
    sealed
}

fn open(key: &LessSafeKey, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, &'static str> {
    let (head, body) = sealed.split_at_checked(HEAD).ok_or("it is cut short")?;
    if head[0] != VERSION {
        return Err("it is of an unknown version");
    }
    let nonce = Nonce::try_assume_unique_for_key(&head[1..]).map_err(|_| "it is cut short")?;
    let mut plain = Zeroizing::new(body.to_vec());
    let length = key.open_in_place(nonce, associated(place), &mut plain).map_err(|_| "it is not authentic")?.len();
    plain[length..].zeroize();
    plain.truncate(length);
    Ok(plain)
}

/// The version is authenticated with the place: neither can be exchanged.
fn associated(place: &str) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION], place.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer() -> Sealer {
        Sealer::derive(&[7; 32])
    }

    #[test]
    fn only_the_same_key_and_row_open_a_seal() {
        let sealed = sealer().seal("providers/17/client_secret", b"secret");
        assert_eq!(&**sealer().open("providers/17/client_secret", &sealed).unwrap(), b"secret");
        for row in ["providers/18/client_secret", "providers/17/client_secre", "", "providers/17/client_secret "] {
            let error = sealer().open(row, &sealed).unwrap_err();
            assert_eq!(error.row, row);
            assert!(!error.to_string().contains("secret)"));
        }
        assert!(MasterKey::generate().sealer().open("providers/17/client_secret", &sealed).is_err());
    }

    #[test]
    fn a_seal_shows_neither_its_text_nor_that_two_are_equal() {
        let (a, b) = (sealer().seal("r", b"a well known text"), sealer().seal("r", b"a well known text"));
        assert_ne!(a, b);
        assert!(!a.windows(4).any(|window| window == b"well"));
        assert_eq!(a.len(), 1 + 12 + b"a well known text".len() + 16);
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_refused() {
        let sealed = sealer().seal("r", b"secret");
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(sealer().open("r", &flipped).is_err(), "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert!(sealer().open("r", &sealed[..end]).is_err(), "{end} bytes");
        }
        assert!(sealer().open("r", &[&sealed[..], b"x"].concat()).is_err());
    }

    #[test]
    fn a_cookie_opens_for_its_purpose_only_and_a_row_is_no_cookie() {
        let text = sealer().seal_cookie("request", b"plain");
        assert_eq!(sealer().open_cookie("request", &text).unwrap(), b"plain");
        assert_eq!(sealer().open_cookie("session", &text), None);
        assert_eq!(Sealer::derive(&[8; 32]).open_cookie("request", &text), None);
        for text in ["", "AQ", "=", "ü", &text[1..], &format!("{text}A"), &"A".repeat(MAX_COOKIE_TEXT + 1)] {
            assert_eq!(sealer().open_cookie("request", text), None);
        }
        let row = BASE64_URL_SAFE_NO_PAD.encode(sealer().seal("request", b"plain"));
        assert_eq!(sealer().open_cookie("request", &row), None);
    }

    #[test]
    fn a_form_token_matches_its_own_session_only() {
        let token = sealer().form_token("session");
        assert_eq!(token.len(), 43);
        assert!(sealer().form_token_matches("session", &token));
        for wrong in ["", &token[..42], &format!("{token}="), &sealer().form_token("another")] {
            assert!(!sealer().form_token_matches("session", wrong));
        }
        assert!(!Sealer::derive(&[8; 32]).form_token_matches("session", &token));
    }

    #[test]
    fn a_successor_is_the_same_each_time_and_under_this_key_only() {
        let next = sealer().refresh_successor("token");
        assert_eq!(next, sealer().refresh_successor("token"));
        assert_eq!(next.len(), 43);
        let others = [
            sealer().refresh_successor("tokeo"),
            sealer().form_token("token"),
            Sealer::derive(&[8; 32]).refresh_successor("token"),
        ];
        assert!(!others.contains(&next));
    }

    /// What was sealed must open after an upgrade: these values were computed apart, in Python.
    #[test]
    fn the_keys_derived_from_a_master_key_never_change() {
        let hex: String = sealer().check_value().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "b78eda343d189675fc9088b73de1012acfc7c48cc64517b9a0a1a766102e15d6");
        assert_eq!(sealer().form_token("session"), "8qPfwM-2sB4ouzIULR4VZbApgrpbcMU4sIHvNPs7QXw");
        assert_eq!(sealer().refresh_successor("token"), "pyLYgBwZfmuS9rXY-x39M5Gi7PaUtwfEQfgAUCQ2Tq8");
        assert_ne!(sealer().check_value(), Sealer::derive(&[8; 32]).check_value());
        let row: &[u8] =
            b"\x01\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0f\x65\xb1\x1d\x06\x96\x79\x6a\xc7\x7d\xd7\
            \x42\x9e\x07\xd0\x4c\x2b\x93\x1d\x7a\x4d\x54";
        assert_eq!(&**sealer().open("row", row).unwrap(), b"secret");
        let cookie = "AQABAgMEBQYHCAkKC1qOfUDAcdeeQbTq4j6g78BcjibG6_k";
        assert_eq!(sealer().open_cookie("cookie", cookie).unwrap(), b"secret");
    }

    #[test]
    fn debug_tells_no_secret() {
        assert_eq!(format!("{:?}", sealer()), "Sealer(..)");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(row in ".{0,40}", plain in prop::collection::vec(any::<u8>(), 0..300)) {
            let sealed = sealer().seal(&row, &plain);
            prop_assert_eq!(&**sealer().open(&row, &sealed).unwrap(), &plain[..]);
            let text = sealer().seal_cookie(&row, &plain);
            prop_assert_eq!(sealer().open_cookie(&row, &text), Some(plain));
        }

        #[test]
        fn no_bytes_panic(sealed in prop::collection::vec(any::<u8>(), 0..100), text in "\\PC{0,100}") {
            prop_assert!(sealer().open("r", &sealed).is_err());
            prop_assert_eq!(sealer().open_cookie("r", &text), None);
        }
    }
}
