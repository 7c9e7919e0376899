//! Putting a restored database into a data folder, in whose place an old one may be.
//!
//! One rename decides: the folder with the new files, made ready inside the data folder, is given the name
//! `restore-ready-TIME`. Before it the old files hold; after it the new ones do, and whoever opens the data folder next
//! finishes what a crash left undone: the old files go to `before-restore-TIME`, the folder is renamed to
//! `restore-placing-TIME`, the new files come out of it. All of it happens inside the data folder, which may be a mount
//! point, or in a folder that its owner must not write to.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, lchown};
use std::path::{Path, PathBuf};

use super::open::is_ours;

const READY: &str = "restore-ready-";
const PLACING: &str = "restore-placing-";
const BEFORE: &str = "before-restore-";

/// Puts the files of `staged`, a folder inside the data folder, in the place of those that are there. Returns where
/// these are kept, if there were any. Until this returns, or fails, nobody else may use the data folder.
pub fn place(data_dir: &Path, staged: &Path, stamp: &str) -> io::Result<Option<PathBuf>> {
    let stamp = free_stamp(data_dir, stamp);
    for entry in fs::read_dir(staged)? {
        let path = entry?.path();
        take_owner(data_dir, &path)?;
        File::open(&path)?.sync_all()?;
    }
    take_owner(data_dir, staged)?;
    File::open(staged)?.sync_all()?;
    fs::rename(staged, data_dir.join(format!("{READY}{stamp}")))?;
    sync(data_dir)?;
    finish(data_dir)?;
    let before = data_dir.join(format!("{BEFORE}{stamp}"));
    Ok(before.exists().then_some(before))
}

/// Whether a restore was decided, and not finished.
pub(super) fn is_unfinished(data_dir: &Path) -> io::Result<bool> {
    Ok(found(data_dir, READY)?.is_some() || found(data_dir, PLACING)?.is_some())
}

/// Finishes a restore that was decided. Each step may have been done already.
pub fn finish(data_dir: &Path) -> io::Result<()> {
    if let Some((ready, stamp)) = found(data_dir, READY)? {
        put_away(data_dir, &stamp)?;
        fs::rename(&ready, data_dir.join(format!("{PLACING}{stamp}")))?;
        sync(data_dir)?;
    }
    if let Some((placing, _)) = found(data_dir, PLACING)? {
        for entry in fs::read_dir(&placing)? {
            let entry = entry?;
            fs::rename(entry.path(), data_dir.join(entry.file_name()))?;
        }
        sync(data_dir)?;
        fs::remove_dir(&placing)?;
        sync(data_dir)?;
    }
    Ok(())
}

/// Moves the old files aside: the log goes with its database, or it would be applied to the new one.
fn put_away(data_dir: &Path, stamp: &str) -> io::Result<()> {
    let before = data_dir.join(format!("{BEFORE}{stamp}"));
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        if is_ours(&entry.file_name()) {
            if !before.exists() {
                fs::DirBuilder::new().mode(0o700).create(&before)?;
                take_owner(data_dir, &before)?;
            }
            fs::rename(entry.path(), before.join(entry.file_name()))?;
        }
    }
    if before.exists() { sync(&before) } else { Ok(()) }
}

/// The folder whose name begins so, and how the name goes on.
fn found(data_dir: &Path, prefix: &str) -> io::Result<Option<(PathBuf, String)>> {
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        if let Some(stamp) = entry.file_name().to_str().and_then(|n| n.strip_prefix(prefix)) {
            return Ok(Some((entry.path(), stamp.to_owned())));
        }
    }
    Ok(None)
}

/// Two restores within a second keep their old files apart.
fn free_stamp(data_dir: &Path, stamp: &str) -> String {
    let taken = |stamp: &str| data_dir.join(format!("{BEFORE}{stamp}")).exists();
    let numbered = |n: u32| if n == 1 { stamp.to_owned() } else { format!("{stamp}-{n}") };
    (1..).map(numbered).find(|s| !taken(s)).unwrap_or_default()
}

