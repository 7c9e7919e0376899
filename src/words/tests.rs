//! The catalogue is whole: every language has every text with the same values, and every text is used.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::FluentResource;
use regex::Regex;

use super::catalogue::FOLDER;
use super::*;
use crate::domain::built_in_icons::{BuiltIn, ICONS};
use crate::domain::event_kinds::{KINDS, name_key};

/// By language and key, the text as it is written.
fn texts() -> BTreeMap<String, BTreeMap<String, String>> {
    let key = Regex::new(r"(?m)^([a-z][a-z0-9-]*) *=").unwrap();
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for dir in FOLDER.dirs() {
        let code = dir.path().to_str().unwrap().to_owned();
        let of_language = all.entry(code.clone()).or_default();
        for file in dir.files() {
            let path = file.path().display();
            let text = file.contents_utf8().unwrap();
            if let Err((_, errors)) = FluentResource::try_new(text.to_owned()) {
                panic!("{path} does not parse: {errors:?}");
            }
            let starts: Vec<_> =
                key.captures_iter(text).map(|c| (c.get(0).unwrap().start(), c[1].to_owned())).collect();
            for (index, (start, name)) in starts.iter().enumerate() {
                let end = starts.get(index + 1).map_or(text.len(), |(next, _)| *next);
                let before = of_language.insert(name.clone(), text[*start..end].to_owned());
                assert_eq!(before, None, "{path}: {name} stands twice in {code}");
            }
        }
    }
    all
}

/// Every Rust file and template of the program, but the locales.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("src"), &mut found);
    found
}

fn variables(text: &str) -> BTreeSet<String> {
    Regex::new(r"\$([a-zA-Z][a-zA-Z0-9_]*)").unwrap().captures_iter(text).map(|c| c[1].to_owned()).collect()
}

