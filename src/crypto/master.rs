//! The master key: 32 random bytes in a file (or systemd credential) outside the database. Without it a stolen
//! database or backup opens nothing. Owns the file: its format, its permissions, and the words when it is wrong.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::random;
use super::seal::Sealer;

/// More than this is not a key file: 32 bytes are 44 characters.
const MAX_FILE: u64 = 256;

/// The key from which every key of a [`Sealer`] is derived. Wiped from memory when dropped, never printed.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// Which permissions a key file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileModes {
    /// Nobody but the owner may read it.
    Strict,
    /// The file lies under `$CREDENTIALS_DIRECTORY`, where systemd guards it and sets the modes itself.
    SystemdCredential,
}

/// Why there is no master key; each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    #[error(
        "there is no master key at {0}. Restore the file from a backup: without it the secrets in the database \
         cannot be opened. Only a new installation makes a new one"
    )]
    Missing(PathBuf),
    #[error("there is already a master key at {0}; it is never overwritten. To start anew, move it away first")]
    Exists(PathBuf),
    #[error("the master key {path} cannot be {act}: {source}. Check the folder, its owner and the disk")]
    Io { path: PathBuf, act: &'static str, source: io::Error },
    #[error(
        "the master key {path} can be read by other users (mode {mode:03o}, expected 600). \
         Mend it with: chmod 600 '{path}'"
    )]
    Readable { path: PathBuf, mode: u32 },
    #[error(
        "the master key {path} is {what}, where 32 bytes in base64 (44 characters) were expected. Restore the file \
         from a backup; if it was never used, delete it and start again"
    )]
    Malformed { path: PathBuf, what: &'static str },
}

impl MasterKeyError {
    /// Whether it may be over at the next try, with nobody having done anything here.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Io { .. })
    }
}

impl MasterKey {
    /// A new random key that lies in no file.
    pub fn generate() -> Self {
        Self(Zeroizing::new(random::bytes()))
    }

    /// Reads the file at `path`: base64 of 32 bytes, with or without a newline after it.
    ///
    /// # Errors
    /// The file is absent, unreadable, open to others (unless `modes` allows it), or not a key.
    pub fn read(path: &Path, modes: FileModes) -> Result<Self, MasterKeyError> {
        let io = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => MasterKeyError::Missing(path.into()),
            _ => MasterKeyError::Io { path: path.into(), act: "read", source },
        };
        let malformed = |what| MasterKeyError::Malformed { path: path.into(), what };
        let file = File::open(path).map_err(io)?;
        // Asked of the open file, not of the path: nobody can swap it in between.
        let about = file.metadata().map_err(io)?;
        if !about.is_file() {
            return Err(malformed("not a regular file"));
        }
        let mode = about.permissions().mode() & 0o777;
        if modes == FileModes::Strict && mode & 0o077 != 0 {
            return Err(MasterKeyError::Readable { path: path.into(), mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE as usize));
        match file.take(MAX_FILE).read_to_string(&mut text) {
            Ok(0) => return Err(malformed("empty")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(malformed("not text")),
            Err(error) => return Err(io(error)),
        }
        Self::from_text(text.trim_ascii_end()).ok_or_else(|| malformed("something else"))
    }

    /// Makes a new key and writes it to `path`, mode 0600, flushed to the disk with its folder.
    ///
    /// # Errors
    /// There is a file at `path` already, or it cannot be written; nothing is left behind then.
    pub fn create(path: &Path) -> Result<Self, MasterKeyError> {
        let io = |source| MasterKeyError::Io { path: path.into(), act: "written", source };
        if path.exists() {
            return Err(MasterKeyError::Exists(path.into()));
        }
        let key = Self::generate();
        let text = Zeroizing::new(format!("{}\n", *key.to_text()));
        // Written under another name first: killed in between, no half a key stands where the key is looked for.
        let draft = path.with_extension(format!("draft-{}", std::process::id()));
        let written = write_private(&draft, text.as_bytes()).and_then(|()| fs::hard_link(&draft, path));
        // Best effort: a draft that stays is a key that nothing was ever sealed with.
        let _ = fs::remove_file(&draft);
        match written.and_then(|()| sync_folder(path)) {
            Ok(()) => {}
            // Another process was faster.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(MasterKeyError::Exists(path.into())),
            Err(error) => return Err(io(error)),
        }
        Ok(key)
    }

    /// The key in base64, as the file holds it: for a backup, which is itself encrypted.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64_STANDARD.encode(*self.0))
    }

