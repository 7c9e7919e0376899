//! What the packages' scripts and files do, as far as it can be tried without a package manager or containers.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::server::Folder;

fn packaging(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A machine's folders below a temporary one, and the package's script for its removal made for them.
struct Root(std::sync::Arc<Folder>);

impl Root {
    fn new(files: &[&str]) -> Self {
        let root = Self(Folder::new());
        for file in files {
            let path = root.path(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, "x").expect("written");
        }
        root
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.data().join(file)
    }

    fn postrm(&self, action: &str) -> String {
        let mut script = packaging("debian/postrm");
        for folder in ["/var/lib/latchkey", "/etc/latchkey", "/etc/systemd/system"] {
            script = script.replace(&format!("={folder}"), &format!("={}", self.path(&folder[1..]).display()));
        }
        let out = Command::new("sh").args(["-c", &script, "postrm", action]).output().expect("sh");
        assert!(out.status.success(), "{out:?}");
        assert!(out.stderr.is_empty(), "{out:?}");
        String::from_utf8(out.stdout).expect("text")
    }
}

const INSTALLED: [&str; 6] = [
    "var/lib/latchkey/latchkey.db",
    "var/lib/latchkey/master.key",
    "var/lib/latchkey/before-restore-1/latchkey.db",
    "var/lib/latchkey/copy-x/latchkey.db",
    "etc/latchkey/latchkey.toml",
    "etc/systemd/system/latchkey.service.d/low-ports.conf",
];

#[test]
fn a_purge_removes_everything_of_ours_and_a_removal_nothing() {
    let root = Root::new(&INSTALLED);
    let said = root.postrm("remove");
    assert!(said.contains("stay in") && INSTALLED.iter().all(|f| root.path(f).exists()), "{said}");
    let said = root.postrm("purge");
    assert!(said.contains("removing its users") && !said.contains("Kept"), "{said}");
    for gone in ["var/lib/latchkey", "etc/latchkey", "etc/systemd/system/latchkey.service.d"] {
        assert!(!root.path(gone).exists(), "{gone}");
    }
    // A second one, and one without anything, find nothing to do.
    assert_eq!(root.postrm("purge"), "");
}

#[test]
fn a_purge_keeps_every_backup_and_what_is_not_ours() {
    let kept = [
        "var/lib/latchkey/backups/latchkey-20261123-003105-0a1b2c3d.age",
        "var/lib/latchkey/by hand.age",
        "etc/latchkey/backup.key",
        "etc/systemd/system/latchkey.service.d/mine.conf",
    ];
    let root = Root::new(&[&INSTALLED[..], &kept].concat());
    let said = root.postrm("purge");
    for file in kept {
        assert!(root.path(file).exists(), "{file}");
    }
    for file in &kept[..3] {
        assert!(said.contains(root.path(file).to_str().expect("a path")), "{file}: {said}");
    }
    assert!(said.contains(&format!("rm -r {}", root.path("var/lib/latchkey").display())), "{said}");
    assert!(INSTALLED.iter().all(|f| !root.path(f).exists()), "{said}");
    assert!(!root.path("var/lib/latchkey/before-restore-1").exists());
}

/// Compose itself says so: what follows `:?` is its error for a variable that is not set or empty.
#[test]
fn no_container_starts_without_a_host_name() {
    for file in ["compose.yaml", "portainer-stack.yaml"] {
        let text = packaging(file);
        let uses: Vec<&str> = text
            .lines()
            .filter(|l| !l.trim_start().starts_with('#'))
            .flat_map(|l| l.split("${").skip(1))
            .filter(|rest| rest.starts_with("LATCHKEY_HOST"))
            .collect();
        assert_eq!(uses.len(), 2, "the URL and the alias: {file}");
        assert!(uses.iter().all(|u| u.starts_with("LATCHKEY_HOST:?is not set")), "{file}: {uses:?}");
    }
}

#[test]
fn a_host_name_that_is_none_is_refused_before_anything_is_made() {
    for host in ["...", "", "http://auth.home.example", "auth.home.example/"] {
        let data = Folder::new().data();
        let mut command = crate::support::server::command();
        command.env("LATCHKEY_URL", format!("http://{host}:8410")).env("LATCHKEY_DATA_DIR", &data).arg("serve");
        let said = crate::support::server::text_of(command.output().expect("it ran")).refused(2);
        assert!(said.contains("cannot be the base URL") && said.contains("https://auth.home.example"), "{said}");
        assert!(!data.exists());
    }
}
