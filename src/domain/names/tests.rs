//! Names that are taken, names that are refused, and which of them are the same.

use proptest::prelude::*;

use super::*;

#[test]
fn logins_that_people_cannot_tell_apart_have_one_key() {
    for (a, b) in [
        ("Admin", "admin"),
        ("ＡＤＭＩＮ", "admin"),
        (" admin ", "admin"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("ﬁn", "FIN"),
        ("Me＠Company.Example", "me@company.example"),
        ("e\u{301}va", "ÉVA"),
        ("K\u{212a}", "kk"),
    ] {
        assert_eq!(fold(a), fold(b), "{a} {b}");
    }
    assert_ne!(fold("eva"), fold("éva"));
    assert_ne!(fold("me@a.example"), fold("me@b.example"));
}

#[test]
fn user_names_of_letters_digits_and_a_few_signs_are_taken() {
    for name in ["a", "ada.lovelace", "ada+test@company.example", "7of9", "Ünal_x-y", "田中", &"a".repeat(150)] {
        assert_eq!(Username::parse(name).unwrap().as_str(), name);
    }
    assert_eq!(Username::parse(" ａｄａ ").unwrap().as_str(), "ada");
}

#[test]
fn user_names_that_hide_something_are_refused() {
    assert_eq!(Username::parse(" "), Err(BadName::UsernameEmpty));
    assert_eq!(Username::parse(&"a".repeat(151)), Err(BadName::UsernameTooLong));
    assert_eq!(Username::parse(".."), Err(BadName::UsernameNoLetter));
    for name in [
        "ada lovelace",
        "ada\u{a0}x",
        "a\tb",
        "a\0",
        "a\u{202e}b",
        "a\u{200b}b",
        "a\u{ad}b",
        "a/b",
        "a\\b",
        "a<b",
        "a:b",
        "a\"b",
        "a'b",
        "a,b",
        "\u{fdfa}",
    ] {
        assert_eq!(Username::parse(name), Err(BadName::UsernameCharacter), "{name:?}");
    }
}

#[test]
fn mail_addresses_that_can_be_sent_to_are_taken() {
    for address in
        ["a@b", "ada@company.example", "ada.l+x_y@sub.company.example", "o'neil@x-y.example", "jörg@bücher.example"]
    {
        assert_eq!(Email::parse(address).unwrap().as_str(), address);
    }
    assert_eq!(Email::parse(" ada@company.example\n").unwrap().as_str(), "ada@company.example");
}

#[test]
fn mail_addresses_that_confuse_are_refused() {
    let long = format!("{}@{}.example", "a".repeat(64), "b.".repeat(100));
    assert_eq!(Email::parse(&long), Err(BadName::EmailTooLong));
    let long_local = format!("{}@company.example", "a".repeat(65));
    let long_label = format!("a@{}.example", "b".repeat(64));
    for address in [
        "",
        "ada",
        "@company.example",
        "ada@",
        "a@b@c",
        "a b@c",
        "a@b c",
        "a@b\r\nBcc: x@y",
        "a@\u{202e}b",
        "a..b@c",
        ".a@c",
        "a.@c",
        "a@.c",
        "a@c.",
        "a@c..d",
        "a@-c",
        "a@c-",
        "\"a b\"@c",
        "a@[127.0.0.1]",
        "Ada <a@c>",
        "a,b@c",
        "a;b@c",
        &long_local,
        &long_label,
    ] {
        assert_eq!(Email::parse(address), Err(BadName::EmailMalformed), "{address:?}");
    }
}

#[test]
fn slugs_that_hide_an_endpoint_are_refused_and_others_taken() {
    for slug in ["authorize", "token", "userinfo", "introspect", "revoke", "device", "par"] {
        assert_eq!(Slug::parse(slug), Err(BadName::SlugReserved), "{slug}");
    }
    for slug in ["portainer", "my_app-2", "tokens", "-", &"a".repeat(50)] {
        assert_eq!(Slug::parse(slug).unwrap().as_str(), slug);
    }
    assert_eq!(Slug::parse(""), Err(BadName::SlugEmpty));
    assert_eq!(Slug::parse(&"a".repeat(51)), Err(BadName::SlugTooLong));
    for slug in ["My", "a b", "a/b", "..", "a%2f", "é", "a\n", "Token"] {
        assert_eq!(Slug::parse(slug), Err(BadName::SlugCharacter), "{slug}");
    }
}

#[test]
fn a_slug_is_suggested_by_the_name() {
    for (name, slug) in [
        ("My App!", "my-app"),
        ("  Café -- Übersicht ", "cafe-ubersicht"),
        ("Gravitee (APIM) 4.x", "gravitee-apim-4-x"),
    ] {
        assert_eq!(Slug::from_name(name).unwrap().as_str(), slug);
    }
    assert_eq!(Slug::from_name("Token"), Err(BadName::SlugReserved));
    assert_eq!(Slug::from_name("田中"), Err(BadName::SlugEmpty));
}

#[test]
fn an_unset_given_name_is_what_is_before_the_last_space() {
    assert_eq!(split_name("Ada King Lovelace"), ("Ada King", "Lovelace"));
    assert_eq!(split_name(" Ada  Lovelace "), ("Ada", "Lovelace"));
    assert_eq!(split_name("Ada"), ("Ada", ""));
    assert_eq!(split_name(""), ("", ""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn folding_twice_changes_nothing(text in ".{0,20}") {
        let key = fold(&text);
        prop_assert_eq!(fold(&key), key);
    }

    #[test]
    fn case_and_fullwidth_variants_collide(name in "[a-zA-Z0-9._@-]{1,20}") {
        let fullwidth: String =
            name.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        prop_assert_eq!(fold(&name), name.to_lowercase());
        for variant in [name.to_uppercase(), name.to_lowercase(), fullwidth, format!("\t{name} ")] {
            prop_assert_eq!(fold(&variant), fold(&name));
        }
    }

    #[test]
    fn a_name_that_was_taken_reads_back_the_same(text in "\\PC{0,30}|[a-zà-ÿＡ-ｚ@.]{1,10}") {
        if let Ok(name) = Username::parse(&text) {
            prop_assert_eq!(Username::parse(name.as_str()), Ok(name.clone()));
            prop_assert_eq!(fold(name.as_str()), fold(&text));
        }
        if let Ok(email) = Email::parse(&text) {
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
            prop_assert_eq!(fold(email.as_str()), fold(&text));
        }
        if let Ok(slug) = Slug::from_name(&text) {
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
        }
    }
}

#[test]
fn folding_any_single_character_twice_changes_nothing() {
    // All that have a case or a compatibility form, but for variants of ideographs.
    for c in ('\0'..='\u{1ffff}').map(String::from) {
        let key = fold(&c);
        assert_eq!(fold(&key), key, "{c:?}");
    }
}

#[test]
fn names_for_people_are_trimmed_bounded_and_without_controls() {
    assert_eq!(DisplayName::parse("  Alice Liddell ").map(DisplayName::into_string), Ok("Alice Liddell".to_owned()));
    assert!(DisplayName::parse(&"ä".repeat(150)).is_ok());
    for bad in ["", "   ", "a\nb", "a\u{1b}[2J", &"ä".repeat(151)] {
        assert_eq!(DisplayName::parse(bad), Err(BadName::DisplayName), "{bad:?}");
    }
}

#[test]
fn names_that_give_a_right_or_look_like_an_address_are_given_by_administrators_only() {
    for name in ["admin", " ADMIN ", "Root", "\u{ff41}dmin", "postmaster", "Administrator"] {
        assert_eq!(Username::parse_own(name), Err(BadName::UsernameReserved), "{name}");
        assert!(Username::parse(name).is_ok(), "{name}");
    }
    for name in ["boss@company.example", "@", "boss\u{ff20}company.example"] {
        assert!(
            matches!(Username::parse_own(name), Err(BadName::UsernameAddress | BadName::UsernameNoLetter)),
            "{name}"
        );
    }
    for name in ["alice", "adminton", "alice.admin", "Zoë"] {
        assert!(Username::parse_own(name).is_ok(), "{name}");
    }
}

#[test]
fn names_that_guests_choose_mix_no_alphabets() {
    // A Cyrillic a, a Greek omicron, an Armenian letter, a Hebrew one, a Cherokee one.
    for name in ["\u{430}dmin", "b\u{3bf}b", "ali\u{578}e", "alice\u{5d5}", "\u{13aa}lice"] {
        assert_eq!(Username::parse_own(name), Err(BadName::UsernameScripts), "{name}");
        assert!(Username::parse(name).is_ok(), "an administrator may: {name}");
    }
    for name in [
        "админ-2",
        "άννα",
        "Åse.Müller_3",
        "山田たろう",
        "カタカナ漢字",
        "홍길동",
        "אבי",
        "محمد",
        "अनिल",
        "สมชาย",
        "1.2",
    ] {
        assert_eq!(Username::parse_own(name).map(|n| n.as_str().to_owned()), Ok(name.to_owned()), "{name}");
    }
}
