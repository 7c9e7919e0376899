//! What expressions can say, what they cannot, and that each comes to an end.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;

use super::reference::{MAPPINGS, POLICIES, VARIABLES};
use super::*;
use crate::domain::circumstances::Circumstances;
use crate::domain::claims::UserClaims;
use crate::domain::person::Person;
use crate::words::Words;

/// Monday, 23 November 2026, 08:05:30 at UTC+1.
const NOW: i64 = 1_795_417_530;

fn alice() -> UserClaims {
    let attributes = json!({"team": "red", "level": 3, "nested": {"deep": [1, {"x": null}]}, "age": 30});
    UserClaims {
        id: 1,
        uuid: "5f0c9f6e-9d2c-4b07-8a2b-1f6a3f0f8f11".into(),
        username: "alice".into(),
        name: "Alice Example".into(),
        email: Some("alice@home.example".into()),
        email_verified: true,
        groups: vec!["adults".into(), "family".into(), "wiki-editors".into()],
        attributes: attributes.as_object().unwrap().clone(),
        person: Person {
            texts: [("zoneinfo".to_owned(), "Europe/Berlin".to_owned()), ("country".to_owned(), "DE".to_owned())]
                .into(),
            ..Person::default()
        },
        ..UserClaims::default()
    }
}

fn facts_of(user: &UserClaims, address: &str) -> Facts {
    let circumstances = Circumstances::new(address, "pwd otp", NOW, 3_600);
    Facts::new(user, false, &circumstances).at("Portainer", "portainer", "Servers")
}

fn facts() -> Facts {
    facts_of(&alice(), "192.168.1.20")
}

fn passes(source: &str) -> Result<bool, ExpressionError> {
    Policy::parse(source)?.passes(&facts())
}

fn claims(source: &str) -> Result<Json, ExpressionError> {
    Mapping::parse(source)?.claims(&facts()).map(Json::Object)
}

fn wrong(source: &str) -> Wrong {
    let error = passes(source).expect_err(source);
    assert!(error.to_string().len() > 10);
    error.wrong
}

#[test]
fn a_policy_asks_for_user_application_and_request() {
    for (source, expected) in [
        ("user.username == 'alice'", true),
        ("\"family\" in user.groups and 'strangers' not in user.groups", true),
        ("user.given_name ~ '|' ~ user.family_name == 'Alice|Example'", true),
        ("user.email_verified and user.email is endingwith('@home.example')", true),
        ("user.is_administrator", false),
        ("user.attributes.team == 'red' and user.attributes.level > 2", true),
        ("user.attributes.nested.deep[0] == 1", true),
        ("user.claims.zoneinfo == 'Europe/Berlin' and user.claims.address.country == 'DE'", true),
        ("user.claims.phone_number is defined", false),
        ("application.slug == 'portainer' and application.group in ['Servers']", true),
        ("request.hour == 8 and request.minute == 5 and request.weekday == 1", true),
        ("request.date == '2026-11-23' and request.time == '08:05'", true),
        ("request.timestamp == 1795417530", true),
        ("'otp' in request.amr", true),
        ("request.address == '192.168.1.20'", true),
        ("(request.hour * 60 + request.minute) >= 485", true),
        ("user.groups | select('startingwith', 'wiki-') | list | length == 1", true),
        ("not (true and\n false)", true),
    ] {
        assert_eq!(passes(source), Ok(expected), "{source}");
    }
}

#[test]
fn an_address_is_in_a_network_or_not() {
    for (address, source, expected) in [
        ("192.168.1.20", "in_network(request.address, '192.168.0.0/16')", true),
        ("192.169.1.20", "in_network(request.address, '192.168.0.0/16')", false),
        ("::ffff:10.0.0.1", "in_network(request.address, '10.0.0.1')", true),
        ("fd00::5", "in_network(request.address, '192.168.0.0/16', 'fd00::/8')", true),
        ("fd00::5", "in_network(request.address, ['192.168.0.0/16', 'fd00::/8'])", true),
        ("2001:db8::5", "in_network(request.address, ['192.168.0.0/16', 'fd00::/8'])", false),
    ] {
        let policy = Policy::parse(source).unwrap();
        assert_eq!(policy.passes(&facts_of(&alice(), address)), Ok(expected), "{address} {source}");
    }
    for bad in [
        "in_network(request.address)",
        "in_network()",
        "in_network('x', '10.0.0.0/8')",
        "in_network(1, 2)",
        "in_network(request.address, 'home')",
        "in_network(request.address, '10.0.0.0/33')",
        "in_network(request.address, user.groups)",
        "in_network(request.address, none)",
    ] {
        assert!(matches!(wrong(bad), Wrong::Failed(_)), "{bad}");
    }
}

