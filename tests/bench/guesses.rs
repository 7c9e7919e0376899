//! Whether the time of a refusal tells who exists: medians over many tries, side by side.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::flows::{Browser, PASSWORD, USER};
use crate::load::median;
use crate::provider::{Folder, Provider};
use crate::say;
use crate::table::Table;
use crate::wire::Wire;

/// Tries of each kind.
const TRIES: usize = 200;
/// The most that the medians may lie apart.
const ALLOWED: Duration = Duration::from_millis(5);

const WRONG: &str = "not the password";
/// What is tried, and by what name and password.
const KINDS: [(&str, &str, &str); 4] = [
    ("a user, wrong password", USER, WRONG),
    ("nobody of this name", "nobody", WRONG),
    ("a disabled user, right password", "carol", PASSWORD),
    ("a user without a password", "nopass", WRONG),
];

pub fn run(table: &mut Table) {
    say("guesses");
    let folder = Folder::new();
    let provider = Provider::start(&folder, &["--password-passes", "2"]);
    for name in [USER, "carol"] {
        folder.cli(&["user", "create", name, "--password-stdin"], PASSWORD);
    }
    folder.cli(&["user", "disable", "carol"], "");
    folder.cli(&["user", "create", "nopass"], "");
    let mut times = KINDS.map(|_| Vec::with_capacity(TRIES));
    for n in 0..TRIES {
        // In turn, so that what else the machine does falls on all alike; from an address of its own, so that none waits.
        let from = Ipv4Addr::new(127, 2, (n / 200) as u8, 1 + (n % 200) as u8);
        for turn in 0..KINDS.len() {
            // The first of a round may be slower: each is it as often.
            let kind = (n + turn) % KINDS.len();
            let (_, username, password) = KINDS[kind];
            times[kind].push(Browser::new(Wire::open_from(from, provider.port), &provider).guess(username, password));
        }
    }
    let medians = times.map(median);
    table.line(&format!("\nRefused sign-ins, medians of {TRIES} tries each (2 passes)"));
    let milliseconds = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1e3);
    for ((kind, ..), time) in KINDS.iter().zip(medians) {
        table.value(&format!("  {kind}"), &milliseconds(time));
    }
    let apart = medians.iter().max().copied().unwrap_or_default() - medians.iter().min().copied().unwrap_or_default();
    let verdict = if apart <= ALLOWED { "within" } else { "MORE THAN" };
    table.value("  the farthest apart", &format!("{}, {verdict} {}", milliseconds(apart), milliseconds(ALLOWED)));
}
