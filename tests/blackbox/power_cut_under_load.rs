//! A power cut in the middle of work, at whatever moment: what was answered is true afterwards, whatever became of the
//! writes that were not on the disk yet.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};
use std::time::Duration;

use crate::faults::is_whole;
use crate::support::client::REVOKE;
use crate::support::disk::{copy_of, database, eventually};
use crate::support::server::{Folder, free_port};
use crate::support::strace::{File, Strace, moments};
use crate::support::{App, Browser, Server, Tokens};

const SCOPE: &str = "openid offline_access";
/// Cuts at least, and in how many of them writes must have been lost.
const CUTS: usize = 10;
const WITH_LOSS: usize = 6;
/// How many of the last flows before a cut are looked at after it.
const LOOKED_AT: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Revocation {
    NotAsked,
    Asked,
    Answered,
}

const DATABASE: &str = "latchkey.db";
const LOG: &str = "latchkey.db-wal";

/// What the client of one sign-in was answered so far.
#[derive(Debug, Clone)]
struct Flow {
    code: String,
    redeemed: Option<Tokens>,
    refreshed: Option<Tokens>,
    revocation: Revocation,
}

impl Flow {
    fn answers(&self) -> usize {
        1 + usize::from(self.redeemed.is_some()) + usize::from(self.refreshed.is_some())
    }
}

/// The data folder at the moment of a cut, and which writes were not on the disk yet.
struct Cut {
    copy: Arc<Folder>,
    flows: Vec<Flow>,
    lost: Vec<(&'static str, Vec<(u64, u64)>)>,
}

/// What the clients and whoever pulls the plug have between them.
#[derive(Default)]
struct Load {
    flows: Mutex<Vec<Flow>>,
    /// Held for writing by somebody who wants the database for himself.
    pause: RwLock<()>,
    is_over: AtomicBool,
}

impl Load {
    fn flows(&self) -> MutexGuard<'_, Vec<Flow>> {
        self.flows.lock().expect("flows")
    }

    fn answers(&self) -> usize {
        self.flows().iter().map(Flow::answers).sum()
    }
}

/// Signs in to the application again and again; every other time it revokes what it got.
fn work(server: &Server, app: &App, mut browser: Browser, load: &Load) {
    let http = server.http();
    while !load.is_over.load(Relaxed) {
        let _going = load.pause.read().expect("a pause");
        let code = app.code(&mut browser, &[("scope", SCOPE)]);
        let at = {
            let mut flows = load.flows();
            let (redeemed, refreshed) = (None, None);
            flows.push(Flow { code: code.clone(), redeemed, refreshed, revocation: Revocation::NotAsked });
            flows.len() - 1
        };
        let now = |change: &dyn Fn(&mut Flow)| change(&mut load.flows()[at]);
        let tokens = Tokens::of(&app.redeem(&http, &code, &[]));
        now(&|f| f.redeemed = Some(tokens.clone()));
        let refreshed = Tokens::of(&app.refresh(&http, tokens.refresh.as_ref().expect("a refresh token"), &[]));
        now(&|f| f.refreshed = Some(refreshed.clone()));
        if at % 2 == 0 {
            now(&|f| f.revocation = Revocation::Asked);
            let token = refreshed.refresh.as_deref().expect("a refresh token");
            http.post_with(REVOKE, &[("Authorization", &app.basic())], &[("token", token)]).expect(200);
            now(&|f| f.revocation = Revocation::Answered);
        }
    }
}

/// Fills the log, by writing over the same pages: the server's next commit folds it into the database.
fn fill_log(data: &Path, load: &Load) {
    let _alone = load.pause.write().expect("a pause");
    let other = database(data);
    other.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF").expect("settings");
    for _ in 0..4 {
        let sql = "BEGIN IMMEDIATE;
                   DROP TABLE IF EXISTS filling;
                   CREATE TABLE filling AS
                     WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300)
                     SELECT printf('%.*c', 3000, 'x') FROM n;
                   COMMIT";
        other.execute_batch(sql).expect("filled");
    }
}

/// Holds the server still and copies what it has written. What strace saw says how much of it was on the disk.
fn cut(strace: &Strace, data: &Path, load: &Load) -> Cut {
    let seen = strace.freeze();
    // Whatever is noted now was answered before the cut.
    let flows = load.flows().clone();
    let copy = copy_of(data);
    strace.thaw();
    let moments = moments(&seen);
    let lost = [DATABASE, LOG].map(|name| {
        let mut file = File::new(name);
        moments.iter().for_each(|m| file.see(m));
        (name, file.unsafe_ranges)
    });
    Cut { copy, flows, lost: lost.into() }
}

/// Cuts until there were enough of them, and of every kind: in commits, and while the log is folded into the database.
fn cuts_at_many_moments(strace: &Strace, data: &Path, load: &Load) -> Vec<Cut> {
    let folded = || strace.seen().matches("/latchkey.db>").count();
    let mut cuts = Vec::new();
    while cuts.len() < CUTS || count(&cuts, LOG) < WITH_LOSS || count(&cuts, DATABASE) == 0 {
        let n = cuts.len();
        assert!(n < 6 * CUTS, "{} and {} of {n} cuts lost writes", count(&cuts, LOG), count(&cuts, DATABASE));
        if n % 5 == 2 {
            let before = folded();
            fill_log(data, load);
            eventually("the log is folded in", || folded() > before + 13 * n);
        } else {
            let before = load.answers();
            eventually("there are answers", || load.answers() >= before + 3 + n % 7);
            std::thread::sleep(Duration::from_micros(n as u64 * 7919 % 101 * 80));
        }
        cuts.push(cut(strace, data, load));
    }
    cuts
}

