//! `cargo bench`: how fast the real binary is, and how much memory and disk it takes, beside what this machine allows
//! at best. It prints and judges nothing: a figure depends on what else the machine does.
//!
//! The program runs on fresh temporary folders (`TMPDIR` says on which disk) and is driven over loopback by as many
//! threads as connections, which share the cores with it. The run takes about five minutes; `cargo bench -- scale` makes
//! one group of it only (`documents`, `tokens`, `sign-ins`, `scale`, `exchange`, `guesses`). `cargo bench -- seed DATA_DIR` fills a data folder for load tests of one's own, see `seed`.

mod exchange;
mod flows;
mod guesses;
mod limits;
mod load;
mod provider;
mod scale;
mod seed;
mod table;
mod wire;

use std::fs;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use flows::{Browser, Client};
use limits::Machine;
use load::{Load, median};
use provider::{Folder, Provider};
use table::{Table, megabytes, milliseconds};
use wire::Wire;

/// Connections of the loads on documents.
const CONNECTIONS: usize = 16;
/// Connections of the loads that commit: those that wait together share a flush.
const FLOWS: usize = 32;
const DOCUMENTS_TIME: Duration = Duration::from_secs(3);
const TOKENS_TIME: Duration = Duration::from_secs(5);
/// Sign-ins at once.
const SIGN_INS: usize = 64;
/// Starts of which the middle one counts.
const STARTS: usize = 7;

fn main() {
    // `cargo test --all-targets` runs this program too, without the argument that `cargo bench` gives.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = arguments.iter().position(|a| a == "seed") {
        if let Err(why) = seed::run(&arguments[at + 1..]) {
            eprintln!("bench: {why}");
            std::process::exit(2);
        }
        return;
    }
    let begun = Instant::now();
    let mut table = Table::default();
    if ["documents", "tokens", "sign-ins"].into_iter().any(is_wanted) {
        loads(&mut table);
    }
    if is_wanted("scale") {
        scale::run(&mut table);
    }
    if is_wanted("exchange") {
        exchange::run(&mut table);
    }
    if is_wanted("guesses") {
        guesses::run(&mut table);
    }
    let others = limits::busy_cores(Duration::from_secs(1));
    table.line(&format!("\n{:.0} s; other programs take {others:.2} cores now.", begun.elapsed().as_secs_f64()));
    table.print();
}

/// What a small house asks of it, as fast as it can.
fn loads(table: &mut Table) {
    say("starting on fresh folders");
    let fresh = (0..STARTS).map(|_| Provider::start(&Folder::new(), &[]).ready_after).collect();
    let folder = Folder::new();
    let provider = Provider::start(&folder, &[]);
    let passes = folder.measured_passes();
    let small = restarts(provider, &folder);
    let provider = Provider::start(&folder, &[]);
    header(table, passes);
    let machine = machine_beside_idle(table, &provider, &folder, passes);
    let actors = Actors::register(&folder, &provider);
    if is_wanted("documents") {
        documents(table, &provider, &actors, &machine);
    }
    if is_wanted("tokens") {
        tokens(table, &provider, &actors, &machine);
        commits(table, &folder, &provider, &actors);
    }
    if is_wanted("sign-ins") {
        sign_ins(table, &provider, &format!("{passes} passes, measured"), machine.hashes_tuned.per_second, 1);
        let floor = Folder::new();
        let provider = Provider::start(&floor, &["--password-passes", "2"]);
        floor.cli(&["user", "create", flows::USER, "--password-stdin"], flows::PASSWORD);
        sign_ins(table, &provider, "2 passes, the least", machine.hashes_floor.per_second, 4);
    }
    let size = folder.database_bytes();
    let grown = restarts(provider, &folder);
    table.line(&format!("\nStart, process to ready line (median of {STARTS})"));
    table.value("  a fresh folder: database, RSA and P-256 key", &milliseconds_of(fresh));
    table.value("  existing data", &milliseconds_of(small));
    table.value(&format!("  existing data, {} MB after these loads", megabytes(size / 1024)), &milliseconds_of(grown));
}

