//! Looking for events gives what the filter says, along an index, whatever the combination.

use std::time::Instant;

use proptest::prelude::*;

use super::query::{Export, LOOK};
use super::{DAY, Event, Filter, days, insert, is_purge_due, page, purge};
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::tests::Folder;
use crate::store::{Store, Tx};

const KINDS: [&str; 3] = ["login", "login_failed", "group_created"];
const NAMES: [&str; 3] = ["alice", "bob", "carol"];

/// An event made of small numbers.
fn event(n: usize) -> Event {
    let kind = KINDS[n % 3];
    let mut event = local_event(kind, (n as i64 / 10) * DAY / 4);
    event.is_refusal = kind == "login_failed";
    event.username = (!n.is_multiple_of(4)).then(|| NAMES[n % 4 - 1].into());
    if !n.is_multiple_of(5) { event.detail("application", ["wiki", "photos"][n % 2]) } else { event }
}

fn store_with(events: impl IntoIterator<Item = Event>) -> (Folder, Store) {
    let folder = Folder::new();
    let store = folder.open();
    let events: Vec<_> = events.into_iter().collect();
    store.write(move |tx| events.iter().try_for_each(|e| insert(tx, e))).expect("writes");
    (folder, store)
}

/// What the filter says, said plainly.
fn is_wanted(filter: &Filter, e: &Event) -> bool {
    let is = |wanted: &Option<String>, had: Option<&str>| wanted.as_deref().is_none_or(|w| had == Some(w));
    is(&filter.user, e.username.as_deref())
        && is(&filter.application, e.application.as_deref())
        && is(&filter.kind, Some(&e.kind))
        && (!filter.refusals || e.is_refusal)
        && filter.from.is_none_or(|from| e.at >= from)
        && filter.until.is_none_or(|until| e.at < until)
}

fn some(words: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(words).prop_map(str::to_owned))
}

fn filters() -> impl Strategy<Value = Filter> {
    let time = || proptest::option::of(0..12 * DAY);
    let names = some(&["alice", "bob", "carol", "nobody"]);
    (names, some(&["wiki", "photos", "none"]), some(&KINDS), any::<bool>(), time(), time()).prop_map(
        |(user, application, kind, refusals, from, until)| Filter { user, application, kind, refusals, from, until },
    )
}

