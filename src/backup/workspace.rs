//! Folders for copies in the clear, inside the data folder and as private as it. They go with their work; what a crash
//! leaves of them goes at the next start, or with the next one that is made.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::crypto::random;
use crate::store::placing;

const PREFIX: &str = "copy-";

/// One such folder. It is locked as long as somebody works in it, which tells it from one that was left behind.
pub struct Workspace {
    path: PathBuf,
    _lock: File,
}

impl Workspace {
    pub fn new(data_dir: &Path) -> io::Result<Self> {
        clean_up(data_dir)?;
        loop {
            let path = data_dir.join(format!("{PREFIX}{}", random::alphanumeric(8).to_lowercase()));
            DirBuilder::new().mode(0o700).create(&path)?;
            // Made by root for the service's user, who removes it when a crash leaves it.
            placing::take_owner(data_dir, &path)?;
            let lock = File::open(&path)?;
            lock.lock()?;
            // Somebody may have tidied up in between.
            if path.exists() {
                return Ok(Self { path, _lock: lock });
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // Moved away by a restore, it is not there any more.
        if let Err(error) = fs::remove_dir_all(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "a copy of the database could not be removed");
        }
    }
}

/// Removes what was left behind.
pub fn clean_up(data_dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        let is_one = entry.file_name().to_string_lossy().starts_with(PREFIX) && entry.file_type()?.is_dir();
        if is_one && File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok()) {
            let path = entry.path();
            match fs::remove_dir_all(&path) {
                Ok(()) => tracing::info!(path = %path.display(), "removed a copy that an interrupted backup left"),
                Err(error) => tracing::warn!(path = %path.display(), %error, "a left copy of the database stays"),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_worked_in_stays_and_what_was_left_goes() {
        let data = std::env::temp_dir().join(format!("latchkey-workspace-{}", random::alphanumeric(8)));
        fs::create_dir(&data).unwrap();
        fs::create_dir_all(data.join("copy-left")).unwrap();
        fs::write(data.join("copy-left/latchkey.db"), "plain").unwrap();
        fs::write(data.join("copy-file"), "not ours").unwrap();
        let one = Workspace::new(&data).unwrap();
        assert!(!data.join("copy-left").exists() && data.join("copy-file").exists());
        let two = Workspace::new(&data).unwrap();
        assert!(one.path().exists() && two.path().exists());
        let paths = [one.path().to_owned(), two.path().to_owned()];
        drop((one, two));
        assert!(!paths[0].exists() && !paths[1].exists());
        fs::remove_dir_all(&data).unwrap();
    }

    #[test]
    fn it_is_the_data_folders_owners_whoever_makes_it() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let data = std::env::temp_dir().join(format!("latchkey-workspace-{}", random::alphanumeric(8)));
        fs::create_dir(&data).unwrap();
        if rustix::process::geteuid().is_root() {
            chown(&data, Some(65_534), Some(65_534)).unwrap();
        }
        let about = |path: &Path| fs::metadata(path).map(|m| (m.uid(), m.gid())).unwrap();
        let workspace = Workspace::new(&data).unwrap();
        assert_eq!(about(workspace.path()), about(&data));
        drop(workspace);
        fs::remove_dir_all(&data).unwrap();
    }
}
