//! How a server that does not start says whether it is worth another try: the unit starts it again unless it ended with
//! what no try mends.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use crate::support::disk::database;
use crate::support::process::{ended, passing_start, refused_start, serve_command, serve_through_shell};
use crate::support::server::Folder;
use crate::support::{Browser, Server};
use crate::upgrade::house_of;

fn stopped() -> Arc<Folder> {
    let mut server = Server::start();
    server.alice();
    assert_eq!(server.stop(), Some(0));
    server.folder()
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

/// The twin of every refusal: mended, it starts.
fn starts(folder: Arc<Folder>) {
    Browser::signed_in(&Server::start_on(folder, &[]), "alice");
}

#[test]
fn what_no_further_try_mends_ends_with_1_or_2() {
    let folder = stopped();
    let data = folder.data();
    for wrong in [["--listen", "8410"], ["--tls", "perhaps"], ["--backup-keep", "none"]] {
        ended(serve_command(&data, &wrong)).refused(2);
    }
    set_mode(&data.join("latchkey.db"), 0o640);
    assert!(refused_start(&data, &[]).contains("chmod 600"));
    set_mode(&data.join("latchkey.db"), 0o600);

    let version = |n: i64| database(&data).execute_batch(&format!("PRAGMA user_version = {n}")).expect("a version");
    let known: i64 = database(&data).query_row("PRAGMA user_version", [], |r| r.get(0)).expect("a version");
    version(known + 1);
    assert!(refused_start(&data, &[]).contains("newer"));
    version(known);

    let file = data.join("latchkey.db");
    let whole = std::fs::read(&file).expect("the database");
    std::fs::write(&file, b"no database at all, but longer than a page".repeat(2_048)).expect("written");
    assert!(refused_start(&data, &[]).contains("latchkey restore"));
    std::fs::write(&file, &whole).expect("put back");

    let key = data.join("master.key");
    let away = data.with_file_name("away");
    std::fs::rename(&key, &away).expect("moved");
    assert!(refused_start(&data, &[]).contains("master key"));
    std::fs::rename(&away, &key).expect("back");
    starts(folder);
}

#[test]
fn what_may_pass_ends_with_70() {
    let folder = stopped();
    let data = folder.data();
    // An address that somebody else has for a while; no address of this machine's, yet.
    let other = TcpListener::bind("127.0.0.1:0").expect("an address");
    let taken = other.local_addr().expect("an address").to_string();
    let serve = |listen: &str| {
        let mut serve = crate::support::server::command();
        serve.arg("--data-dir").arg(&data).args(["serve", "--listen", listen]);
        ended(serve)
    };
    assert!(serve(&taken).refused(70).contains("in use"));
    assert!(serve("192.0.2.1:8410").refused(70).contains("not an address of this machine"));
    assert!(passing_start(&data, &["--metrics-listen", &taken]).contains("in use"));
    drop(other);
    starts(folder);

    // No room for the copy before an upgrade.
    let old = house_of(1);
    let in_the_way = old.data().join("before-upgrade");
    std::fs::write(&in_the_way, "no folder").expect("written");
    set_mode(&in_the_way, 0o600);
    assert!(passing_start(&old.data(), &[]).contains("no copy of it could be made"));
}

#[test]
fn a_full_disk_may_pass() {
    let mount = Folder::new();
    let root = mount.data().parent().expect("its root").display().to_string();
    let script = format!(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=40k,mode=0700 none \"$0\" && exec \"$@\"' '{root}' \"$@\""
    );
    let serve = serve_through_shell(&script, &mount.data(), 0, "http://localhost:1");
    let words = ended(serve).refused(70);
    assert!(!words.contains("panicked") && words.contains("full"), "{words}");
}

/// What systemd makes of them.
#[test]
fn the_unit_tries_again_what_may_pass_and_nothing_else() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd/latchkey.service");
    let unit = std::fs::read_to_string(path).expect("the unit");
    let line = |name: &str| {
        let found = unit.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_else(|| panic!("no {name}")).to_owned()
    };
    assert_eq!(line("Restart"), "on-failure");
    assert_eq!(line("RestartPreventExitStatus"), "1 2");
    assert_eq!(line("StartLimitIntervalSec"), "0");
}
