//! Where a page may lead on to (`next` and its like): a path on our own origin, in every reading of it.

use super::percent;

const MAX_BYTES: usize = 2_000;

/// A path, with its query, that cannot leave our origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// `None` for whatever a browser, a proxy or a careless reader could take for another origin.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let decoded = percent::decode_fully(path);
        let stays = text.starts_with('/')
            && text.len() <= MAX_BYTES
            && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
            && !percent::decode_fully(text).iter().any(u8::is_ascii_control)
            // Network-path references (RFC 3986 section 4.2), and what could become one.
            && !decoded.windows(2).any(|pair| pair == b"//")
            && !decoded.contains(&b'\\')
            && !percent::has_dot_segment(path);
        stays.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