#[test]
fn an_address_that_is_not_known_is_an_error_only_where_it_is_asked_for() {
    let unknown = facts_of(&alice(), "");
    assert_eq!(Policy::parse("user.email_verified").unwrap().passes(&unknown), Ok(true));
    for source in ["in_network(request.address, '10.0.0.0/8')", "request.address == ''", "not (request.address == 'x')"]
    {
        let error = Policy::parse(source).unwrap().passes(&unknown).unwrap_err();
        assert!(matches!(error.wrong, Wrong::Undefined(_)), "{source}: {error}");
        assert!(error.to_string().contains("request.address"), "{error}");
    }
}

#[test]
fn a_policy_yields_true_or_false_and_nothing_like_it() {
    for (source, kind) in [
        ("1", "number"),
        ("''", "text"),
        ("none", "none"),
        ("user.groups", "list"),
        ("{}", "map"),
        ("user.email_verified and user.username", "text"),
        ("user.attributes.absent", "undefined"),
        ("user.is_administrator if false", "undefined"),
    ] {
        assert_eq!(wrong(source), Wrong::NotTrueOrFalse(kind), "{source}");
    }
}

#[test]
fn what_is_not_there_is_an_error_unless_it_was_asked_for_first() {
    for source in [
        "user.attributes.absent == 1",
        "user.attributes.absent != 1",
        "not user.attributes.absent",
        "user.attributes.absent or true",
        "'x' in user.attributes.absent",
        "user.attributes.absent.more is defined",
        "user.usrname == 'alice'",
        "user.usrname is defined",
        "user.usrname | default(true)",
        "application.id == 1",
        "request.ip == '1'",
    ] {
        assert!(matches!(wrong(source), Wrong::Undefined(_)), "{source}");
    }
    for source in [
        "user.attributes.absent is not defined",
        "user.attributes.absent | default(true)",
        "user.attributes.absent is undefined or user.attributes.absent == 1",
        "user.attributes.team is defined",
        "user.email is not none",
    ] {
        assert_eq!(passes(source), Ok(true), "{source}");
    }
}

#[test]
fn names_that_do_not_exist_are_found_before_they_are_needed_with_their_place() {
    let parse = |source: &str| Policy::parse(source).err().map(|e| (e.wrong, e.place.map(|p| (p.line, p.column))));
    assert_eq!(parse("true or\n  usr.name == 1"), Some((Wrong::UnknownVariable("usr".into()), Some((2, 3)))));
    assert_eq!(parse("true or open('x')"), Some((Wrong::UnknownVariable("open".into()), Some((1, 9)))));
    assert_eq!(parse("true or usr is defined"), Some((Wrong::UnknownVariable("usr".into()), Some((1, 9)))));
    assert_eq!(parse("true or (1 | tojson)"), Some((Wrong::UnknownFilter("tojson".into()), Some((1, 14)))));
    assert_eq!(parse("'é' == 1 is odder"), Some((Wrong::UnknownTest("odder".into()), Some((1, 13)))));
    assert_eq!(parse("1 is not odder"), Some((Wrong::UnknownTest("odder".into()), Some((1, 10)))));
    assert!(matches!(parse("1 +"), Some((Wrong::Syntax(_), Some((1, _))))));
    assert!(matches!(parse("true and\n\n )"), Some((Wrong::Syntax(_), Some((3, 2))))));
    assert_eq!(parse("  "), Some((Wrong::Empty, None)));
    for gone in ["range(3)", "dict(a=1)", "namespace()", "debug()", "self", "loop", "super()", "cycler(1)", "lipsum()"]
    {
        assert!(matches!(parse(gone), Some((Wrong::UnknownVariable(_), _))), "{gone}");
    }
    for statement in ["{{ user }}", "{% if true %}true{% endif %}", "x = 1", "true; true", "true # no", "{# a #}true"] {
        assert!(parse(statement).is_some(), "{statement}");
    }
}

