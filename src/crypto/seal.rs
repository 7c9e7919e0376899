//! Sealing: authenticated encryption of database columns and cookies, tokens of forms, and the successor of a
//! refresh token. Each purpose has a key of its own, derived from the master key (HKDF-SHA-256, RFC 5869).

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

use super::digest::{self, Hash};
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
