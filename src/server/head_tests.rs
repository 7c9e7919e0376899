//! Each rule of the head parser with an example that passes it, and properties over whatever bytes there are.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;

fn parse(head: &str) -> Result<Head<'_>, Refusal> {
    // The limits live for ever so that the head borrows from the text alone.
    parse_head(head.as_bytes(), &Limits::default())
}

/// A GET with these header lines besides Host.
fn with(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: id.example\r\n{lines}\r\n")
}

#[track_caller]
fn refused(head: &str, why: Refusal) {
    assert_eq!(parse(head).err(), Some(why), "{head:?}");
}

#[track_caller]
fn passes(head: &str) -> Head<'_> {
    parse(head).unwrap_or_else(|why| panic!("{why:?}: {head:?}"))
}

#[test]
fn a_plain_request_is_read() {
    let text = "POST /token?a=b HTTP/1.1\r\nHost: id.example:8443\r\nAccept:  */* \r\nContent-Length: 5\r\n\r\n";
    let head = passes(text);
    assert_eq!((head.method, head.target, head.host), ("POST", "/token?a=b", "id.example:8443"));
    assert_eq!((head.fields.as_slice(), head.length), (&[("Accept", "*/*")][..], 5));
    assert!(head.keep_alive && !head.expects_continue && !head.old);
}