#[test]
fn a_mapping_yields_claims_of_every_type_and_leaves_none_out() {
    assert_eq!(
        claims("{'a': user.username, 'b': [1, 2.5, true], 'c': {'d': none, 'e': user.attributes.nested}, 'f': none}"),
        Ok(json!({"a": "alice", "b": [1, 2.5, true], "c": {"d": null, "e": {"deep": [1, {"x": null}]}}}))
    );
    assert_eq!(claims("{}"), Ok(json!({})));
    assert_eq!(
        claims("{'n': -9223372036854775808, 'm': 18446744073709551615}"),
        Ok(json!({"n": i64::MIN, "m": u64::MAX}))
    );
    assert_eq!(claims("[1]").unwrap_err().wrong, Wrong::NotAMap("list"));
    assert_eq!(claims("user.username").unwrap_err().wrong, Wrong::NotAMap("text"));
    assert_eq!(claims("{1: 2}").unwrap_err().wrong, Wrong::NotJson("names"));
    assert_eq!(claims("{'a': 2 ** 100}").unwrap_err().wrong, Wrong::Product);
    assert_eq!(claims("{'a': 99999999999999999999999999}").unwrap_err().wrong, Wrong::NotJson("large-number"));
    assert_eq!(claims("{'a': user.attributes.absent}").unwrap_err().wrong, Wrong::NotJson("undefined"));
    assert_eq!(claims("{'a': '1e999' | float}").unwrap_err().wrong, Wrong::NotJson("large-number"));
    assert!(matches!(claims("{'a': user.absent}").unwrap_err().wrong, Wrong::Undefined(_)));
    assert!(claims("user").is_ok_and(|c| c["username"] == "alice"), "a record is a map like any other");
}

#[test]
fn what_is_yielded_is_bounded_in_length_and_depth() {
    let text = |n: usize| format!("{{'a': user.username | replace('alice', '{}')}}", "x".repeat(n));
    assert!(claims(&text(4_000)).is_ok());
    let long = UserClaims { name: "x".repeat(MAX_RESULT), ..alice() };
    let told = |source: &str, user: &UserClaims| Mapping::parse(source).unwrap().claims(&facts_of(user, ""));
    assert_eq!(told("{'a': user.name}", &long).unwrap_err().wrong, Wrong::TooMuch);
    // Escaped, 2,000 control characters are 12,000 bytes.
    let escaped = UserClaims { name: "\u{1}".repeat(2_000), ..alice() };
    assert_eq!(told("{'a': user.name}", &escaped).unwrap_err().wrong, Wrong::TooMuch);
    let many = UserClaims { groups: vec!["g".into(); 3_000], ..alice() };
    assert_eq!(told("{'a': user.groups}", &many).unwrap_err().wrong, Wrong::TooMuch);
    let nested = |n: usize| format!("{{'a': {}1{}}}", "[".repeat(n), "]".repeat(n));
    assert!(claims(&nested(MAX_DEPTH - 1)).is_ok());
    assert_eq!(claims(&nested(MAX_DEPTH)).unwrap_err().wrong, Wrong::TooDeep);
}