#[test]
fn a_filter_finds_what_it_says_page_by_page() {
    // The clock goes back in the middle.
    let (_folder, store) = store_with((0..200).chain(100..250).map(event));
    let all: Vec<Event> = store.read(|c| Export::new(c, &Filter::default(), None).collect()).expect("reads");
    assert_eq!(all.len(), 350);
    assert!(all.is_sorted_by(|a, b| a.id > b.id));
    proptest!(|(filter in filters(), most in 1_usize..60)| {
        let wanted: Vec<i64> = all.iter().filter(|e| is_wanted(&filter, e)).map(|e| e.id).collect();
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let page = store.read(|c| page(c, &filter, before, most)).expect("reads");
            prop_assert!(page.events.len() <= most);
            found.extend(page.events.iter().map(|e| e.id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        prop_assert_eq!(&found, &wanted);
        let exported: Result<Vec<Event>, _> = store.read(|c| Ok::<_, Internal>(Export::new(c, &filter, None).collect()))?;
        prop_assert_eq!(exported?.into_iter().map(|e| e.id).collect::<Vec<_>>(), wanted);
    });
}

#[test]
fn every_query_goes_along_an_index_and_sorts_nothing() {
    let (_folder, store) = store_with([]);
    let plans = super::query::statements();
    assert!(plans.len() >= 15);
    for sql in plans {
        let plan: Result<Vec<String>, Internal> = store.read(|c| {
            let mut statement = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            Ok(statement.raw_query().mapped(|r| r.get(3)).collect::<Result<_, _>>()?)
        });
        let plan = plan.expect("a plan");
        let plan = plan.join("; ");
        assert!(plan.contains("SEARCH events"), "{sql}: {plan}");
        let is_scan = plan.split("; ").any(|step| step.starts_with("SCAN") && !step.starts_with("SCAN (subquery"));
        assert!(!is_scan && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[test]
fn a_search_ends_after_a_while_and_goes_on_from_there() {
    let logins = (0..LOOK + 5).map(|_| local_event("login", DAY).user("alice"));
    let (_folder, store) = store_with(std::iter::once(local_event("login", 1).user("alice")).chain(logins));
    let filter = Filter { user: Some("alice".into()), until: Some(DAY), ..Filter::default() };
    // Time narrows the ids by whole days, so that this one leads there at once.
    assert_eq!(store.read(|c| page(c, &filter, None, 50)).expect("reads").events.len(), 1);
    // This one has to look through the day.
    let filter = Filter { from: Some(DAY + 1), until: Some(2 * DAY), ..filter };
    let first = store.read(|c| page(c, &filter, None, 50)).expect("reads");
    assert!(first.events.is_empty() && first.next.is_some());
    let second = store.read(|c| page(c, &filter, first.next, 50)).expect("reads");
    assert_eq!((second.events.len(), second.next), (0, None));
}

#[test]
fn an_event_is_filed_under_the_application_of_its_client() {
    use crate::store::applications::{self, Application};

    let (_folder, store) = store_with([]);
    let id = store
        .write(|tx: &Tx| {
            let provider = "INSERT INTO providers (name, client_type, client_id, created_at, updated_at)
                            VALUES ('Wiki', 'public', 'the-client', 1, 1)";
            crate::store::execute(tx, provider, [])?;
            let application = Application {
                id: 0,
                name: "Wiki".into(),
                slug: "wiki".into(),
                group: String::new(),
                launch_url: None,
                open_in_new_tab: false,
                description: String::new(),
                publisher: String::new(),
                icon: None,
                mode: crate::domain::access::EngineMode::Any,
                everybody: true,
                provider_id: Some(tx.last_insert_rowid()),
            };
            applications::insert(tx, &application, 1)?;
            insert(tx, &local_event("token_refused", 1).client("the-client"))?;
            insert(tx, &local_event("token_refused", 1).client("another"))?;
            insert(tx, &local_event("token_refused", 1).client("another").detail("application", "photos"))?;
            Ok::<_, Internal>(tx.last_insert_rowid())
        })
        .expect("writes");
    let slug = |id| store.read(|c| super::by_id(c, id)).expect("reads").expect("an event").application;
    assert_eq!([slug(id - 2), slug(id - 1), slug(id)], [Some("wiki".into()), None, Some("photos".into())]);
}

#[test]
fn sign_ins_and_refusals_are_counted_by_day() {
    let mut refused = Event { is_refusal: true, ..local_event("login_failed", 3 * DAY - 1) };
    refused.details[super::NOT_KEPT] = 4.into();
    let (_folder, store) =
        store_with([local_event("login", DAY), refused, local_event("logout", 3 * DAY), local_event("login", 3 * DAY)]);
    let counted = store.read(|c| days(c, 3 * DAY + 7, 3)).expect("reads");
    let numbers: Vec<_> = counted.iter().map(|d| (d.at / DAY, d.sign_ins, d.refusals)).collect();
    assert_eq!(numbers, [(1, 1, 0), (2, 0, 5), (3, 1, 0)]);
}

#[test]
fn a_large_purge_is_made_of_short_writes() {
    let (_folder, store) = store_with((0..2_500).map(|_| local_event("login", 1)).chain([local_event("login", 50)]));
    let mut steps = 0;
    while store.read(|c| is_purge_due(c, 40)).expect("reads") {
        let begun = Instant::now();
        store.write(|tx| purge(tx, 40)).expect("purges");
        assert!(begun.elapsed().as_secs() < 5);
        steps += 1;
    }
    assert_eq!(steps, 3);
    let left: Vec<Event> = store.read(|c| Export::new(c, &Filter::default(), None).collect()).expect("reads");
    assert_eq!(left.len(), 1);
}
