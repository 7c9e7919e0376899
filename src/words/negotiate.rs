//! Which language a reader gets.

use super::{Lang, languages};

/// The first of these language tags (RFC 5646) that there is a catalogue for: whole, or by its first part (`de-AT` is
/// served by `de`; RFC 4647 section 3.4).
pub fn from_tags<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Lang> {
    tags.into_iter().take(MOST_TAGS).find_map(|tag| {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        let of = |code: &str| languages().find(|l| l.code().eq_ignore_ascii_case(code));
        of(tag).or_else(|| of(primary))
    })
}

/// The language of an `Accept-Language` header (RFC 9110 section 12.5.4).
pub fn from_accept_language(header: &str) -> Option<Lang> {
    let mut ranges: Vec<(&str, u16)> = header.split(',').take(MOST_TAGS).filter_map(range).collect();
    // Stable: of two that are wanted as much, the first is taken.
    ranges.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    from_tags(ranges.into_iter().map(|(tag, _)| tag))
}

/// Nobody reads more languages than this; a stranger could send thousands.
const MOST_TAGS: usize = 20;

/// One range and its weight in thousandths. Weight 0 means "not this one".
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next().filter(|tag| !tag.is_empty())?;
    let weight = match parts.find_map(|p| p.strip_prefix("q=")) {
        None => 1000,
        Some(q) => q.parse::<f32>().ok().filter(|q| (0.0..=1.0).contains(q)).map(|q| (q * 1000.0) as u16)?,
    };
    (weight > 0).then_some((tag, weight))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(header: &str) -> Option<&'static str> {
        from_accept_language(header).map(Lang::code)
    }

    #[test]
    fn the_best_language_that_there_is_wins() {
        assert_eq!(code("de-AT,de;q=0.9,en;q=0.8"), Some("de"));
        assert_eq!(code("fr, en;q=0.5, de;q=0.7"), Some("de"));
        assert_eq!(code("xx;q=1, en-GB;q=0.1"), Some("en"));
        assert_eq!(code("DE"), Some("de"));
    }

    #[test]
    fn what_is_not_wanted_or_not_there_is_not_given() {
        assert_eq!(code("de;q=0, en"), Some("en"));
        assert_eq!(code("de;q=0"), None);
        assert_eq!(code("xx, yy"), None);
        assert_eq!(code("*"), None);
        assert_eq!(code("deutsch"), None);
        assert_eq!(code("de;q=2"), None);
    }

    #[test]
    fn tags_are_taken_in_their_order() {
        assert_eq!(from_tags(["fr-CA", "de", "en"]).map(Lang::code), Some("de"));
        assert_eq!(from_tags(["en", "de"]).map(Lang::code), Some("en"));
        assert_eq!(from_tags([]), None);
    }

    proptest! {
        #[test]
        fn no_header_is_a_surprise(header in "\\PC{0,60}") {
            from_accept_language(&header);
        }
    }
}