/// Whether a group of loads was asked for: `cargo bench -- tokens` leaves the others out.
fn is_wanted(group: &str) -> bool {
    let mut named = std::env::args().skip(1).filter(|a| !a.starts_with('-')).peekable();
    named.peek().is_none() || named.any(|n| n == group)
}

fn say(what: &str) {
    eprintln!("bench: {what}");
}

fn milliseconds_of(ready: Vec<Duration>) -> String {
    format!("{} ms", milliseconds(median(ready)))
}

/// Starts on data that is there, after the running one was stopped.
fn restarts(running: Provider, folder: &Folder) -> Vec<Duration> {
    drop(running);
    (0..STARTS).map(|_| Provider::start(folder, &[]).ready_after).collect()
}

fn header(table: &mut Table, passes: u32) {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .unwrap_or("unknown")
        .trim_start_matches(['\t', ' ', ':']);
    let cores = limits::cores();
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z");
    table.line(&format!("{}, {now}", provider::version()));
    table.line(&format!("{model}, {cores} cores shared with the load; Linux {}", kernel.trim()));
    table.line(&format!(
        "data in {}; {CONNECTIONS} connections for documents, {FLOWS} for tokens; argon2id 19 MiB, {passes} passes \
         (measured by the server); log level info",
        std::env::temp_dir().display()
    ));
    let others = limits::busy_cores(Duration::from_millis(500));
    table.line(&format!("before the run: load average {}, {others:.2} cores busy", load.trim()));
}

/// What the machine allows, measured while the server idles; and that it does nothing meanwhile.
fn machine_beside_idle(table: &mut Table, provider: &Provider, folder: &Folder, passes: u32) -> Machine {
    say("measuring the machine, the server idle beside it");
    let idle = provider.memory();
    let (files, written, cpu, begun) =
        (folder.listing(), provider.bytes_written(), provider.cpu_time(), Instant::now());
    let machine = Machine::measure(passes);
    let idle_for = begun.elapsed().as_secs_f64();
    let is_same = if files == folder.listing() { "no file changed" } else { "FILES CHANGED" };
    let (written, cpu) = (provider.bytes_written() - written, (provider.cpu_time() - cpu).as_millis());
    machine.print(table);
    table.line("\nIdle");
    table.value(
        "  memory",
        &format!(
            "{} MB resident, {} MB of it anonymous, {} threads",
            megabytes(idle.resident),
            megabytes(idle.anonymous),
            idle.threads
        ),
    );
    let did = format!("{written} bytes written, {is_same}, {cpu} ms of processor time in {idle_for:.0} s");
    table.value("  disk and processor", &did);
    machine
}

/// Who acts in the loads.
struct Actors {
    rsa: Client,
    p256: Client,
    session: String,
}

impl Actors {
    fn register(folder: &Folder, provider: &Provider) -> Self {
        folder.cli(&["user", "create", flows::USER, "--password-stdin", "--name", "Alice Liddell"], flows::PASSWORD);
        let rsa = Client::register(folder, "Bench", &[]);
        let p256 = Client::register(folder, "Bench P-256", &["--signing-key", "ES256"]);
        let session = Browser::new(Wire::open(provider.port), provider).sign_in();
        Self { rsa, p256, session }
    }
}

fn documents(table: &mut Table, provider: &Provider, actors: &Actors, machine: &Machine) {
    say("documents");
    table.section("Documents (limit: loopback HTTP)");
    let base = format!("/application/o/{}", actors.rsa.slug);
    for (what, path) in [
        ("discovery /s", format!("{base}/.well-known/openid-configuration")),
        ("JWKS /s", format!("{base}/jwks/")),
        ("health (no database) /s", "/healthz".to_owned()),
    ] {
        let (load, cpu) = provider.at_work(|| load::run(CONNECTIONS, DOCUMENTS_TIME, |_| flows::get(provider, &path)));
        table.rate(what, &load, machine.http.per_second, cpu, provider.memory());
    }
}