/// Expressions that were written to stop a server.
fn hostile() -> Vec<String> {
    let mut all: Vec<String> = [
        "'x' * 1000000000", "'x' * 1000000 * 1000000", "user.groups * 1000000000", "user.groups * 99999 * 99999",
        "[[[[[[[1] * 99] * 99] * 99] * 99] * 99] * 99] * 99 == [[[[[[[1] * 99] * 99] * 99] * 99] * 99] * 99] * 99",
        "((((((1,) * 99,) * 99,) * 99,) * 99,) * 99,) * 99 == 1",
        "((((([1] * 99) ~ '') * 99) ~ '') * 99) ~ ''",
        "range(1000000000) | list", "range(99999) in [range(99999), range(99999)]",
        "('a' * 9999) | replace('a', 'b' * 9999) | replace('b', 'c' * 9999)",
        "'aaaaaaaaaaaaaaaaaaaa' | replace('', 'aaaaaaaaaaaaaaaaaaaa') | replace('', 'aaaaaaaaaaaaaaaaaaaaa') | replace('a', 'aaaaaaaaaaaaaaaaaaaaaaa') | replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') | replace('a', 'aaaaaaaaaaaaaaaaaaa')",
        "('a,' * 500000) | split(',') | map('upper') | join | length > 0",
        "('a,' * 500000) | split(',') | sort | list | length > 0",
        "user.groups * 30000 | map('default', user.groups * 30000) | list",
        "(user.groups * 20000) | map('replace', 'a', 'aaaaaaaaaaaaaaaa') | map('replace', 'a', 'aaaaaaaaaaaaaaaa') | list",
        "(user.groups * 20000) == (user.groups * 20000)", "'zzz' in user.groups * 900000",
        "user.groups * 900000 | select('eq', 'x') | list", "user.groups * 900000 | reverse | first",
        "9 ** 9 ** 9 ** 9 ** 9", "1.5 | round(999999999)", "1 | round(-999999999)", "'%999999999d' | format(1)",
        "[1] | batch(999999999, 1) | list", "'x' | indent(999999999)", "[1] | tojson(indent=999999999)",
        "'x' | center(999999999)", "(1 | int(base=36))", "'9' * 900000 | int", "-9223372036854775808 // -1",
        "1 // 0", "1 % 0", "1 / 0", "0 ** -1", "user.__class__.__mro__", "user['__init__']", "''.join", "in_network",
        "in_network(in_network, in_network)", "user | map(user)", "user.groups()", "user()", "request | list | map('map', 'map')",
    ]
    .map(str::to_owned)
    .into();
    let n = MAX_SOURCE;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("in_network(", ")"),
        ("not ", ""),
        ("-", ""),
        ("'a' if ", " else 1"),
        ("1 if 1 else ", ""),
    ] {
        let times = (n - 20) / (open.len() + close.len());
        for times in [times, times.min(140), times.min(400)] {
            all.push(format!("{}1{}", open.repeat(times), close.repeat(times)));
            all.push(open.repeat(times));
        }
    }
    for (head, part, tail) in [
        ("1", "+1", ""),
        ("1", "**1", ""),
        ("1", " and 1", ""),
        ("1", " or 1", ""),
        ("1", "~1", ""),
        ("1", "<1", ""),
        ("user", ".a", ""),
        ("user", "[0]", ""),
        ("user", "()", ""),
        ("1", "|abs", ""),
        ("1", " is odd", ""),
        ("[", "1,", "]"),
        ("'", "\\", ""),
        ("\"", "\\n", "\""),
        ("1", " in 1", ""),
        ("'a'", "[::-1]", ""),
    ] {
        for most in [n, 1_400] {
            let times = (most - head.len() - tail.len()) / part.len();
            all.push(format!("{head}{}{tail}", part.repeat(times)));
        }
    }
    all
}