#[test]
fn lines_end_with_cr_lf_and_nothing_else() {
    refused("GET / HTTP/1.1\nHost: a\n\n", Refusal::ForbiddenByte);
    refused("GET / HTTP/1.1\r\nHost: a\n\r\n", Refusal::ForbiddenByte);
    refused("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", Refusal::ForbiddenByte);
    refused("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", Refusal::ForbiddenByte);
    passes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn control_bytes_and_non_ascii_are_refused_everywhere() {
    for byte in (0..=255u8).filter(|b| !(b' '..=b'~').contains(b)) {
        let value = [b"GET / HTTP/1.1\r\nHost: a\r\nX: a", &[byte][..], b"b\r\n\r\n"].concat();
        assert_eq!(parse_head(&value, &Limits::default()).err(), Some(Refusal::ForbiddenByte), "{byte}");
        let target = [b"GET /", &[byte][..], b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat();
        assert_eq!(parse_head(&target, &Limits::default()).err(), Some(Refusal::ForbiddenByte), "{byte}");
    }
    passes(&with("X: !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~\r\n"));
}

#[test]
fn the_request_line_has_three_parts() {
    for line in ["GET /", "GET / HTTP/1.1 x", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET / HTTX/1.1"]
    {
        refused(&format!("{line}\r\nHost: a\r\n\r\n"), Refusal::RequestLine);
    }
    refused("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine);
    refused("\r\n\r\n", Refusal::RequestLine);
    passes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn only_http_1_0_and_1_1_are_spoken() {
    for version in ["2.0", "0.9", "1.2", "3.0"] {
        refused(&format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"), Refusal::Version);
    }
    for version in ["1.10", "1", "1.", "+1.1"] {
        refused(&format!("GET / HTTP/{version}\r\nHost: a\r\n\r\n"), Refusal::RequestLine);
    }
    refused("GET / http/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine);
    assert!(passes("GET / HTTP/1.0\r\nHost: a\r\n\r\n").old);
    assert!(!passes("GET / HTTP/1.1\r\nHost: a\r\n\r\n").old);
}

#[test]
fn unknown_methods_are_not_implemented() {
    for method in ["TRACE", "CONNECT", "BREW", "get", "PRI"] {
        refused(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), Refusal::Method);
    }
    refused("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", Refusal::RequestLine);
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        passes(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
}

#[test]
fn the_target_is_a_path() {
    for target in ["http://a/", "*", "a:443", "login", "/a#b"] {
        refused(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"), Refusal::Target);
    }
    for target in ["/", "//a", "/a?b=c|d&e={f}", "/%00", "/a/../b"] {
        assert_eq!(passes(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")).target, target);
    }
}

#[test]
fn a_target_may_have_eight_kibibytes() {
    let head = |n: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(n - 1));
    passes(&head(8 << 10));
    refused(&head((8 << 10) + 1), Refusal::TargetTooLong);
}

#[test]
fn there_is_exactly_one_host() {
    refused("GET / HTTP/1.1\r\n\r\n", Refusal::Host);
    refused("GET / HTTP/1.0\r\n\r\n", Refusal::Host);
    refused("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", Refusal::Host);
    for host in
        ["", "a b", "a,b", "a/b", "u@a", "a:", "a:65536", "a:x", "a:1:2", "[::1", "[g::1]", "[::1]x", "a%41", ":1"]
    {
        refused(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"), Refusal::Host);
    }
    for host in ["a", "id.example:8443", "192.0.2.1", "[2001:db8::1]", "[::1]:80", "my_host", "a.b."] {
        assert_eq!(passes(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).host, host);
    }
}

#[test]
fn there_is_at_most_one_plain_content_length() {
    for length in ["5, 5", "+5", "-5", "5.0", "0x5", "", "5 5", "five", "5;"] {
        refused(&with(&format!("Content-Length: {length}\r\n")), Refusal::ContentLength);
    }
    refused(&with("Content-Length: 5\r\nContent-Length: 5\r\n"), Refusal::ContentLength);
    for length in [0, 5, 65_536] {
        assert_eq!(passes(&with(&format!("Content-Length: {length}\r\n"))).length, length);
    }
}

#[test]
fn a_length_above_the_limit_is_too_large_however_many_digits_it_has() {
    for length in ["65537", "100000000000000", "9223372036854775808", "18446744073709551615", "99999999999999999999999"]
    {
        refused(&with(&format!("Content-Length: {length}\r\n")), Refusal::BodyTooLarge);
    }
    let larger = Limits { body: 512 << 10, ..Limits::default() };
    assert_eq!(parse_head(with("Content-Length: 65537\r\n").as_bytes(), &larger).unwrap().length, 65_537);
}

#[test]
fn a_transfer_encoding_wants_a_length() {
    for lines in ["Transfer-Encoding: chunked\r\n", "transfer-encoding: identity\r\nContent-Length: 5\r\n"] {
        refused(&with(lines), Refusal::TransferEncoding);
    }
    refused(&with("Transfer-Encoding : chunked\r\n"), Refusal::HeaderLine);
    passes(&with("TE: chunked\r\nContent-Length: 5\r\n"));
}

#[test]
fn header_lines_are_names_and_values() {
    for line in [": a", "a b: c", "a : b", "novalue", " folded: a", "X: a\r\n folded", "a(b: c", "a\"b: c"] {
        refused(&with(&format!("{line}\r\n")), Refusal::HeaderLine);
    }
    assert_eq!(passes(&with("X:\r\nY: a: b\r\n")).fields, [("X", ""), ("Y", "a: b")]);
}

#[test]
fn a_head_has_at_most_64_headers_and_16_kibibytes() {
    passes(&with(&"X: y\r\n".repeat(63)));
    refused(&with(&"X: y\r\n".repeat(64)), Refusal::TooManyHeaders);
    let long = |n: usize| with(&format!("X: {}\r\n", "y".repeat(n - with("X: \r\n").len())));
    passes(&long(16 << 10));
    refused(&long((16 << 10) + 1), Refusal::HeadTooLarge);
}

#[test]
fn only_100_continue_is_expected() {
    refused(&with("Expect: tea\r\n"), Refusal::Expectation);
    assert!(passes(&with("Expect: 100-Continue\r\nContent-Length: 5\r\n")).expects_continue);
    assert!(!passes("GET / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").expects_continue);
}

#[test]
fn the_connection_is_kept_as_the_client_says() {
    assert!(!passes(&with("Connection: close\r\n")).keep_alive);
    assert!(!passes(&with("Connection: keep-alive, Close\r\n")).keep_alive);
    assert!(passes(&with("Connection: upgrade\r\n")).keep_alive);
    assert!(!passes("GET / HTTP/1.0\r\nHost: a\r\n\r\n").keep_alive);
    assert!(passes("GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

#[test]
fn claims_and_hop_headers_go_no_further() {
    let text = with(
        "X-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n\
         Forwarded: for=1.1.1.1\r\nX-Real-IP: 1.1.1.1\r\nX-Latchkey-Edge: forged\r\nX-Request-Id: forged\r\n\
         Upgrade: h2c\r\nKeep-Alive: 5\r\nTE: chunked\r\nTrailer: X\r\nCookie: kept=1\r\n",
    );
    let head = passes(&text);
    assert_eq!(head.fields, [("Cookie", "kept=1")]);
    assert_eq!((head.forwarded_for, head.forwarded_proto), (vec!["1.1.1.1", "2.2.2.2"], Some("https")));
}

/// Text that looks like a head often enough to get past the first check.
fn headlike() -> impl Strategy<Value = Vec<u8>> {
    let method = prop::sample::select(vec!["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "G T"]);
    let target = prop_oneof![3 => "/[!-~]{0,30}", 1 => "[ -~]{0,10}"];
    let version = prop::sample::select(vec!["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 "]);
    let known = prop::sample::select(vec![
        "Host: a\r\n",
        "host: id.example:1\r\n",
        "Content-Length: 7\r\n",
        "content-length: 007\r\n",
        "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Expect: 100-continue\r\n",
        "X-Forwarded-For: 1.1.1.1\r\n",
        "X-Latchkey-Edge: x\r\n",
    ])
    .prop_map(str::to_owned);
    let other = "[A-Za-z!#$%&'*+.^_`|~-]{1,12}:[ -~]{0,20}\r\n";
    let wild = prop::collection::vec(any::<u8>(), 0..20).prop_map(|b| String::from_utf8_lossy(&b).into_owned());
    let line = prop_oneof![4 => known, 6 => other, 1 => wild];
    (method, target, version, prop::bool::weighted(0.8), prop::collection::vec(line, 0..8)).prop_map(
        |(method, target, version, host, lines)| {
            let host = if host { "Host: [::1]:8080\r\n" } else { "" };
            format!("{method} {target} {version}\r\n{host}{}\r\n", lines.concat()).into_bytes()
        },
    )
}

/// What must be true of whatever was accepted.
fn check_accepted(head: &Head<'_>, limits: &Limits) -> Result<(), TestCaseError> {
    let printable = |s: &str| s.bytes().all(|b| (b' '..=b'~').contains(&b));
    prop_assert!(head.target.starts_with('/') && !head.target.contains(' ') && printable(head.target));
    prop_assert!(!head.host.is_empty() && printable(head.host));
    prop_assert!(head.length <= limits.body);
    for (name, value) in &head.fields {
        prop_assert!(!name.is_empty() && printable(name) && !name.contains([' ', ':']), "{name:?}");
        prop_assert!(printable(value) && value.trim() == *value, "{value:?}");
        let lower = name.to_ascii_lowercase();
        let dropped = ["host", "content-length", "transfer-encoding", "connection"].contains(&lower.as_str());
        prop_assert!(!dropped && !lower.starts_with("x-latchkey") && !lower.starts_with("x-forwarded"), "{name:?}");
    }
    let mut canonical = Vec::new();
    head.write_canonical("", &mut canonical);
    let room = Limits { head: limits.head + 100, ..limits.clone() };
    let again = parse_head(&canonical, &room).map_err(|why| TestCaseError::fail(format!("{why:?}")))?;
    prop_assert_eq!((again.method, again.target, again.host), (head.method, head.target, head.host));
    prop_assert_eq!((&again.fields, again.length), (&head.fields, head.length));
    let mut twice = Vec::new();
    again.write_canonical("", &mut twice);
    prop_assert_eq!(canonical, twice, "there is one spelling");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let limits = Limits::default();
        if let Ok(head) = parse_head(&bytes, &limits) {
            check_accepted(&head, &limits)?;
        }
    }

    #[test]
    fn what_is_accepted_has_one_canonical_spelling_of_the_same_meaning(bytes in headlike()) {
        let limits = Limits::default();
        if let Ok(head) = parse_head(&bytes, &limits) {
            check_accepted(&head, &limits)?;
        }
    }

    #[test]
    fn a_changed_byte_does_not_get_past_the_checks(
        bytes in headlike(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let limits = Limits::default();
        let mut bytes = bytes;
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(head) = parse_head(&bytes, &limits) {
            check_accepted(&head, &limits)?;
        }
    }
}

#[test]
fn the_generator_of_heads_makes_both_kinds() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let accepted = (0..500)
        .filter(|_| {
            let head = headlike().new_tree(&mut runner).unwrap().current();
            parse_head(&head, &Limits::default()).is_ok()
        })
        .count();
    assert!((50..450).contains(&accepted), "{accepted} of 500 accepted: the properties would prove little");
}
