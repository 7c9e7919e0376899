//! A power cut at any moment: what was answered is on the disk before the answer leaves.

use crate::support::client::{INTROSPECT, REVOKE};
use crate::support::server::command;
use crate::support::strace::{File, Moment, Strace, moments, traced};
use crate::support::{Answer, App, Browser, HtmlForm, PASSWORD, Server, Tokens};

const CALLS: &str = "trace=pwrite64,pwritev,pwritev2,ftruncate,fdatasync,fsync,write,writev,sendto,sendmsg";
const SCOPE: &str = "openid offline_access";

/// What an answer promises to remember.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    Kept,
    /// The answer to a question.
    Nothing,
}

/// Answers, in their order, with what each was the answer to.
#[derive(Default)]
struct Answers(Vec<(String, String, Promise)>);

impl Answers {
    #[track_caller]
    fn add(&mut self, what: &str, promise: Promise, answer: &Answer) {
        assert!(answer.status < 400, "{what}: {answer:?}");
        let id = answer.header("X-Request-Id").expect("a request id").to_owned();
        self.0.push((what.to_owned(), id, promise));
    }

    #[track_caller]
    fn kept(&mut self, what: &str, answer: &Answer) {
        self.add(what, Promise::Kept, answer);
    }

    /// What was promised before it was on the disk, or written for nothing.
    fn faults(&self, seen: &str) -> Vec<String> {
        let mut log = File::new("latchkey.db-wal");
        let mut answers = self.0.iter();
        let mut expected = answers.next();
        let mut written_before = 0;
        let mut faults = Vec::new();
        for moment in moments(seen) {
            log.see(&moment);
            let (Some((what, id, promise)), Moment::Begun { text, .. }) = (expected, &moment) else { continue };
            if !(text.contains("<TCP:[") && text.contains(&format!("X-Request-Id: {id}"))) {
                continue;
            }
            let is_written = log.writes > written_before;
            if is_written != (*promise == Promise::Kept) {
                faults.push(format!("{what}: written to the log: {is_written}"));
            }
            if !log.unsafe_ranges.is_empty() {
                faults.push(format!("{what}: answered with {} writes not on the disk", log.unsafe_ranges.len()));
            }
            written_before = log.writes;
            expected = answers.next();
        }
        faults.extend(expected.map(|(what, id, _)| format!("the answer to {what} ({id}) was not seen")));
        faults
    }
}

/// Sends a form of the page at `page`, with these fields.
fn send(browser: &mut Browser, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
    let form = HtmlForm::find(&browser.get(page), action);
    fields.iter().fold(form, |form, (name, value)| form.with(name, value)).send(browser)
}

fn sign_in(browser: &mut Browser, username: &str) -> Answer {
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", username), ("password", PASSWORD)])
}

fn flow(answers: &mut Answers, server: &Server, app: &App) {
    let http = server.http();
    let mut alice = Browser::new(server);
    answers.kept("sign-in", &sign_in(&mut alice, "alice"));
    let page = alice.open(&app.authorize_url(&[("scope", SCOPE)]));
    let allowed = alice.submit(&page, &[("decision", "allow")]);
    answers.kept("consent", &allowed);
    let code = alice.follow(allowed).location_param("code").expect("a code");
    let redeemed = app.redeem(&http, &code, &[]);
    answers.kept("redemption", &redeemed);
    let tokens = Tokens::of(&redeemed);
    answers.add("userinfo", Promise::Nothing, &app.userinfo(&http, &tokens.access));
    let refreshed = app.refresh(&http, &tokens.refresh.expect("a refresh token"), &[]);
    answers.kept("refresh", &refreshed);
    let tokens = Tokens::of(&refreshed);
    let authorization = app.basic();
    let headers = [("Authorization", authorization.as_str())];
    for token in [&tokens.access, &tokens.refresh.expect("a refresh token")] {
        answers.kept("revocation", &http.post_with(REVOKE, &headers, &[("token", token)]));
        answers.add("introspection", Promise::Nothing, &http.post_with(INTROSPECT, &headers, &[("token", token)]));
    }
    answers.kept("code", &alice.get(&app.authorize_url(&[("scope", SCOPE)])));
    // Another one, as far as the server can see before it has looked.
    let fields = [("present", PASSWORD), ("password", PASSWORD), ("password_again", PASSWORD)];
    answers.kept("new password", &send(&mut alice, "/if/user/password/", "/if/user/password/", &fields));
    let page = alice.open("/logout/");
    answers.kept("sign-out", &alice.submit(&page, &[]));
    answers.add("sign-in page", Promise::Nothing, &alice.get("/login/"));
}

