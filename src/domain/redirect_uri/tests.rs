//! What may be registered, what is found, and how answers are put on it.

use proptest::prelude::*;

use super::ClientType::{Confidential, Public};
use super::Matching::{Regex, Strict};
use super::Purpose::{Authorization, Logout};
use super::*;

const PORTAINER: &str = "https://portainer.company/";

fn strict(uri: &str) -> RegisteredUri {
    RegisteredUri::register(Strict, Authorization, Public, uri).unwrap()
}

fn regex(text: &str) -> RegisteredUri {
    RegisteredUri::register(Regex, Authorization, Confidential, text).unwrap()
}

fn finds(registered: &RegisteredUri, requested: &str) -> bool {
    find(std::slice::from_ref(registered), registered.purpose(), Confidential, requested).is_some()
}

fn refusal(matching: Matching, purpose: Purpose, client: ClientType, text: &str) -> BadUri {
    RegisteredUri::register(matching, purpose, client, text).expect_err(text)
}

#[test]
fn web_addresses_of_applications_can_be_registered_by_every_client() {
    for uri in [
        PORTAINER,
        "https://portainer.company",
        "http://portainer.company:9000/",
        "http://localhost:3000/callback",
        "https://192.168.1.20:9443/",
        "http://[fd00::1]:8080/cb",
        "https://gravitee.company/user/login?a=b&c=d",
        "https://xn--bcher-kva.example/cb",
        "HTTPS://Portainer.Company/",
    ] {
        for client in [Confidential, Public] {
            for purpose in [Authorization, Logout] {
                let registered = RegisteredUri::register(Strict, purpose, client, uri).unwrap();
                assert_eq!(registered.uri(), uri);
                assert!(find(&[registered], purpose, client, uri).is_some(), "{uri}");
            }
        }
    }
}

#[test]
fn schemes_that_run_or_show_something_in_the_browser_cannot_be_registered_in_any_case_mix() {
    for uri in [
        "javascript:alert(1)",
        "JaVaScRiPt://portainer.company/%0aalert(1)",
        "data:text/html,x",
        "DATA:text/html,x",
        "vbscript:x",
        "VBScript:x",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "blob:https://portainer.company/x",
        "about:blank",
        "About:blank",
    ] {
        for client in [Confidential, Public] {
            for purpose in [Authorization, Logout] {
                let scheme = uri.split(':').next().unwrap().to_lowercase();
                assert_eq!(refusal(Strict, purpose, client, uri), BadUri::RefusedScheme(scheme));
                assert!(RegisteredUri::register(Regex, purpose, client, uri).is_err(), "{uri}");
            }
        }
    }
    for hidden in [" javascript:alert(1)", "java\tscript:alert(1)", "\u{1}javascript:x"] {
        assert_eq!(refusal(Strict, Authorization, Public, hidden), BadUri::BadCharacter);
    }
}

#[test]
fn an_application_s_own_scheme_is_for_public_clients_only() {
    let uri = "com.example.app:/oauth2redirect";
    let registered = strict(uri);
    assert!(find(std::slice::from_ref(&registered), Authorization, Public, uri).is_some());
    assert_eq!(refusal(Strict, Authorization, Confidential, uri), BadUri::CustomScheme("com.example.app".into()));
    // Nor after the client was made confidential.
    assert!(find(&[registered], Authorization, Confidential, uri).is_none());
}

#[test]
fn only_logout_addresses_may_hold_a_fragment() {
    let uri = "https://gravitee.company/console#!/_login";
    assert_eq!(refusal(Strict, Authorization, Confidential, uri), BadUri::Fragment);
    let registered = RegisteredUri::register(Strict, Logout, Confidential, uri).unwrap();
    assert!(find(&[registered], Logout, Confidential, uri).is_some());
}

