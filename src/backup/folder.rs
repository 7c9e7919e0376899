//! The folder of nightly backups, and how it is told from the empty place of a disk that is not mounted.
//!
//! Each installation leaves a small file there, its mark. A folder that backups went to before must still have it. And a
//! folder outside of the data folder is made by the administrator alone: one that is not there is never made.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::draft::Draft;
use super::make::BackupError;
use crate::config::Config;
use crate::crypto::{digest, random};
use crate::domain::backup::FolderTrouble;
use crate::error::Internal;
use crate::store::{Tx, meta};

/// A mark is short.
const MAX_MARK: usize = 4096;

/// The folder, as the settings name it.
#[derive(Debug, Clone)]
pub struct Folder {
    pub path: PathBuf,
    /// Tells the files of this installation from others'. A restore begins a new one, on this machine or another.
    pub installation: String,
    is_inside: bool,
    /// What the mark says where backups went to before. `None` when there were none in this folder.
    held: Option<String>,
}

/// A folder that a backup went to.
#[derive(Debug, Serialize, Deserialize)]
pub struct Held {
    path: String,
    token: String,
}

impl Held {
    /// Notes it, where it is news.
    pub fn note(&self, tx: &Tx) -> Result<(), Internal> {
        let text = serde_json::to_string(self).map_err(Internal::fault)?;
        meta::set(tx, meta::NIGHTLY_FOLDER, &text)
    }
}

impl Folder {
    pub fn of(config: &Config, connection: &Connection) -> Result<Self, Internal> {
        let value = |key| Ok::<_, Internal>(meta::get(connection, key)?.unwrap_or_default());
        let whose = format!("{} {}", value(meta::INSTALL_ID)?, value(meta::MASTER_KEY_CHECK)?);
        let installation = digest::sha256(whose.as_bytes())[..4].iter().map(|b| format!("{b:02x}")).collect();
        let path = config.backup_dir.clone();
        let held: Option<Held> = serde_json::from_str(&value(meta::NIGHTLY_FOLDER)?).ok();
        let held = held.filter(|held| held.path == path.display().to_string()).map(|held| held.token);
        Ok(Self { is_inside: path.starts_with(&config.data_dir), path, installation, held })
    }

    /// What keeps backups from going there.
    pub fn trouble(&self) -> Option<FolderTrouble> {
        match fs::metadata(&self.path) {
            Ok(about) if about.is_dir() => {}
            Ok(_) => return Some(FolderTrouble::Unreadable(format!("{} is no folder", self.path.display()))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Some(self.unreadable(&error)),
            Err(_) if self.is_inside && self.held.is_none() => return None,
            Err(_) => return Some(FolderTrouble::Missing(self.path.display().to_string())),
        }
        let held = self.held.as_deref()?;
        match self.mark() {
            // Emptied: by somebody who means this folder.
            Ok(Some(mark)) if mark.is_empty() || mark == held => None,
            Ok(_) => Some(FolderTrouble::Other {
                folder: self.path.display().to_string(),
                mark: self.mark_path().display().to_string(),
            }),
            Err(error) => Some(self.unreadable(&error)),
        }
    }

    /// Makes it ready for a backup: made, where it is ours to make, and marked.
    pub fn make_ready(&self) -> Result<Held, BackupError> {
        if let Some(trouble) = self.trouble() {
            return Err(trouble.into());
        }
        let unwritable = |error: io::Error| {
            BackupError::Write(io::Error::new(error.kind(), format!("{}: {error}", self.path.display())))
        };
        if self.is_inside {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(unwritable)?;
        }
        let token = match self.mark().map_err(unwritable)? {
            Some(token) if !token.is_empty() => token,
            _ => self.put_mark().map_err(unwritable)?,
        };
        Ok(Held { path: self.path.display().to_string(), token })
    }

    fn mark_path(&self) -> PathBuf {
        self.path.join(format!("latchkey-{}.txt", self.installation))
    }

    /// The first line of the mark.
    fn mark(&self) -> io::Result<Option<String>> {
        use io::Read as _;
        let file = match fs::File::open(self.mark_path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut text = Vec::new();
        file.take(MAX_MARK as u64).read_to_end(&mut text)?;
        Ok(Some(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().trim().to_owned()))
    }

    fn put_mark(&self) -> io::Result<String> {
        let token = random::alphanumeric(16);
        let draft = Draft::new(&self.mark_path())?;
        let words = "By this file Latchkey knows the folder of its nightly backups again. Without it, it takes the disk for one that is\nnot mounted, and makes no backup.\n";
        write!(&mut draft.file()?, "{token}\n{words}")?;
        draft.keep(true)?;
        Ok(token)
    }

    fn unreadable(&self, error: &io::Error) -> FolderTrouble {
        FolderTrouble::Unreadable(format!("{}: {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The folder as the next backup finds it, after `held`.
    fn folder(path: &std::path::Path, held: Option<&Held>) -> Folder {
        let held = held.map(|held| held.token.clone());
        Folder { path: path.to_owned(), installation: "0a1b2c3d".into(), is_inside: false, held }
    }

    #[test]
    fn a_folder_is_known_again_and_another_one_is_not_taken_for_it() {
        let place = std::env::temp_dir().join(format!("latchkey-folder-{}", random::alphanumeric(8)));
        assert!(matches!(folder(&place, None).trouble(), Some(FolderTrouble::Missing(_))));
        let inside = Folder { is_inside: true, ..folder(&place, None) };
        let held = inside.make_ready().unwrap();
        assert!(inside.trouble().is_none() && folder(&place, Some(&held)).trouble().is_none());
        assert_eq!(folder(&place, Some(&held)).make_ready().unwrap().token, held.token);
        // The disk is away: nothing there, or an empty place, or one that backups went to at another time.
        let mark = folder(&place, None).mark_path();
        let is_other = |held: &Held| matches!(folder(&place, Some(held)).trouble(), Some(FolderTrouble::Other { .. }));
        fs::remove_file(&mark).unwrap();
        assert!(is_other(&held));
        fs::write(&mark, "another\n").unwrap();
        assert!(is_other(&held));
        // Whoever means it says so.
        fs::write(&mark, "").unwrap();
        let anew = folder(&place, Some(&held)).make_ready().unwrap();
        assert!(anew.token != held.token && !is_other(&anew) && is_other(&held));
        fs::remove_dir_all(&place).unwrap();
        let gone = Folder { is_inside: true, ..folder(&place, Some(&anew)) };
        assert!(matches!(gone.trouble(), Some(FolderTrouble::Missing(_))), "one that held backups is not made again");
        fs::write(&place, "a file").unwrap();
        assert!(matches!(folder(&place, None).trouble(), Some(FolderTrouble::Unreadable(_))));
        fs::remove_file(&place).unwrap();
    }
}