fn administration(answers: &mut Answers, server: &Server) {
    let mut ada = Browser::new(server);
    answers.kept("sign-in", &sign_in(&mut ada, "ada"));
    let new = "/if/admin/groups/new/";
    let made = send(&mut ada, new, new, &[("name", "family")]);
    answers.kept("new group", &made);
    let group = made.location().to_owned();
    let member = send(&mut ada, &group, &format!("{group}members/add/"), &[("user", "alice")]);
    answers.kept("new member", &member);
    answers.kept("changed group", &send(&mut ada, &group, &group, &[("name", "household")]));
    let delete = format!("{group}delete/");
    answers.kept("deleted group", &send(&mut ada, &delete, &delete, &[]));
    let alice = "/if/admin/users/1/";
    answers.kept("disabled user", &send(&mut ada, alice, &format!("{alice}active/"), &[("active", "off")]));
    answers.kept("enabled user", &send(&mut ada, alice, &format!("{alice}active/"), &[("active", "on")]));
    answers.kept("sign-in", &sign_in(&mut Browser::new(server), "alice"));
    answers.kept("signed-out user", &send(&mut ada, alice, &format!("{alice}sign-out/"), &[]));
    let rotate = "/if/admin/keys/rotate/";
    answers.kept("rotated keys", &send(&mut ada, rotate, rotate, &[("alg", "ES256"), ("how", "stolen")]));
    answers.add("dashboard", Promise::Nothing, &ada.get("/if/admin/"));
}

fn house() -> (Server, App) {
    let server = Server::start();
    server.alice();
    server.user("ada", &["--admin"]);
    let options = ["--redirect-uri", "https://wiki.example/callback", "--scope", SCOPE, "--consent", "explicit"];
    let app = server.app("Wiki", &options);
    (server, app)
}

#[test]
fn what_an_answer_promises_is_on_the_disk_before_it_is_sent() {
    let (server, app) = house();
    let folder = server.data().with_file_name("");
    let strace = Strace::attach(server.pid(), &["-s", "400", "-e", CALLS], &folder);
    let mut answers = Answers::default();
    flow(&mut answers, &server, &app);
    administration(&mut answers, &server);
    let seen = strace.end();
    assert!(answers.0.len() > 20, "{:?}", answers.0);
    assert_eq!(answers.faults(&seen), Vec::<String>::new());

    // The eyes are good: they notice when it is not so.
    let without: String = seen.split_inclusive('\n').filter(|l| !l.contains("sync")).collect();
    let faults = answers.faults(&without).len();
    assert!(faults > 15, "{faults} faults in what has no flush");
}

#[test]
fn what_a_command_has_done_is_on_the_disk_when_it_ends() {
    let (server, _) = house();
    let mut disable = command();
    disable.arg("--data-dir").arg(server.data()).args(["user", "disable", "alice"]);
    let (status, seen) = traced(&disable, &["-s", "0", "-e", CALLS], &server.data().with_file_name(""));
    assert!(status.success(), "{status}");
    let mut log = File::new("latchkey.db-wal");
    moments(&seen).iter().for_each(|m| log.see(m));
    assert!(log.writes > 0 && log.unsafe_ranges.is_empty(), "{seen}");
}