#[test]
fn addresses_that_are_not_whole_or_not_plain_cannot_be_registered() {
    let long = format!("https://portainer.company/{}", "a".repeat(1_975));
    for (uri, expected) in [
        ("", BadUri::Empty),
        ("/callback", BadUri::NotAbsolute),
        ("//portainer.company/", BadUri::NotAbsolute),
        ("portainer.company/", BadUri::NotAbsolute),
        ("localhost:3000/callback", BadUri::NotAbsolute),
        ("https:/portainer.company", BadUri::NotAbsolute),
        ("https:portainer.company", BadUri::NotAbsolute),
        ("https://", BadUri::BadHost),
        ("https:///callback", BadUri::BadHost),
        ("https://portainer.company:/", BadUri::BadHost),
        ("https://portainer.company:0/", BadUri::BadHost),
        ("https://portainer.company:99999/", BadUri::BadHost),
        ("https://portainer.company:+80/", BadUri::BadHost),
        ("https://portainer%2ecompany/", BadUri::BadHost),
        ("https://portainer$.company/", BadUri::BadHost),
        ("https://.company/", BadUri::BadHost),
        ("https://0x7f.1/", BadUri::BadHost),
        ("https://[::1/", BadUri::BadHost),
        ("https://me@portainer.company/", BadUri::UserInfo),
        ("https://portainer.company:x@evil.example/", BadUri::UserInfo),
        ("app://me@host/", BadUri::UserInfo),
        ("https://*.company/", BadUri::WildcardHost),
        ("https://portainer.company/a b", BadUri::BadCharacter),
        ("https://portainer.company/\r\nX: y", BadUri::BadCharacter),
        ("https://pörtainer.company/", BadUri::BadCharacter),
        ("https://portainer.company\\@evil.example/", BadUri::UnsafeCharacter('\\')),
        ("https://portainer.company/<id>", BadUri::UnsafeCharacter('<')),
        (long.as_str(), BadUri::TooLong),
    ] {
        assert_eq!(refusal(Strict, Authorization, Public, uri), expected, "{uri}");
    }
    assert!(RegisteredUri::register(Strict, Authorization, Public, &long[..2_000]).is_ok());
}

#[test]
fn a_strict_address_is_found_only_byte_for_byte() {
    let registered = strict(PORTAINER);
    assert!(finds(&registered, PORTAINER));
    for other in [
        "",
        "https://portainer.company",
        "https://portainer.company//",
        "https://portainer.company/x",
        "https://portainer.company/?",
        "https://portainer.company/#",
        "https://portainer.company/#x",
        "https://portainer.company/../",
        "https://portainer.company/.",
        "https://portainer.company/%2e%2e",
        "https://portainer.company%2f",
        "https://portainer.company./",
        "https://portainer.company:443/",
        "https://portainer.company:8443/",
        "https://Portainer.company/",
        "HTTPS://portainer.company/",
        "http://portainer.company/",
        "https://portainerXcompany/",
        "https://evilportainer.company/",
        "https://evil.portainer.company/",
        "https://portainer.company.evil.example/",
        "https://portainer.company@evil.example/",
        "https://me@portainer.company/",
        "https://evil.example/https://portainer.company/",
        "https://evil.example/?https://portainer.company/",
        "https://ｐortainer.company/",
        "https://portainer。company/",
        " https://portainer.company/",
        "https://portainer.company/ ",
        "https://portainer.company/\n",
        "https:\\\\portainer.company/",
    ] {
        assert!(!finds(&registered, other), "{other}");
    }
}

#[test]
fn an_address_is_found_only_for_its_own_purpose() {
    let registered = [strict(PORTAINER)];
    assert!(find(&registered, Authorization, Confidential, PORTAINER).is_some());
    assert!(find(&registered, Logout, Confidential, PORTAINER).is_none());
    assert!(find(&[], Authorization, Confidential, PORTAINER).is_none());
}

#[test]
fn loopback_ip_addresses_of_public_clients_match_with_any_port() {
    for (uri, requested) in [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:1234/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:1234/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb?x=y", "http://[::1]:61023/cb?x=y"),
        ("http://127.0.0.1", "http://127.0.0.1:8000"),
    ] {
        let registered = [strict(uri)];
        assert!(find(&registered, Authorization, Public, requested).is_some(), "{uri} {requested}");
        assert!(find(&registered, Authorization, Confidential, requested).is_none(), "{uri} {requested}");
    }
}