fn count(cuts: &[Cut], name: &str) -> usize {
    cuts.iter().filter(|c| c.loses(name)).count()
}

/// Tells the clients to end, however the test ends.
struct Over<'a>(&'a Load);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Relaxed);
    }
}

impl Cut {
    fn loses(&self, name: &str) -> bool {
        self.lost.iter().any(|(n, ranges)| *n == name && !ranges.is_empty())
    }

    /// The folder after the cut, when this befell everything that was not on the disk.
    fn after(&self, fate: Fate) -> Arc<Folder> {
        let folder = copy_of(&self.copy.data());
        for (name, ranges) in &self.lost {
            let path = folder.data().join(name);
            let mut bytes = std::fs::read(&path).expect("a file of the database");
            // Backwards: what was added to the end last is the first to be cut off.
            for (offset, length) in ranges.iter().rev() {
                let from = usize::try_from(*offset).expect("an offset").min(bytes.len());
                let to = usize::try_from(offset + length).expect("an offset").min(bytes.len());
                fate.befalls(&mut bytes, from..to);
            }
            std::fs::write(&path, bytes).expect("written");
        }
        folder
    }
}

/// What becomes of a write that was not on the disk yet.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// It never came there.
    Gone,
    /// The power went in the middle of it.
    Torn,
}

impl Fate {
    fn befalls(self, bytes: &mut Vec<u8>, write: Range<usize>) {
        match self {
            // Nothing cuts off the first page: a file that is in use was never shorter than that.
            Self::Gone if write.end == bytes.len() && write.start > 0 => bytes.truncate(write.start),
            Self::Gone => bytes[write].fill(0),
            Self::Torn => bytes[write.start.midpoint(write.end)..write.end].fill(0xa5),
        }
    }
}

/// A server on what was left: nothing that was answered is forgotten, and no code yields a second set of tokens.
fn remembers(what: &str, folder: Arc<Folder>, base: &str, app: &App, flows: &[Flow]) {
    let server = Server::start_at(folder, free_port(), base, &[]);
    let http = server.http();
    let is_active = |token: &str| app.introspect(&http, token).json()["active"] == true;
    let access = |tokens: &Option<Tokens>| tokens.as_ref().map(|t| t.access.clone());
    for flow in flows.iter().rev().take(LOOKED_AT) {
        let answered: Vec<String> = [&flow.redeemed, &flow.refreshed].into_iter().filter_map(access).collect();
        let refresh = flow.refreshed.as_ref().and_then(|t| t.refresh.as_deref());
        match flow.revocation {
            Revocation::NotAsked => {
                assert!(answered.iter().all(|t| is_active(t)), "{what}: a token was forgotten: {flow:?}");
                assert!(refresh.is_none_or(is_active), "{what}: a refresh token was forgotten: {flow:?}");
            }
            Revocation::Asked => {}
            Revocation::Answered => {
                assert!(!answered.iter().any(|t| is_active(t)), "{what}: a revocation was forgotten: {flow:?}");
                assert!(!refresh.is_some_and(is_active), "{what}: a revocation was forgotten: {flow:?}");
            }
        }
        let mut again = app.redeem(&http, &flow.code, &[]);
        let mut all = answered;
        if flow.redeemed.is_none() && again.status == 200 {
            all.push(Tokens::of(&again).access);
            assert!(is_active(&all[0]), "{what}: {flow:?}");
            again = app.redeem(&http, &flow.code, &[]);
        }
        assert_eq!(again.error(400), "invalid_grant", "{what}: {flow:?}");
        assert!(!all.iter().any(|t| is_active(t)), "{what}: a code that came twice voids: {flow:?}");
    }
    is_whole(&server);
}

#[test]
fn a_power_cut_at_any_moment_takes_back_no_answer() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback", "--scope", SCOPE]);
    let browsers: Vec<Browser> = (0..3).map(|_| Browser::signed_in(&server, "alice")).collect();
    let data = server.data();
    let files = [DATABASE, LOG].map(|name| data.join(name).display().to_string());
    // A slow disk: most of the time there is something that is written and not flushed.
    let calls = "trace=pwrite64,ftruncate,fdatasync,fsync";
    let options = ["-s", "0", "-P", &files[0], "-P", &files[1], "-e", calls, "-e", "inject=pwrite64:delay_exit=2000"];
    let strace = Strace::attach(server.pid(), &options, &data.with_file_name(""));
    let load = Load::default();
    let cuts = std::thread::scope(|s| {
        let _over = Over(&load);
        for browser in browsers {
            s.spawn(|| work(&server, &app, browser, &load));
        }
        cuts_at_many_moments(&strace, &data, &load)
    });
    strace.end();
    let flows = cuts.last().map_or(&[][..], |c| &c.flows);
    let (in_log, in_database) = (count(&cuts, LOG), count(&cuts, DATABASE));
    println!(
        "{} power cuts over {} flows: {in_log} lost writes to the log, {in_database} to the database",
        cuts.len(),
        flows.len()
    );
    assert!(flows.iter().any(|f| f.revocation == Revocation::Answered), "there was load: {flows:?}");
    for (n, cut) in cuts.iter().enumerate() {
        let check = |what: &str, folder| remembers(&format!("cut {n}, {what}"), folder, &server.base, &app, &cut.flows);
        if cut.loses(DATABASE) || cut.loses(LOG) {
            for fate in [Fate::Gone, Fate::Torn] {
                check(&format!("{fate:?}"), cut.after(fate));
            }
        } else {
            check("nothing to lose", Arc::clone(&cut.copy));
        }
    }
}
