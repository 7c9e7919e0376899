//! A big house: what the pages take with a thousand applications, ten thousand users and a million events.

use std::time::{Duration, Instant};

use crate::flows::{Browser, PASSWORD, USER};
use crate::load::Load;
use crate::provider::{Folder, Provider};
use crate::say;
use crate::seed::{self, Amounts};
use crate::table::{Table, megabytes, milliseconds};
use crate::wire::{Wire, request};

/// Requests a page.
const REQUESTS: usize = 300;

/// The pages and what is asked of them. One that is not there is left out.
const PAGES: &[(&str, &str)] = &[
    ("My applications, all 1,000", "/"),
    ("My applications, search", "/?q=photos+10"),
    ("Dashboard", "/if/admin/"),
    ("Applications", "/if/admin/applications/"),
    ("Applications, last page", "/if/admin/applications/?page=20"),
    ("Applications, search", "/if/admin/applications/?q=photos+10"),
    ("Providers", "/if/admin/providers/"),
    ("Providers, search", "/if/admin/providers/?q=photos+10"),
    ("Users", "/if/admin/users/"),
    ("Users, last page", "/if/admin/users/?page=200"),
    ("Users, a search that finds one", "/if/admin/users/?q=alice"),
    ("Users, a search that finds a thousand", "/if/admin/users/?q=ada"),
    ("Users, a search that finds all", "/if/admin/users/?q=home"),
    ("Groups", "/if/admin/groups/"),
    ("Groups, search", "/if/admin/groups/?q=team+4"),
    ("Events", "/if/admin/events/"),
    ("Events of a user with 100", "/if/admin/events/?user=bertha.brandt.11"),
    ("Events of a user with 100,000", "/if/admin/events/?user=alice"),
    ("Events of an application", "/if/admin/events/?application=photos-10"),
    ("Events of a rare kind", "/if/admin/events/?kind=group_created"),
    ("Events of a user and a kind", "/if/admin/events/?user=alice&kind=group_created"),
    ("Events refused", "/if/admin/events/?refusals=on"),
    ("Events of a day two months ago", "/if/admin/events/?from=DAY&until=DAY"),
    ("Export of 5,000 events", "/if/admin/events/export/"),
    ("Group of 10,000", "/if/admin/groups/1/"),
    ("A user", "/if/admin/users/1/"),
    ("User settings", "/if/user/"),
];

pub fn run(table: &mut Table) {
    say("filling a big house");
    let folder = Folder::new();
    drop(Provider::start(&folder, &["--password-passes", "2"]));
    // The one user who signs in is an administrator whom every application lets in.
    folder.cli(&["user", "create", USER, "--admin", "--password-stdin"], PASSWORD);
    let amounts = Amounts {
        users: 9_999,
        groups: 100,
        applications: 1_000,
        tokens: 0,
        events: 1_000_000,
        refusals: 10_000,
        busiest: Some(USER.into()),
        password_like: None,
    };
    let begun = Instant::now();
    seed::fill(&folder.data(), &amounts).unwrap_or_else(|why| panic!("{why}"));
    let filled = begun.elapsed();
    let provider = Provider::start(&folder, &["--password-passes", "2"]);
    table.line(&format!(
        "\nA big house: {} MB of data, filled in {:.0} s; one kept-alive connection, {REQUESTS} requests a page",
        megabytes(folder.database_bytes() / 1024),
        filled.as_secs_f64()
    ));
    table.value("  start, process to ready line", &format!("{} ms", milliseconds(provider.ready_after)));
    let columns = format!("{:<44} {:>8} {:>8} {:>9}", "Page", "p50 ms", "p99 ms", "KB");
    table.line(&format!("{columns}\n{}", "-".repeat(columns.len())));
    let session = Browser::new(Wire::open(provider.port), &provider).sign_in();
    say("asking for pages");
    let day = (jiff::Zoned::now() - jiff::SignedDuration::from_hours(24 * 60)).strftime("%Y-%m-%d").to_string();
    for (what, path) in PAGES {
        match ask(&provider, &session, &path.replace("DAY", &day)) {
            Ok((load, bytes)) => {
                let (p50, p99) = (milliseconds(load.p50), milliseconds(load.p99));
                table.line(&format!("{what:<44} {p50:>8} {p99:>8} {:>9.1}", bytes as f64 / 1e3));
            }
            Err(status) => table.line(&format!("{what:<44} answered {status}")),
        }
    }
    table.value("  memory afterwards", &format!("{} MB resident", megabytes(provider.memory().resident)));
}

/// What a page took and how long it is, or the status when that is not 200.
fn ask(provider: &Provider, session: &str, path: &str) -> Result<(Load, usize), u16> {
    let mut wire = Wire::open(provider.port);
    let get = request("GET", path, &provider.host, &format!("Cookie: {session}\r\n"), "");
    let first = wire.ask(&get);
    if first.status != 200 {
        return Err(first.status);
    }
    let bytes = first.body.len();
    let mut took = Vec::with_capacity(REQUESTS);
    // A page that takes long is asked for less often.
    let begun = Instant::now();
    while took.len() < REQUESTS && begun.elapsed() < Duration::from_secs(5) {
        let at = Instant::now();
        wire.ask(&get).expect(200);
        took.push(at.elapsed());
    }
    Ok((Load::of(took, begun.elapsed()), bytes))
}