#[test]
fn nothing_but_the_port_of_a_loopback_ip_address_is_free() {
    let registered = [strict("http://127.0.0.1/cb")];
    for requested in [
        "http://127.0.0.1:51004/",
        "http://127.0.0.1:51004/cb/",
        "http://127.0.0.1:51004/cb?x",
        "http://127.0.0.1:51004/cb#x",
        "https://127.0.0.1:51004/cb",
        "http://localhost:51004/cb",
        "http://[::1]:51004/cb",
        "http://127.0.0.2:51004/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
    ] {
        assert!(find(&registered, Authorization, Public, requested).is_none(), "{requested}");
    }
    let named_like_one = [strict("http://127.0.0.1.company/cb")];
    assert!(find(&named_like_one, Authorization, Public, "http://127.0.0.1:51004.company/cb").is_none());
    // RFC 8252 section 8.3: the name localhost is compared like any other.
    let named = [strict("http://localhost/cb")];
    assert!(find(&named, Authorization, Public, "http://localhost/cb").is_some());
    assert!(find(&named, Authorization, Public, "http://localhost:51004/cb").is_none());
}

#[test]
fn a_pattern_is_matched_in_full_against_path_and_query() {
    for (text, matching, other) in [
        ("https://app.company/cb/[a-z]+", "https://app.company/cb/abc", "https://app.company/cb/abc1"),
        ("https://app.company/a|/b", "https://app.company/b", "https://app.company/bc"),
        ("https://app.company/a|/ab", "https://app.company/ab", "https://app.company/abc"),
        ("https://app.company(/.*)?", "https://app.company", "https://app.companyx"),
        ("https://app.company/?", "https://app.company", "https://app.company/x"),
        ("https://app.company/?.*", "https://app.company/x", "https://app.company.evil.example/"),
        ("https://app.company/*.*", "https://app.company?x", "https://app.company@evil.example/"),
        ("https://app.company:8443/.*", "https://app.company:8443/x?y=z", "https://app.company/x"),
        (r"https://app\.company/.*", "https://app.company/x", "https://appXcompany/x"),
        ("https://app.company/(?m)a$", "https://app.company/a", "https://app.company/a/b"),
        ("http://[fd00::1]/.*", "http://[fd00::1]/x", "http://[fd00::2]/x"),
    ] {
        let registered = regex(text);
        assert!(finds(&registered, matching), "{text} {matching}");
        assert!(!finds(&registered, other), "{text} {other}");
    }
}

#[test]
fn what_readers_could_take_differently_never_matches_a_pattern() {
    let registered = regex("https://app.company/.*");
    for good in [
        "https://app.company/",
        "https://app.company/a.b/..c?x=../y",
        "https://app.company//x",
        "https://app.company/@x",
    ] {
        assert!(finds(&registered, good), "{good}");
    }
    let long = format!("https://app.company/{}", "a".repeat(1_981));
    for bad in [
        "https://app.company",
        "https://app.company.evil.example/",
        "https://app.company@evil.example/",
        "https://me@app.company/",
        "https://app.company:8443/",
        "https://app.company./",
        "https://appXcompany/",
        "https://APP.company/",
        "HTTPS://app.company/",
        "http://app.company/",
        "https://ａpp.company/",
        "https://app.company/../x",
        "https://app.company/a/./b",
        "https://app.company/a/%2e%2E/b",
        "https://app.company/a/.%2e/b",
        "https://app.company/%252e%252e/b",
        "https://app.company/..;/b",
        "https://app.company/..%2fb",
        "https://app.company/..\\b",
        "https://app.company/a\\b",
        "https://app.company/a%5cb",
        "https://app.company/a%00",
        "https://app.company/a%0d%0ab",
        "https://app.company/a?b=%0A",
        "https://app.company/a b",
        "https://app.company/a\tb",
        "https://app.company/a\n",
        "https://app.company/a#b",
        "https://app.company/é",
        &long,
    ] {
        assert!(!finds(&registered, bad), "{bad}");
    }
    assert!(finds(&registered, &long[..2_000]));
}

