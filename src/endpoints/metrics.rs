//! `/metrics`, on listeners of its own: what the process counted, and how things stand at this moment. Numbers only, under
//! labels that are written down in the program: no name of a user, an application, a key or an address is among them.

use std::fs;

use rusqlite::Connection;

use crate::app::App;
use crate::backup::lookout::{Question, Seen};
use crate::domain::UnixSeconds;
use crate::domain::clock::{Standing, Synchronised};
use crate::error::Internal;
use crate::http::{Method, Request, Response};
use crate::metrics::text::{CONTENT_TYPE, Kind, Text};
use crate::server::Counted;
use crate::store::keys::{self, KeyRole, KeyRow, KeyState};
use crate::store::overview::{self, Counts};
use crate::store::{disk, sessions};
use crate::tls::authority;

/// Answers a request that came in by such a listener.
pub fn answer(app: &App, edge: &Counted, req: &Request) -> Response {
    let response = match (req.path.as_str(), req.method) {
        ("/metrics" | "/metrics/", Method::Get) => Response::bytes(CONTENT_TYPE, scrape(app, edge).into_bytes()),
        ("/metrics" | "/metrics/", _) => {
            Response::text(405, "This address answers GET, HEAD only.\n").header("Allow", "GET, HEAD")
        }
        _ => Response::text(404, "Here is nothing but /metrics.\n"),
    };
    response
        .header("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header("X-Request-Id", req.id.to_string())
}

/// Everything. What cannot be read is left out, so that a broken database does not hide the rest.
fn scrape(app: &App, edge: &Counted) -> String {
    let mut text = Text::default();
    text.family("latchkey_build_info", Kind::Gauge, "The version that runs.")
        .value(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    sign_ins(&mut text, app);
    requests(&mut text, app);
    connections(&mut text, edge);
    passwords(&mut text, app);
    database(&mut text, app);
    clock(&mut text, app);
    certificate(&mut text, app);
    process(&mut text, app);
    text.into_string()
}

fn sign_ins(text: &mut Text, app: &App) {
    let m = &app.metrics;
    text.counts("latchkey_sign_ins_total", "Sign-ins by password, by what came of them.", "result", &m.sign_ins);
    let help =
        "Answers of the authorization endpoint: a code, tokens alone, an error to the client, or a page of ours.";
    text.counts("latchkey_authorization_answers_total", help, "answer", &m.authorizations);
    let help = "Answers with an access token, by grant.";
    text.counts("latchkey_tokens_issued_total", help, "grant", &m.issued);
    let help = "Answers of the token endpoint with an error.";
    text.counts("latchkey_token_errors_total", help, "error", &m.token_errors);
    let help = "Refusals of every sort, by the kind of their event.";
    text.counts("latchkey_refusals_total", help, "kind", app.recorder.refusals());
}

fn requests(text: &mut Text, app: &App) {
    let help = "Time from a whole request to its answer, by route.";
    text.family("latchkey_http_request_duration_seconds", Kind::Histogram, help);
    for (route, took, _) in app.metrics.requests.read() {
        text.histogram(&[("route", route)], took);
    }
    text.family("latchkey_http_responses_total", Kind::Counter, "Answers by route and class of status.");
    for (route, _, classes) in app.metrics.requests.read() {
        for (class, count) in classes.into_iter().filter(|(class, _)| *class != "1xx") {
            text.value(&[("route", route), ("class", class)], count);
        }
    }
}

fn connections(text: &mut Text, edge: &Counted) {
    let figures = edge.read();
    text.gauge("latchkey_http_connections", "Connections of clients.", Some(figures.connections));
    text.gauge("latchkey_http_requests_in_flight", "Requests that are being answered.", Some(figures.in_flight));
    text.gauge("latchkey_http_requests_queued", "Requests that wait to be answered.", Some(figures.queued));
    let help = "Connections that were turned away: there were too many, or too many from one address.";
    text.counter("latchkey_http_connections_turned_away_total", help, figures.turned_away);
    let help = "Requests that were refused before any route saw them, by status.";
    text.family("latchkey_http_refusals_total", Kind::Counter, help);
    for (status, count) in figures.refusals {
        text.value(&[("code", status)], count);
    }
}

fn passwords(text: &mut Text, app: &App) {
    let (hashing, waiting) = app.passwords.load();
    text.gauge("latchkey_passwords_hashing", "Passwords that are being hashed.", Some(hashing));
    text.gauge("latchkey_passwords_queued", "Passwords that wait to be hashed.", Some(waiting));
}

/// What the database tells of itself in one read.
struct Stored {
    counts: Counts,
    sessions: i64,
    keys: Vec<KeyRow>,
    backups: Question,
}

fn database(text: &mut Text, app: &App) {
    let (file, log) = app.store.files();
    text.gauge("latchkey_database_size_bytes", "The database's file.", Some(file));
    text.gauge("latchkey_database_wal_size_bytes", "The file of its write-ahead log.", Some(log));
    let disk = disk::of(&app.config.data_dir);
    text.gauge("latchkey_disk_free_bytes", "Free on the disk of the data folder.", disk.map(|d| d.free));
    text.gauge("latchkey_disk_size_bytes", "Size of that disk.", disk.map(|d| d.whole));
    let help = "Requests that wait for their commit.";
    text.gauge("latchkey_database_writes_queued", help, Some(app.store.writes_waiting()));
    text.gauge("latchkey_database_reads_in_progress", "Reads that go on.", Some(app.store.reads()));
    let help = "Time of commits, the flush to the disk included.";
    text.family("latchkey_database_commit_duration_seconds", Kind::Histogram, help).histogram(&[], app.store.commits());
    let stored = app.store.read(|c| stored(app, c));
    text.gauge("latchkey_database_up", "Whether the database could be read.", Some(u8::from(stored.is_ok())));
    match stored {
        Ok(stored) => {
            tables(text, &stored);
            backups(text, &app.lookout.look(stored.backups));
        }
        Err(error) => tracing::warn!(%error, "a scrape of /metrics goes without what is in the database"),
    }
}

fn stored(app: &App, connection: &Connection) -> Result<Stored, Internal> {
    let (now, settings) = (app.clock.now(), app.settings()?);
    let current = (now - settings.session_idle, now - settings.session_maximum);
    Ok(Stored {
        counts: overview::counts(connection)?,
        sessions: sessions::count_current(connection, current)?,
        keys: keys::list(connection)?,
        backups: Question::of(&app.config, connection)?,
    })
}

fn tables(text: &mut Text, stored: &Stored) {
    let Counts { users, groups, applications, providers } = stored.counts;
    text.gauge("latchkey_users", "Users.", Some(users));
    text.gauge("latchkey_groups", "Groups.", Some(groups));
    text.gauge("latchkey_applications", "Applications.", Some(applications));
    text.gauge("latchkey_providers", "Providers.", Some(providers));
    text.gauge("latchkey_sessions", "Browsers that are signed in.", Some(stored.sessions));
    let help = "When the key that signs, or the next one, was made.";
    text.family("latchkey_signing_key_created_timestamp_seconds", Kind::Gauge, help);
    for (alg, state, created_at) in regular_keys(&stored.keys) {
        text.value(&[("alg", alg), ("state", state.as_str())], created_at);
    }
}

fn backups(text: &mut Text, seen: &Seen) {
    let help = "When the last backup was proven restorable; 0 when none ever was.";
    let at = seen.last.as_ref().map_or(0, |last| last.at);
    text.gauge("latchkey_backup_proven_timestamp_seconds", help, Some(at));
    let help = "Whether it is well with the file of the last nightly backup and the folder of the next: 0 when a disk is not \
                mounted or does not answer, or a backup was removed or changed. See the Dashboard.";
    text.gauge("latchkey_backup_place_ok", help, Some(u8::from(seen.troubles.is_empty())));
}

/// The regular keys that sign or will, one of each algorithm and state: no two numbers may have the same labels.
fn regular_keys(keys: &[KeyRow]) -> Vec<(&str, KeyState, UnixSeconds)> {
    let mut found: Vec<(&str, KeyState, UnixSeconds)> = Vec::new();
    for key in keys.iter().filter(|k| k.role == KeyRole::Regular && k.can_sign()) {
        if !found.iter().any(|(alg, state, _)| *alg == key.alg && *state == key.state) {
            found.push((&key.alg, key.state, key.created_at));
        }
    }
    found
}

fn clock(text: &mut Text, app: &App) {
    let view = app.clock.view();
    text.gauge("latchkey_clock_timestamp_seconds", "What time it is here.", Some(view.now));
    let help = "By how much that is ahead of this machine's clock; 0 when they agree.";
    text.gauge("latchkey_clock_lead_seconds", help, Some(view.now - view.system));
    let help = "By how much it is ahead of the mark in the database.";
    text.gauge("latchkey_clock_mark_lead_seconds", help, view.mark.map(|mark| view.now - mark));
    let states = [Standing::InStep, Standing::Doubtful { lead: 0 }, Standing::Behind { by: 0 }];
    text.family("latchkey_clock_state", Kind::Gauge, "How this machine's clock stands to the time: 1 for what holds.");
    for state in states.map(Standing::as_str) {
        text.value(&[("state", state)], u8::from(state == view.standing.as_str()));
    }
    let synchronised = match view.synchronised {
        Synchronised::Yes => Some(1),
        Synchronised::No => Some(0),
        Synchronised::Untold => None,
    };
    text.gauge("latchkey_clock_synchronised", "Whether the machine says that its clock is synchronised.", synchronised);
}

fn certificate(text: &mut Text, app: &App) {
    let shown = app.tls.known().shown;
    let help = "Until when the certificate is valid that https is served with.";
    text.gauge("latchkey_certificate_not_after_timestamp_seconds", help, shown.map(|s| s.validity.not_after));
    let root = app.store.read(|c| authority::root_in_use(app, c, app.clock.now()));
    let help = "Until when the root of the own certificate authority is valid.";
    let ends = root.ok().flatten().map(|root| root.validity.not_after);
    text.gauge("latchkey_certificate_authority_not_after_timestamp_seconds", help, ends);
}

/// Under the names that every Prometheus client uses.
fn process(text: &mut Text, app: &App) {
    let help = "When the process began.";
    text.gauge("process_start_time_seconds", help, Some(app.metrics.started_at));
    text.gauge("process_resident_memory_bytes", "Memory in use.", resident());
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9;
    text.counter("process_cpu_seconds_total", "Processor time spent.", seconds);
    let open = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    text.gauge("process_open_fds", "Open files and sockets.", open);
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    text.gauge("process_max_fds", "How many may be open.", most);
}

fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
