//! A full house: whether the exchange of a code takes longer beside a hundred thousand users, a million tokens and five
//! million events than in an empty database.

use std::time::{Duration, Instant};

use crate::flows::{self, Browser, Client, PASSWORD, USER};
use crate::load::Load;
use crate::provider::{Folder, Provider};
use crate::say;
use crate::seed::{self, Amounts};
use crate::table::{Table, megabytes, milliseconds};
use crate::wire::Wire;

/// Turns of the two houses, so that whatever else the machine does meets both.
const TURNS: usize = 100;
/// Exchanges a turn.
const EXCHANGES: usize = 50;

/// A running provider and somebody who is signed in.
struct House {
    folder: Folder,
    provider: Provider,
    client: Client,
    session: String,
}

impl House {
    fn of(amounts: Option<&Amounts>) -> Self {
        let folder = Folder::new();
        folder.cli(&["user", "create", USER, "--password-stdin"], PASSWORD);
        let client = Client::register(&folder, "Bench", &["--signing-key", "ES256"]);
        if let Some(amounts) = amounts {
            seed::fill(&folder.data(), amounts).unwrap_or_else(|why| panic!("{why}"));
        }
        let provider = Provider::start(&folder, &["--password-passes", "2"]);
        let session = Browser::new(Wire::open(provider.port), &provider).sign_in();
        Self { folder, provider, client, session }
    }
}

pub fn run(table: &mut Table) {
    say("filling a full house");
    let amounts = Amounts {
        users: 100_000,
        groups: 100,
        applications: 1_000,
        tokens: 1_000_000,
        events: 5_000_000,
        refusals: 10_000,
        busiest: None,
        password_like: None,
    };
    let full = House::of(Some(&amounts));
    let empty = House::of(None);
    say("exchanging codes");
    let begun = Instant::now();
    let mut exchange = [&empty, &full].map(|h| flows::exchange(&h.provider, &h.client, &h.session));
    let mut took: [Vec<Duration>; 2] = Default::default();
    for turn in 0..TURNS {
        for house in [turn % 2, 1 - turn % 2] {
            took[house].extend((0..EXCHANGES).map(|_| exchange[house]()));
        }
    }
    let whole = begun.elapsed();
    let [empty_load, full_load] = took.map(|t| Load::of(t, whole));
    table.line(&format!(
        "\nExchange of a code, ES256, one after the other, {} each in turns of {EXCHANGES}",
        TURNS * EXCHANGES
    ));
    for (what, house, load) in [("empty", &empty, &empty_load), ("full", &full, &full_load)] {
        let size = megabytes(house.folder.database_bytes() / 1024);
        let (p50, p99) = (milliseconds(load.p50), milliseconds(load.p99));
        let ready = milliseconds(house.provider.ready_after);
        let memory = megabytes(house.provider.memory().resident);
        let line = format!("p50 {p50} ms, p99 {p99} ms; {size} MB of data, ready in {ready} ms, {memory} MB resident");
        table.value(&format!("  {what}"), &line);
    }
    let ratio = full_load.p99.as_secs_f64() / empty_load.p99.as_secs_f64();
    table.value("  p99, full to empty", &format!("{ratio:.2}"));
}