#[test]
fn a_pattern_cannot_reach_the_origin_nor_break_out_of_its_anchors() {
    for (text, expected) in [
        ("https://app.*/cb", BadUri::PatternInOrigin),
        ("https://.*/cb", BadUri::PatternInOrigin),
        ("https://[a-z]+.company/cb", BadUri::PatternInOrigin),
        ("https://(a|b).company/cb", BadUri::PatternInOrigin),
        ("https://app.company(:[0-9]+)?/cb", BadUri::PatternInOrigin),
        ("https://app.company:\\d+/cb", BadUri::PatternInOrigin),
        ("https://app.company?x=.", BadUri::PatternInOrigin),
        ("https://app.company/a#b", BadUri::FragmentInPattern),
        ("https?://app.company/", BadUri::PatternInOrigin),
        ("^https://app.company/", BadUri::PatternInOrigin),
        (".*", BadUri::NotAbsolute),
        ("https://me@app.company/.*", BadUri::UserInfo),
        ("com.example.app://x/.*", BadUri::CustomScheme("com.example.app".into())),
        ("https://app.company/((a{500}){500}){500}", BadUri::PatternTooLarge),
    ] {
        assert_eq!(refusal(Regex, Authorization, Public, text), expected, "{text}");
    }
    for text in
        ["https://app.company/(", "https://app.company/a)|(?:.*", "https://app.company/[", "https://app.company/a\\"]
    {
        assert!(matches!(refusal(Regex, Authorization, Public, text), BadUri::BadPattern(_)), "{text}");
    }
}

#[test]
fn a_stored_pattern_that_does_not_compile_matches_nothing() {
    let broken = RegisteredUri::from_store(Regex, Authorization, "https://app.company/(".to_owned());
    assert!(!finds(&broken, "https://app.company/("));
}

#[test]
fn parameters_go_behind_the_query_and_before_the_fragment() {
    for (uri, expected) in [
        ("https://a.company", "https://a.company?state=x%20y%26z"),
        ("https://a.company/", "https://a.company/?state=x%20y%26z"),
        ("https://a.company/cb?", "https://a.company/cb?state=x%20y%26z"),
        ("https://a.company/cb?a=b", "https://a.company/cb?a=b&state=x%20y%26z"),
        ("https://a.company/cb?a=b&", "https://a.company/cb?a=b&state=x%20y%26z"),
        ("https://a.company/console#!/_login", "https://a.company/console?state=x%20y%26z#!/_login"),
        ("https://a.company/c?a=b#!/l?x", "https://a.company/c?a=b&state=x%20y%26z#!/l?x"),
    ] {
        let uri = RedirectUri(uri.to_owned());
        assert_eq!(uri.with_query(&[("state", "x y&z")]), expected);
        assert_eq!(uri.with_query(&[]), uri.as_str());
    }
    let uri = RedirectUri("https://a.company/cb?a=b".to_owned());
    assert_eq!(uri.with_fragment(&[("code", "1"), ("state", "x+y")]), "https://a.company/cb?a=b#code=1&state=x%2By");
}

#[test]
fn origins_are_written_as_browsers_write_them() {
    for (uri, expected) in [
        ("https://Portainer.company:443/x?y#z", Some("https://portainer.company")),
        ("http://portainer.company:9000", Some("http://portainer.company:9000")),
        ("http://[::1]:80/x", Some("http://[::1]")),
        ("com.example.app:/x", None),
        ("/x", None),
        ("https://portainer.company\\.evil.example/", None),
    ] {
        assert_eq!(origin(uri).as_deref(), expected, "{uri}");
    }
    assert_eq!(regex(r"https://app\.company:8443(/.*)?").origin().as_deref(), Some("https://app.company:8443"));
}

