//! The file of a backup while it is written: under another name beside its own, until it is whole and on the disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What is added to the name meanwhile.
pub const SUFFIX: &str = ".partial";

/// A file that becomes another one, or goes away.
pub struct Draft {
    file: Option<File>,
    path: PathBuf,
    target: PathBuf,
}

impl Draft {
    /// Begins a file for `target`, mode 0600. What an interrupted try left of it is thrown away.
    pub fn new(target: &Path) -> io::Result<Self> {
        let mut name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        name.push(SUFFIX);
        let path = target.with_file_name(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Made here and by nobody else: what another user puts there is not followed.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { file: Some(file), path, target: target.to_owned() })
    }

    pub fn file(&self) -> io::Result<&File> {
        self.file.as_ref().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Gives it its name, once it is on the disk. With `replace` it takes the place of what has the name already.
    pub fn keep(mut self, replace: bool) -> io::Result<()> {
        self.file()?.sync_all()?;
        if replace {
            fs::rename(&self.path, &self.target)?;
        } else {
            // A link, unlike a rename, never takes the place of anything.
            fs::hard_link(&self.path, &self.target).or_else(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Err(error),
                // Some file systems (FAT on a stick) have no links.
                _ if !self.target.exists() => fs::rename(&self.path, &self.target),
                _ => Err(io::ErrorKind::AlreadyExists.into()),
            })?;
            drop(fs::remove_file(&self.path));
        }
        self.file = None;
        let folder = self.target.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.is_some() {
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::crypto::random;

    #[test]
    fn it_is_whole_private_and_replaces_nothing_unasked() {
        let folder = std::env::temp_dir().join(format!("latchkey-draft-{}", random::alphanumeric(8)));
        fs::create_dir(&folder).unwrap();
        let target = folder.join("a.age");
        let write = |content: &[u8]| {
            let draft = Draft::new(&target).unwrap();
            draft.file().unwrap().write_all(content).unwrap();
            draft
        };
        drop(write(b"given up"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::write(folder.join("a.age.partial"), "left by a crash").unwrap();
        write(b"one").keep(false).unwrap();
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write(b"two").keep(false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"one");
        write(b"three").keep(true).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"three");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