#[test]
fn hostile_expressions_end_quickly_on_a_small_stack_and_tell_nothing() {
    let run = || {
        for source in hostile() {
            let shown: String = source.chars().take(90).collect();
            let started = Instant::now();
            let outcome = passes(&source);
            let took = started.elapsed();
            assert!(took < Duration::from_millis(400), "{shown} took {took:?}");
            assert!(outcome.is_ok() || outcome.is_err_and(|e| e.to_string().len() < 700), "{shown}");
            assert!(claims(&source).is_err(), "{shown}");
        }
    };
    // Half of what a thread has by default.
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn too_long_or_too_many_is_refused_before_it_is_read() {
    assert_eq!(wrong(&"x".repeat(MAX_SOURCE + 1)), Wrong::TooLong(MAX_SOURCE + 1));
    assert_eq!(wrong(&"1+".repeat(600)), Wrong::TooManyParts(1_200));
    let names: Vec<String> = (0..300).map(|n| format!("'group{n}'")).collect();
    assert_eq!(passes(&format!("user.username in [{}]", names.join(","))), Ok(false));
}

#[test]
fn map_applies_plain_filters_with_plain_arguments() {
    assert_eq!(claims("{'g': user.groups | map('upper') | list}").unwrap()["g"][0], "ADULTS");
    assert_eq!(claims("{'g': user.groups | map('replace', 'a', 'A')}").unwrap()["g"][0], "Adults");
    for bad in [
        "user.groups | map('default', [1])",
        "user.groups | map('tojson')",
        "user.groups | map(attribute='x')",
        "user.groups | map",
        "user.groups | map('map', 'map')",
    ] {
        assert!(matches!(claims(&format!("{{'g': {bad}}}")).unwrap_err().wrong, Wrong::Failed(_)), "{bad}");
    }
}

#[test]
fn the_reference_tells_every_variable_and_its_examples_work() {
    let facts = facts();
    let has = |name: &str| Policy::parse(&format!("{name} is defined")).unwrap().passes(&facts);
    for variable in VARIABLES.iter().filter(|v| v.name != "in_network") {
        assert_eq!(has(variable.name), Ok(true), "{}", variable.name);
        assert!(Mapping::parse(&format!("{{'a': {}}}", variable.example)).unwrap().claims(&facts).is_ok());
    }
    let Json::Object(records) = claims("{'user': user, 'application': application, 'request': request}").unwrap()
    else {
        panic!("a map")
    };
    for (record, fields) in &records {
        for field in fields.as_object().unwrap().keys() {
            let name = format!("{record}.{field}");
            assert!(VARIABLES.iter().any(|v| v.name == name), "{name} is not in the reference");
        }
    }
    for example in POLICIES {
        assert!(Policy::parse(example.expression).unwrap().passes(&facts).is_ok(), "{}", example.expression);
    }
    for example in MAPPINGS {
        assert!(Mapping::parse(example.expression).unwrap().claims(&facts).is_ok(), "{}", example.expression);
    }
}

#[test]
fn errors_are_said_in_every_language() {
    let german = crate::words::from_tags(["de"]).unwrap();
    let said = |source: &str| Words::from(passes(source).unwrap_err());
    assert_eq!(
        said("\n true and usr").to_string(),
        "Line 1, column 10: There is no usr. There are: user, application, request, in_network."
    );
    assert_eq!(said("1").to_string(), "The expression yields a number; a policy must yield true or false.");
    assert_eq!(said("1").said(german), "Der Ausdruck ergibt eine Zahl; eine Richtlinie muss true oder false ergeben.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_is_written_ends_soon(source in "\\PC{0,80}") {
        let _ = passes(&source);
        let _ = claims(&source);
    }

    #[test]
    fn whatever_is_put_together_ends_soon(parts in prop::collection::vec(prop::sample::select(vec![
        "user", ".groups", ".attributes", "request", ".hour", "(", ")", "[", "]", "{", "}", ",", ":", "'a'", "1", "99999",
        "*", "**", "+", "-", "~", " in ", " and ", " not ", " is ", "defined", "|", "list", "map('upper')", "join", "sort",
        "replace('a','aaaa')", " if ", " else ", "==", "<", "in_network(", "%", "//",
    ]), 0..40)) {
        let started = Instant::now();
        let source = parts.concat();
        let _ = passes(&source);
        let told = claims(&source);
        prop_assert!(started.elapsed() < Duration::from_millis(400), "{source}");
        if let Ok(told) = told {
            prop_assert!(told.to_string().len() <= MAX_RESULT);
        }
    }

    #[test]
    fn text_of_users_is_only_ever_text(name in "\\PC{0,30}") {
        let user = UserClaims { name: name.clone(), ..alice() };
        let told = Mapping::parse("{'a': user.name, 'b': [user.name]}").unwrap().claims(&facts_of(&user, "")).unwrap();
        prop_assert_eq!(&told["a"], &json!(name));
        prop_assert_eq!(&told["b"], &json!([name]));
    }
}