fn tokens(table: &mut Table, provider: &Provider, actors: &Actors, machine: &Machine) {
    say("tokens");
    table.section("Tokens (limit: see below)");
    let Actors { rsa, p256, session } = actors;
    let mut rate = |what: &str, limit, work: &dyn Fn() -> Load| {
        let (load, cpu) = provider.at_work(work);
        table.rate(what, &load, limit, cpu, provider.memory());
    };
    rate("code flows, RS256 /s", machine.flows(machine.rsa.per_second), &|| {
        load::run(FLOWS, TOKENS_TIME, |_| flows::code_flow(provider, rsa, session))
    });
    rate("code flows, ES256 /s", machine.flows(machine.p256.per_second), &|| {
        load::run(FLOWS, TOKENS_TIME, |_| flows::code_flow(provider, p256, session))
    });
    rate("refreshes, RS256 /s", machine.refreshes(machine.rsa.per_second), &|| {
        load::run(FLOWS, TOKENS_TIME, |_| flows::refresh(provider, rsa, session))
    });
    rate("refreshes, ES256 /s", machine.refreshes(machine.p256.per_second), &|| {
        load::run(FLOWS, TOKENS_TIME, |_| flows::refresh(provider, p256, session))
    });
    rate("introspections /s", machine.http.per_second, &|| {
        load::run(CONNECTIONS, DOCUMENTS_TIME, |_| flows::introspect(provider, rsa, session))
    });
    table.line(
        "A flow makes 2 signatures, 2 commits and 3 requests, a refresh 2, 1 and 1. Its limit is the least of what all\n\
         cores sign, what the disk flushes when all connections share each flush, and what loopback HTTP carries. CPU:\n\
         the server's processor time for one, which tells more than the rate on a machine that does other things too.",
    );
}

/// How often one sign-in makes the disk flush.
fn commits(table: &mut Table, folder: &Folder, provider: &Provider, actors: &Actors) {
    say("commits of one sign-in");
    let mut browser = Browser::new(Wire::open(provider.port), provider);
    let counted = (0..5).find_map(|_| {
        // The first write may begin the log anew.
        browser.sign_in();
        let salt = folder.salt();
        let before = folder.commits(salt)?;
        browser.sign_in_for(&actors.rsa);
        Some(folder.commits(salt)? - before)
    });
    table.line("\nDisk");
    let counted = counted.map_or_else(|| "not counted: the log began anew".to_owned(), |n| n.to_string());
    table.value("  commits of a whole sign-in, password to userinfo", &counted);
}

/// Sign-ins by password, many at once, each from an address of its own: failures and connections are counted by it.
fn sign_ins(table: &mut Table, provider: &Provider, cost: &str, hashes_per_second: f64, rounds: usize) {
    say(&format!("sign-ins, {cost}"));
    table.section(&format!("Sign-ins ({cost})"));
    provider.forget_peak();
    let (load, cpu) = provider.at_work(|| {
        load::rounds(SIGN_INS, rounds, |number| {
            let from = Ipv4Addr::new(127, 0, 1, 1 + number as u8);
            let mut browser = Browser::new(Wire::open_from(from, provider.port), provider);
            // The first round, which no clock watches, only opens the connections.
            let mut is_open = false;
            move || {
                if is_open {
                    browser.sign_in();
                } else {
                    browser.open_login();
                }
                is_open = true;
            }
        })
    });
    let memory = provider.memory();
    table.rate(&format!("{SIGN_INS} at once /s"), &load, hashes_per_second, cpu, memory);
    table.value("  peak memory", &format!("{} MB resident", megabytes(memory.peak)));
}
