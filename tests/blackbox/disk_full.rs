//! A disk that is full, and a database that cannot be written: writes are refused for a while, reading goes on, and
//! nothing needs a restart.

use std::path::PathBuf;
use std::sync::Arc;

use crate::support::disk::database;
use crate::support::process::serve_through_shell;
use crate::support::server::{Folder, free_port};
use crate::support::{Answer, App, Browser, PASSWORD, Server, Tokens};

/// A provider whose data folder lies on a small disk of its own, in a mount namespace that ends with it.
fn on_a_small_disk() -> (Server, App, PathBuf) {
    let prepared = Server::start();
    prepared.alice();
    let app = prepared.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let (server, inside) = moved_to_a_small_disk(prepared);
    (server, app, inside)
}

/// The same provider on such a disk, and where its data folder is seen from here.
pub fn moved_to_a_small_disk(mut prepared: Server) -> (Server, PathBuf) {
    assert_eq!(prepared.stop(), Some(0));
    let folder = prepared.folder();
    let mount = Folder::new();
    let script = format!(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=8m,mode=0700 none \"$0\" && cp -a \"$1/.\" \"$0/data\" && \
         shift && exec \"$@\"' '{}' '{}' \"$@\"",
        mount.data().parent().expect("its root").display(),
        folder.data().display()
    );
    let (port, base) = (free_port(), prepared.base.clone());
    let serve = serve_through_shell(&script, &mount.data(), port, &base);
    let server = Server::spawn(serve, Arc::clone(&mount), port, &base);
    let inside = PathBuf::from(format!("/proc/{}/root{}", server.pid(), mount.data().display()));
    (server, inside)
}

pub fn try_to_sign_in(server: &Server) -> Answer {
    let mut browser = Browser::new(server);
    let page = browser.open("/login/");
    browser.submit(&page, &[("username", "alice"), ("password", PASSWORD)])
}

#[track_caller]
pub fn reading_goes_on(server: &Server, app: &App) {
    let http = server.http();
    for path in ["jwks/", ".well-known/openid-configuration"] {
        let answer = http.get(&format!("/application/o/{}/{path}", app.slug));
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(http.get("/healthz").status, 200);
    assert_eq!(http.get("/login/").status, 200);
    assert!(http.get(&app.authorize_url(&[])).status < 400);
}

#[test]
fn a_full_disk_refuses_writes_and_recovers_by_itself() {
    let (mut server, app, inside) = on_a_small_disk();
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid profile");
    let codes: Vec<String> = (0..20).map(|_| app.code(&mut browser, &[])).collect();

    let filler = inside.join("filler");
    let mut chunk = 1 << 20;
    let mut file = std::fs::File::create(&filler).expect("a file on the small disk");
    while chunk > 0 {
        if std::io::Write::write_all(&mut file, &vec![0; chunk]).is_err() {
            chunk /= 2;
        }
    }
    // What the log has room for still goes through; then every write is refused.
    let refused = (0..60).map(|_| try_to_sign_in(&server)).find(|a| a.status != 200).expect("the disk is full");
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.header("Retry-After").is_some() && refused.body.contains("id=\"error-page\""), "{refused:?}");
    assert!(refused.body.contains("href=\"/help/#busy\""), "{refused:?}");
    assert!(server.http().get("/help/").expect(200).body.contains(" id=\"busy\""));
    assert!(refused.all("Set-Cookie").iter().all(|c| !c.starts_with("latchkey=")), "{refused:?}");
    reading_goes_on(&server, &app);
    assert_eq!(browser.get("/").status, 200, "who is signed in stays so");
    assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 200);
    let unlucky = codes.iter().map(|c| (c, app.redeem(&browser.http, c, &[]))).find(|(_, a)| a.status != 200);
    let (code, answer) = unlucky.expect("a code that could not be redeemed");
    assert_eq!(answer.error(503), "temporarily_unavailable");

    assert_eq!(server.http().get("/readyz").status, 503);

    drop(file);
    std::fs::remove_file(&filler).expect("removed");
    assert_eq!(server.http().get("/readyz").status, 200);
    assert_eq!(try_to_sign_in(&server).status, 200);
    Tokens::of(&app.redeem(&browser.http, code, &[]));
    assert!(server.is_alive());
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_database_that_somebody_else_holds_refuses_writes_until_it_is_free() {
    let server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let code = app.code(&mut browser, &[]);
    let other = database(&server.data());
    other.execute_batch("BEGIN EXCLUSIVE").expect("held");
    // For longer than the provider waits (5 s).
    let refused = std::thread::scope(|s| {
        let sign_in = s.spawn(|| try_to_sign_in(&server));
        let exchange = s.spawn(|| app.redeem(&server.http(), &code, &[]));
        reading_goes_on(&server, &app);
        assert_eq!(exchange.join().expect("an answer").error(503), "temporarily_unavailable");
        sign_in.join().expect("an answer")
    });
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(server.http().get("/readyz").status, 503);
    other.execute_batch("ROLLBACK").expect("let go");
    assert_eq!(server.http().get("/readyz").status, 200);
    assert_eq!(try_to_sign_in(&server).status, 200);
    Tokens::of(&app.redeem(&browser.http, &code, &[]));
}