/// Gives a file that root made to the owner of the data folder. That owner may have put a link in its place meanwhile: it
/// is not followed.
pub fn take_owner(data_dir: &Path, path: &Path) -> io::Result<()> {
    let (owner, own) = (fs::metadata(data_dir)?, fs::symlink_metadata(path)?);
    if rustix::process::geteuid().is_root() && (owner.uid(), owner.gid()) != (own.uid(), own.gid()) {
        lchown(path, Some(owner.uid()), Some(owner.gid()))?;
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("latchkey-placing-{}-{name}", std::process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn write(&self, files: &[&str], content: &str) {
            for file in files {
                let path = self.0.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, content).unwrap();
            }
        }

        fn files(&self, folder: &str) -> Vec<String> {
            let Ok(entries) = fs::read_dir(self.0.join(folder)) else { return vec![] };
            let read = |e: fs::DirEntry| fs::read_to_string(e.path()).unwrap_or_else(|_| "folder".into());
            let mut all: Vec<_> = entries
                .map(|e| e.unwrap())
                .map(|e| format!("{}={}", e.file_name().to_str().unwrap(), read(e)))
                .collect();
            all.sort();
            all
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    const OLD: &[&str] = &["installed", "latchkey.db", "latchkey.db-shm", "latchkey.db-wal", "master.key"];
    const NEW: &[&str] = &["installed", "latchkey.db", "master.key"];

    #[test]
    fn old_files_are_kept_and_what_is_not_ours_stays() {
        let folder = Folder::new("kept");
        folder.write(OLD, "old");
        folder.write(&["photo.jpg", "backups/a.age"], "else");
        for (round, content) in ["new", "newer"].into_iter().enumerate() {
            let staged: Vec<String> = NEW.iter().map(|f| format!("staged/{f}")).collect();
            folder.write(&staged.iter().map(String::as_str).collect::<Vec<_>>(), content);
            let before = place(&folder.0, &folder.0.join("staged"), "1").unwrap().unwrap();
            assert!(before.ends_with(["before-restore-1", "before-restore-1-2"][round]));
        }
        assert_eq!(
            folder.files(""),
            [
                "backups=folder",
                "before-restore-1-2=folder",
                "before-restore-1=folder",
                "installed=newer",
                "latchkey.db=newer",
                "master.key=newer",
                "photo.jpg=else"
            ]
        );
        assert_eq!(
            folder.files("before-restore-1"),
            ["installed=old", "latchkey.db-shm=old", "latchkey.db-wal=old", "latchkey.db=old", "master.key=old"]
        );
        assert!(!is_unfinished(&folder.0).unwrap());
    }

    /// What a crash leaves, whatever it interrupted, is finished later.
    #[test]
    fn wherever_it_was_interrupted_the_end_is_the_same() {
        let moves = OLD.len() + 1 + NEW.len();
        for done in 0..=moves {
            let folder = Folder::new(&format!("cut-{done}"));
            folder.write(OLD, "old");
            folder.write(
                &NEW.iter()
                    .map(|f| format!("restore-ready-1/{f}"))
                    .collect::<Vec<_>>()
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>(),
                "new",
            );
            let rename = |from: &str, to: &str| fs::rename(folder.0.join(from), folder.0.join(to)).unwrap();
            for step in 0..done {
                match step {
                    0 => fs::create_dir(folder.0.join("before-restore-1")).unwrap(),
                    _ if step <= OLD.len() => rename(OLD[step - 1], &format!("before-restore-1/{}", OLD[step - 1])),
                    _ if step == OLD.len() + 1 => rename("restore-ready-1", "restore-placing-1"),
                    _ => {
                        let file = NEW[step - OLD.len() - 2];
                        rename(&format!("restore-placing-1/{file}"), file);
                    }
                }
            }
            assert!(is_unfinished(&folder.0).unwrap(), "{done}");
            finish(&folder.0).unwrap();
            assert_eq!(
                folder.files(""),
                ["before-restore-1=folder", "installed=new", "latchkey.db=new", "master.key=new"],
                "{done}"
            );
            assert_eq!(folder.files("before-restore-1").len(), OLD.len(), "{done}");
            assert!(!is_unfinished(&folder.0).unwrap());
        }
    }
}
