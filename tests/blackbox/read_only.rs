//! A disk that turns read-only, as a failing SD card does by itself: reading goes on, writes are refused for a while, and
//! nothing needs a restart. A start on such a disk is refused in words.

use crate::disk_full::{reading_goes_on, try_to_sign_in};
use crate::support::disk::contents;
use crate::support::process::ended;
use crate::support::server::{Folder, binary};
use crate::support::strace::Strace;
use crate::support::{Browser, Server, Tokens};
use std::process::Command;
use std::sync::Arc;

#[test]
fn on_a_disk_that_turned_read_only_writes_are_refused_until_it_is_writable_again() {
    let mut server = Server::start();
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let mut browser = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut browser, "openid profile");
    let code = app.code(&mut browser, &[]);
    let data = server.data();
    // No file system turns read-only at somebody's wish while files are open for writing. So every write says what it
    // would say there.
    let files = ["latchkey.db", "latchkey.db-wal"].map(|name| data.join(name).display().to_string());
    let options = ["-P", &files[0], "-P", &files[1], "-e", "trace=pwrite64,ftruncate", "-e"];
    let options = [&options[..], &["inject=pwrite64,ftruncate:error=EROFS"]].concat();
    let read_only = Strace::attach(server.pid(), &options, &data.with_file_name(""));
    for _ in 0..2 {
        let refused = try_to_sign_in(&server);
        assert_eq!(refused.status, 503, "{refused:?}");
        assert!(refused.header("Retry-After").is_some() && refused.body.contains("id=\"error-page\""), "{refused:?}");
        assert!(refused.all("Set-Cookie").iter().all(|c| !c.starts_with("latchkey=")), "{refused:?}");
        let refused = app.redeem(&browser.http, &code, &[]);
        assert!(refused.header("Retry-After").is_some(), "{refused:?}");
        assert_eq!(refused.error(503), "temporarily_unavailable");
        reading_goes_on(&server, &app);
        assert_eq!(browser.get("/").status, 200, "who is signed in stays so");
        assert_eq!(app.userinfo(&browser.http, &tokens.access).status, 200);
    }
    let ready = server.http().get("/readyz");
    assert_eq!((ready.status, &ready.json()["database"]), (503, &"failed".into()), "{ready:?}");
    assert!(read_only.end().contains("EROFS"));

    assert_eq!(server.http().get("/readyz").status, 200);
    assert_eq!(try_to_sign_in(&server).status, 200);
    Tokens::of(&app.redeem(&browser.http, &code, &[]));
    assert!(server.is_alive());
    assert_eq!(server.stop(), Some(0), "{}", server.printed());
}

#[test]
fn a_start_on_a_read_only_disk_is_refused_in_words_and_changes_nothing() {
    let mut server = Server::start();
    server.alice();
    assert_eq!(server.stop(), Some(0));
    let folder = server.folder();
    let data = folder.data();
    let before = contents(&data);
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    let read_only = |data: &std::path::Path, arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.env_remove("CREDENTIALS_DIRECTORY").args(["-rm", "sh", "-c", script]);
        command.arg(data.parent().expect("its root")).arg(binary()).arg("--data-dir").arg(data).args(arguments);
        ended(command)
    };
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    // It may turn writable again: the server is started anew by whoever sees 70.
    for (arguments, code) in [(&serve[..], 70), (&["user", "list"], 1)] {
        let words = read_only(&data, arguments).refused(code);
        assert!(words.contains("cannot be written") && words.contains("Read-only"), "{words}");
        assert!(words.contains(&data.display().to_string()) && !words.contains("panicked"), "{words}");
        assert!(contents(&data) == before, "{arguments:?}: something was written");
    }
    let empty = Folder::new();
    let words = read_only(&empty.data(), &serve).refused(70);
    assert!(words.contains("Read-only") && words.contains(&empty.data().display().to_string()), "{words}");
    let server = Server::start_on(Arc::clone(&folder), &[]);
    Browser::signed_in(&server, "alice");
}
