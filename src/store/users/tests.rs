//! Users are found by the beginnings of words, and nothing that is typed is an instruction to the database.

use proptest::prelude::*;

use super::{Profile, count, insert, page};
use crate::error::Internal;
use crate::store::Store;
use crate::store::tests::Folder;

fn house() -> (Folder, Store) {
    let folder = Folder::new();
    let store = folder.open();
    let people = [
        ("alice", "Alice Liddell", "alice@home.example"),
        ("bob.builder", "Bob Müller-Lüdenscheidt", "bob@work.example"),
        ("carol", "Carol AND Dave", "carol@home.example"),
        ("Zoë", "", "zoe@home.example"),
    ];
    store
        .write(move |tx| {
            for (username, name, email) in people {
                let (username, name, email) = (username.to_owned(), name.to_owned(), Some(email.to_owned()));
                let profile = Profile { username: username.clone(), name, email, ..Profile::default() };
                insert(tx, &profile, &username, None, 1)?.map_err(Internal::fault)?;
            }
            Ok::<_, Internal>(())
        })
        .expect("writes");
    (folder, store)
}

fn found(store: &Store, typed: &str) -> Vec<String> {
    let names: Vec<_> = store.read(|c| page(c, typed, 0, 10)).expect("reads").into_iter().map(|u| u.username).collect();
    assert_eq!(store.read(|c| count(c, typed)).expect("reads"), names.len() as i64, "{typed}");
    names
}

#[test]
fn every_word_is_the_beginning_of_a_word_of_name_or_address() {
    let (_folder, store) = house();
    for (typed, names) in [
        ("", &["alice", "bob.builder", "carol", "Zoë"][..]),
        ("  ", &["alice", "bob.builder", "carol", "Zoë"]),
        ("ali", &["alice"]),
        ("LIDD", &["alice"]),
        ("home", &["alice", "carol", "Zoë"]),
        ("home car", &["carol"]),
        ("car home", &["carol"]),
        ("carol alice", &[]),
        ("lice", &[]),
        ("build", &["bob.builder"]),
        ("bob.b", &["bob.builder"]),
        ("bob@work.ex", &["bob.builder"]),
        ("muller", &["bob.builder"]),
        ("müll", &["bob.builder"]),
        ("luden", &["bob.builder"]),
        ("zoe", &["Zoë"]),
        ("and", &["carol"]),
    ] {
        assert_eq!(found(&store, typed), names, "{typed}");
    }
}

#[test]
fn operators_and_quotes_are_only_text() {
    let (_folder, store) = house();
    for typed in
        ["alice OR bob", "NOT alice", "username:alice bob", "alice NEAR carol", "\"alice", "ali\"ce", "^alice\0\""]
    {
        assert!(found(&store, typed).len() < 2, "{typed}");
    }
    for typed in ["*", "\"", "\"\"", "-", "()", "' OR 1=1 --", "\u{301}"] {
        assert_eq!(found(&store, typed), [""; 0], "{typed}");
    }
    assert_eq!(found(&store, "\"alice\" *"), ["alice"]);
    assert_eq!(found(&store, "alice\0"), ["alice"]);
}

#[test]
fn pages_follow_each_other() {
    let (_folder, store) = house();
    let names = |typed: &'static str, offset| -> Vec<String> {
        let page = store.read(|c| page(c, typed, offset, 2)).expect("reads");
        page.into_iter().map(|u| u.username).collect()
    };
    assert_eq!([names("", 0), names("", 2)].concat(), ["alice", "bob.builder", "carol", "Zoë"]);
    assert_eq!([names("home", 0), names("home", 2)].concat(), ["alice", "carol", "Zoë"]);
    assert_eq!(names("", 4), [""; 0]);
}

#[test]
fn no_text_makes_an_error() {
    let (_folder, store) = house();
    proptest!(|(typed in "[\\PC\\x00-\\x1f]{0,40}", odd in "[\"'*^:(){}+,. \\x00a-cNEAROTD0-9-]{0,60}", any in any::<String>())| {
        for typed in [typed, odd, any] {
            let counted = store.read(|c| count(c, &typed))?;
            let found = store.read(|c| page(c, &typed, 0, 10))?;
            prop_assert_eq!(found.len() as i64, counted);
        }
    });
}

#[test]
fn administrators_are_counted_without_looking_at_everybody() {
    let (_folder, store) = house();
    let plan: Result<Vec<String>, Internal> = store.read(|c| {
        let sql = "EXPLAIN QUERY PLAN SELECT id FROM users WHERE is_administrator = 1 AND is_active";
        let mut statement = c.prepare(sql)?;
        Ok(statement.raw_query().mapped(|r| r.get(3)).collect::<Result<_, _>>()?)
    });
    assert!(plan.expect("a plan").join("; ").contains("users_who_administer"));
    let count = |sql: &'static str| {
        store.write(move |tx| crate::store::execute(tx, sql, [])).expect("writes");
        store.read(super::administrators).expect("reads")
    };
    assert_eq!(count("UPDATE users SET is_administrator = 1 WHERE username = 'alice'"), 1);
    let group = "INSERT INTO groups (name, name_key, is_administrator, created_at) VALUES ('a', 'a', 1, 1)";
    assert_eq!(count(group), 1);
    assert_eq!(count("INSERT INTO group_members (group_id, user_id) SELECT 1, id FROM users"), 4);
    assert_eq!(count("UPDATE users SET is_active = 0 WHERE username IN ('alice', 'carol')"), 2);
}