/// Addresses of the kind that people register.
fn addresses() -> impl Strategy<Value = String> {
    "https?://[a-z]{1,8}(\\.[a-z]{1,8}){0,2}(:[1-9][0-9]{2})?(/[A-Za-z0-9._~-]{1,6}){0,3}/?(\\?[a-z]=[a-z0-9]{0,3})?"
        .prop_filter("dots alone are segments", |uri| !percent::has_dot_segment(uri))
}

proptest! {
    #[test]
    fn no_change_of_a_strict_address_is_found(
        uri in addresses(),
        other in "\\PC{0,40}",
        insert in "[ -~\\x00\\n\\r\\t@/\\\\.:#?%]{1,3}",
        at in any::<prop::sample::Index>(),
    ) {
        let registered = strict(&uri);
        prop_assert!(finds(&registered, &uri));
        let at = at.index(uri.len() + 1);
        let (before, after) = uri.split_at(at);
        let mut changed = vec![
            format!("{before}{insert}{after}"),
            format!("{before}{after}", after = after.get(1..).unwrap_or("x")),
            uri.to_uppercase(),
            uri.replacen("://", "://me@", 1),
            uri.replacen('.', "%2e", 1) + "%2e",
            uri.replacen('h', "\u{ff48}", 1),
            other,
        ];
        changed.retain(|c| *c != uri);
        for c in changed {
            prop_assert!(!finds(&registered, &c), "{} found by {}", c, uri);
        }
    }

    #[test]
    fn whatever_a_pattern_finds_has_the_registered_origin(
        host in "[a-z]{1,6}\\.[a-z]{2,3}",
        glue in "[@:.\\\\/?#%a-z0-9&;\\t-]{0,8}",
        rest in "[ -~]{0,30}",
        wild in "\\PC{0,30}",
    ) {
        let registered = regex(&format!("https://{host}/?(?s-u:.)*"));
        for requested in [
            format!("https://{host}{glue}{rest}"),
            format!("https://{host}/{glue}{wild}"),
            format!("https://{glue}{host}/{rest}"),
            wild.clone(),
        ] {
            if let Some(found) = find(std::slice::from_ref(&registered), Authorization, Confidential, &requested) {
                let parsed = url::Url::parse(found.as_str()).unwrap();
                prop_assert_eq!(parsed.origin().ascii_serialization(), format!("https://{host}"));
                prop_assert!(parsed.username().is_empty() && parsed.password().is_none() && parsed.fragment().is_none());
                // What a browser makes of it is what was matched: no segment was resolved away.
                let path_and_query = &requested[format!("https://{host}").len()..];
                let path = path_and_query.split('?').next().unwrap();
                prop_assert!(parsed.path().len() >= path.len());
            }
        }
    }

    #[test]
    fn registering_never_panics_and_what_is_registered_strictly_is_found(text in "\\PC{0,60}", plain in addresses()) {
        for text in [text, plain] {
            for client in [Confidential, Public] {
                let _ = RegisteredUri::register(Regex, Authorization, client, &text);
                if let Ok(registered) = RegisteredUri::register(Strict, Authorization, client, &text) {
                    prop_assert!(find(&[registered], Authorization, client, &text).is_some());
                }
            }
        }
    }

    #[test]
    fn added_parameters_come_back_whole_and_leave_the_address_alone(uri in addresses(), value in ".*") {
        let found = find(&[strict(&uri)], Authorization, Confidential, &uri).unwrap();
        let before = url::Url::parse(&uri).unwrap();
        let answer = found.with_query(&[("code", "x"), ("state", &value)]);
        let after = url::Url::parse(&answer).unwrap();
        prop_assert_eq!(before.origin(), after.origin());
        prop_assert_eq!(before.path(), after.path());
        let mut pairs: Vec<_> = before.query_pairs().into_owned().collect();
        pairs.extend([("code".to_owned(), "x".to_owned()), ("state".to_owned(), value)]);
        prop_assert_eq!(after.query_pairs().into_owned().collect::<Vec<_>>(), pairs);
    }
}
