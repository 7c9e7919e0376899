//! Where a page may lead on to (`next` and its like): a path on our own origin, in every reading of it.

use super::percent;

const MAX_BYTES: usize = 2_000;

/// A path, with its query, that cannot leave our origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// `None` for whatever a browser, a proxy or a careless reader could take for another origin.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let decoded = percent::decode_fully(path);
        let stays = text.starts_with('/')
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_of_our_own_pages_are_taken() {
        for path in [
            "/",
            "/if/admin/",
            "/application/o/authorize/?request=abc&next=https%3A%2F%2Fx",
            "/login/?a=b#c",
            "/x?u=http://y//z",
        ] {
            assert_eq!(LocalPath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        let long = format!("/{}", "a".repeat(2_000));
        for path in [
            "",
            "x",
            "https://evil.example/",
            "//evil.example/",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%252fevil.example",
            "/%5cevil.example",
            "/a//evil.example",
            "/./",
            "/..//evil.example",
            "/.%2f/evil.example",
            "/%2e%2e/x",
            "/\t/evil.example",
            "/\n/evil.example",
            " /x",
            "/x\r\nSet-Cookie: a=b",
            "/x%0d%0aSet-Cookie:%20a=b",
            "/x?y=%00",
            "/é",
            "javascript:alert(1)",
            "?x",
            "#x",
            "/a b",
            &long,
        ] {
            assert_eq!(LocalPath::parse(path), None, "{path:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn whatever_is_taken_stays_on_our_origin_decoded_or_not(text in "(/|%2f|%5c|\\\\|\\.|%2e|[a-z@:?#%\\t ]){0,12}") {
            if let Some(path) = LocalPath::parse(&text) {
                let base = url::Url::parse("https://id.company/login/").unwrap();
                let decoded = String::from_utf8_lossy(&percent::decode_fully(&text)).into_owned();
                for reading in [path.as_str(), &decoded] {
                    prop_assert_eq!(base.join(reading).unwrap().origin(), base.origin());
                }
            }
        }
    }
}
