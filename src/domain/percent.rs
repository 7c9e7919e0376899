//! Percent-encoding as answers need it, and decoding as suspicion needs it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986 section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a value so that only unreserved characters stay literal: a space becomes `%20`, never `+`, because a
/// client that only percent-decodes would keep the plus.
pub fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// `name=value` pairs joined by `&`.
pub fn encode_pairs(params: &[(&str, &str)]) -> String {
    params.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
}

/// Decodes again and again until nothing changes: what the most careless server behind us could see.
///
/// In one pass, however deep the encoding is: what a triplet gives is looked at together with what stands before it,
/// and no two triplets overlap, so that the order makes no difference.
pub fn decode_fully(text: &str) -> Vec<u8> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        out.push(byte);
        while let [.., b'%', high, low] = out[..]
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            out.truncate(out.len() - 3);
            out.push(high << 4 | low);
        }
    }
    out
}

/// Whether a path holds `.` or `..` as a segment in any encoding. A parameter on the segment (`..;x`) does not hide
/// it, as it is dropped by servlet containers; an encoded or reversed slash counts as a slash.
pub fn has_dot_segment(path: &str) -> bool {
    decode_fully(path)
        .split(|b| matches!(b, b'/' | b'\\'))
        .map(|segment| segment.split(|b| *b == b';').next().unwrap_or_default())
        .any(|segment| matches!(segment, b"." | b".."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_unreserved_characters_stay_literal() {
        assert_eq!(encode("AZaz09-._~"), "AZaz09-._~");
        assert_eq!(encode("a b+c&d=e%2F;/é"), "a%20b%2Bc%26d%3De%252F%3B%2F%C3%A9");
        assert_eq!(encode_pairs(&[("a", "1 2"), ("b", "")]), "a=1%202&b=");
    }

    #[test]
    fn dot_segments_are_seen_in_every_encoding_and_dots_in_names_are_not() {
        for path in
            ["/..", "/a/../b", "/%2e%2e/b", "/.%2E", "/a/..%2fb", "/%252e%252e/", "/a/..;x=1/b", "/a%5c..", "/."]
        {
            assert!(has_dot_segment(path), "{path}");
        }
        for path in ["", "/", "/a.b/c..d", "/...", "/.well-known/x", "/a;b=.."] {
            assert!(!has_dot_segment(path), "{path}");
        }
    }

    #[test]
    fn a_deep_encoding_costs_no_more_than_a_shallow_one() {
        // Decoded a level at a time, this would take minutes.
        let deep = format!("/%{}2e.", "25".repeat(500_000));
        assert_eq!(decode_fully(&deep), b"/..");
        assert_eq!(decode_fully("%2%35%32%65 %zz %2"), b". %zz %2");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_decode(text in "(%|2|5|e|[a-f0-9%]{0,3}|.){0,30}") {
            let mut slow = text.as_bytes().to_vec();
            loop {
                let decoded: Vec<u8> = percent_encoding::percent_decode(&slow).collect();
                if decoded.len() == slow.len() {
                    break;
                }
                slow = decoded;
            }
            prop_assert_eq!(decode_fully(&text), slow);
        }

        #[test]
        fn encoding_round_trips_through_a_form_decoder(value in ".*") {
            let encoded = format!("k={}", encode(&value));
            let back: Vec<_> = form_urlencoded::parse(encoded.as_bytes()).into_owned().collect();
            prop_assert_eq!(back, vec![("k".to_owned(), value)]);
        }
    }
}