    /// The reverse of [`Self::to_text`]; `None` when it is not base64 of exactly 32 bytes.
    pub fn from_text(text: &str) -> Option<Self> {
        // The decoder wants room for whole groups of three bytes before it knows of the padding.
        let mut bytes = Zeroizing::new([0; 33]);
        let length = BASE64_STANDARD.decode_slice(text, bytes.as_mut()).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(bytes[..length].get(..32).filter(|_| length == 32)?);
        Some(Self(key))
    }

    /// Derives the keys with which rows, cookies and forms are protected.
    pub fn sealer(&self) -> Sealer {
        Sealer::derive(&self.0)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new file survives a power cut only when its folder was flushed too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    /// A folder that goes away with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("latchkey-{}", random::alphanumeric(16)));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }

        fn file(&self, content: &[u8], mode: u32) -> PathBuf {
            let path = self.0.join(random::alphanumeric(8));
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_created_key_is_private_and_reads_back() {
        let folder = Folder::new();
        let path = folder.0.join("master.key");
        let created = MasterKey::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = MasterKey::read(&path, FileModes::Strict).unwrap();
        assert_eq!(*created.0, *read.0);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", *created.to_text()));
        assert_eq!(format!("{created:?}"), "MasterKey(..)");
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let folder = Folder::new();
        let path = folder.0.join("master.key");
        MasterKey::create(&path).unwrap();
        let before = fs::read(&path).unwrap();
        assert!(matches!(MasterKey::create(&path), Err(MasterKeyError::Exists(_))));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let folder = Folder::new();
        let text = MasterKey::generate().to_text();
        for mode in [0o640, 0o604, 0o620, 0o644, 0o666] {
            let path = folder.file(text.as_bytes(), mode);
            let error = MasterKey::read(&path, FileModes::Strict).unwrap_err().to_string();
            assert!(error.contains(&format!("chmod 600 '{}'", path.display())), "{error}");
            assert!(error.contains(&format!("{mode:03o}")), "{error}");
            assert!(MasterKey::read(&path, FileModes::SystemdCredential).is_ok());
        }
        assert!(MasterKey::read(&folder.file(text.as_bytes(), 0o400), FileModes::Strict).is_ok());
    }

    #[test]
    fn what_is_no_key_is_named_and_never_shown() {
        let folder = Folder::new();
        let good = MasterKey::generate().to_text();
        for content in [&good[..], &format!("{}\n", *good), &format!("{}\r\n", *good)] {
            assert!(MasterKey::read(&folder.file(content.as_bytes(), 0o600), FileModes::Strict).is_ok());
        }
        let short = BASE64_STANDARD.encode([1; 31]);
        let long = BASE64_STANDARD.encode([1; 33]);
        let contents: [&[u8]; 9] = [
            b"",
            b"\n",
            b"hunter2",
            &[0xff; 44],
            short.as_bytes(),
            long.as_bytes(),
            &good.as_bytes()[..43],
            &[good.as_bytes(), b"\nmore"].concat(),
            &[b'A'; 100_000],
        ];
        for content in contents {
            let path = folder.file(content, 0o600);
            let error = MasterKey::read(&path, FileModes::Strict).unwrap_err();
            assert!(matches!(error, MasterKeyError::Malformed { .. }), "{error}");
            assert!(!error.to_string().contains("hunter2"));
        }
        assert!(matches!(
            MasterKey::read(&folder.0, FileModes::SystemdCredential),
            Err(MasterKeyError::Malformed { what: "not a regular file", .. })
        ));
        let absent = folder.0.join("absent");
        assert!(matches!(MasterKey::read(&absent, FileModes::Strict), Err(MasterKeyError::Missing(_))));
        assert!(matches!(MasterKey::create(&absent.join("key")), Err(MasterKeyError::Io { .. })));
    }
}