#[test]
fn every_language_has_every_text_with_the_same_values() {
    let all = texts();
    let english = &all["en"];
    for (code, of_language) in &all {
        let missing: Vec<_> = english.keys().filter(|k| !of_language.contains_key(*k)).collect();
        let extra: Vec<_> = of_language.keys().filter(|k| !english.contains_key(*k)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{code} lacks {missing:?} and alone has {extra:?}");
        for (key, text) in of_language {
            assert_eq!(variables(text), variables(&english[key]), "{code}: values of {key}");
        }
    }
}

#[test]
fn no_text_is_asked_for_that_is_not_there() {
    let english = &texts()["en"];
    let asked = Regex::new(r#"(?:say|say_with|html|Words::new)\(\s*"([^"]+)""#).unwrap();
    for (path, source) in sources() {
        for found in asked.captures_iter(&source) {
            assert!(english.contains_key(&found[1]), "{path} asks for {}", &found[1]);
        }
    }
}

#[test]
fn no_text_is_there_that_nobody_says() {
    let sources = sources();
    let literal = Regex::new(r#""([a-z][a-z0-9-]*)""#).unwrap();
    let mut named: BTreeSet<String> =
        sources.iter().flat_map(|(_, s)| literal.captures_iter(s).map(|c| c[1].to_owned())).collect();
    // A text may be a part of others.
    let part = Regex::new(r"\{ ([a-z][a-z0-9-]*) \}").unwrap();
    named.extend(
        texts()["en"].values().flat_map(|t| part.captures_iter(t).map(|c| c[1].to_owned()).collect::<Vec<_>>()),
    );
    let unused: Vec<_> =
        texts()["en"].keys().filter(|k| !named.contains(*k) && !is_composed(k, &named)).cloned().collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

/// Keys made of a prefix and a word of the program, `event-` and the kind of an event, `icon-of-` and a built-in icon; and what to do about a warning.
fn is_composed(key: &str, named: &BTreeSet<String>) -> bool {
    if key.strip_suffix("-do").is_some_and(|warning| named.contains(warning)) {
        return true;
    }
    if key.strip_prefix("icon-of-").is_some_and(|icon| BuiltIn::by_name(icon).is_some()) {
        return true;
    }
    KINDS.iter().filter_map(|kind| name_key(kind)).any(|name| name == key)
}

/// The kinds of events that stand in the program, but for where they are listed.
fn kinds_written() -> BTreeSet<String> {
    let ends = "added|changed|connected|created|deleted|denied|disabled|enabled|failed|given|imported|refused|\
                removed|renamed|replaced|replayed|retired|revoked|set|viewed";
    let patterns = [
        r#"event\(\s*"([a-z_]+)""#.to_owned(),
        // Other things begin too, with one word.
        r#"begin\(\s*"([a-z]+_[a-z_]+)""#.to_owned(),
        format!(r#""([a-z]+(?:_[a-z]+)*_(?:{ends}))""#),
    ];
    let patterns = patterns.map(|p| Regex::new(&p).unwrap());
    let is_test = |path: &str| path.contains("tests") || path.ends_with("event_kinds.rs");
    let mut kinds = BTreeSet::new();
    // Some stand as constants where they are listed, and count where the constant is used.
    let constant = Regex::new(r#"pub const ([A-Z_]+): &str = "([a-z_]+)";"#).unwrap();
    let list = sources().into_iter().find(|(path, _)| path.ends_with("event_kinds.rs")).unwrap().1;
    let constants: Vec<_> = constant.captures_iter(&list).map(|c| (c[1].to_owned(), c[2].to_owned())).collect();
    for (_, source) in sources().iter().filter(|(path, _)| path.ends_with(".rs") && !is_test(path)) {
        kinds.extend(constants.iter().filter(|(name, _)| source.contains(name)).map(|(_, kind)| kind.clone()));
    }
    for (_, source) in sources().iter().filter(|(path, _)| path.ends_with(".rs") && !is_test(path)) {
        for pattern in &patterns {
            kinds.extend(pattern.captures_iter(source).map(|c| c[1].to_owned()));
        }
    }
    kinds
}

#[test]
fn every_kind_of_event_that_is_written_has_a_name_and_no_other() {
    let (written, english) = (kinds_written(), &texts()["en"]);
    let listed: BTreeSet<String> = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    let difference: Vec<_> = written.symmetric_difference(&listed).collect();
    assert!(difference.is_empty(), "in domain/event_kinds.rs or in the code, but not in both: {difference:?}");
    let nameless: Vec<_> = KINDS.iter().filter(|k| !english.contains_key(&name_key(k).unwrap())).collect();
    assert!(nameless.is_empty(), "no name in events.ftl: {nameless:?}");
}

#[test]
fn every_built_in_icon_has_a_name() {
    let english = &texts()["en"];
    let nameless: Vec<_> = ICONS.iter().filter(|i| !english.contains_key(&format!("icon-of-{}", i.name))).collect();
    assert!(nameless.is_empty(), "no name in icons.ftl: {nameless:?}");
}

#[test]
fn texts_hold_no_markup_but_the_little_that_is_allowed() {
    let tag = Regex::new(r"<[^>]*>").unwrap();
    for (code, of_language) in texts() {
        for (key, text) in of_language {
            for found in tag.find_iter(&text) {
                let allowed = ["<b>", "</b>", "<bdi>", "</bdi>", "<code>", "</code>"];
                assert!(allowed.contains(&found.as_str()), "{code}: {key} holds {}", found.as_str());
            }
        }
    }
}

#[test]
fn values_in_markup_are_escaped_and_lose_disguises() {
    let lang = Lang::english();
    let hostile = "<i>\u{202e}x\u{7}\"&'";
    let html = lang.html("group-delete-question", &[("name", hostile.into())]).0;
    assert!(
        html.contains("&#60;i&#62;x&#34;&#38;&#39;") && !html.contains("<i>") && !html.contains('\u{202e}'),
        "{html}"
    );
    assert!(Words::new("bad-name-display").said(lang).contains("150"));
}
