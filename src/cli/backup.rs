//! `latchkey backup`, `latchkey backup-identity` and `latchkey restore`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::{CliError, Outcome, output, secret};
use crate::backup::draft::Draft;
use crate::backup::make::{self, BackupError};
use crate::backup::restore::{self, RestoreError, Restored};
use crate::clock::{Clock, rfc3339};
use crate::config::Config;
use crate::crypto::envelope::{Closed, Envelope, Identity, Key, Lock, Recipient};
use crate::domain::backup::{Manifest, Proven};
use crate::recorder::local_event;
use crate::store::snapshot::{self, Pace};
use crate::store::{OpenMode, Store};

/// Files of keys are short.
const MAX_KEY_FILE: u64 = 64 * 1024;

#[derive(Debug, Args)]
pub struct Options {
    /// Where the backup goes; - is standard output
    file: PathBuf,
    /// Encrypt to this public key (age1…) [default: the setting backup-recipient, or a passphrase that is asked for]
    #[arg(long, value_name = "KEY")]
    recipient: Vec<Recipient>,
    /// Encrypt to the public keys in this file, a line each
    #[arg(long, value_name = "FILE")]
    recipients_file: Option<PathBuf>,
    /// Encrypt by a passphrase, read from standard input
    #[arg(long, conflicts_with_all = ["recipient", "recipients_file"])]
    passphrase_stdin: bool,
    /// Overwrite a file that is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
pub struct IdentityOptions {
    /// Write the private key to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RestoreOptions {
    /// The backup
    file: PathBuf,
    /// The file of the private key (AGE-SECRET-KEY-1…) that opens it
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Read its passphrase from standard input
    #[arg(long, conflicts_with = "identity")]
    passphrase_stdin: bool,
    /// Put it in the place of an installation that is there; the old files are kept
    #[arg(long)]
    force: bool,
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Internal(error) => Self::Internal(error),
            BackupError::Start(error @ crate::app::StartError::NoMasterKey(_)) => Self::refused(format!(
                "{error}. A backup carries the key, so that another machine can restore it. Under systemd the server was given it at /run/credentials/latchkey.service/master-key"
            )),
            other => Self::refused(other),
        }
    }
}

impl From<RestoreError> for CliError {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Internal(error) => Self::Internal(error),
            RestoreError::Start(error) => error.into(),
            other => Self::refused(other),
        }
    }
}

pub fn backup(config: &Config, options: &Options) -> Outcome {
    let to_stdout = options.file == Path::new("-");
    if !to_stdout && !options.force && options.file.exists() {
        return Err(exists(&options.file));
    }
    let lock = lock(config, options)?;
    let now = Clock::alone().now();
    let order = make::Order { config, lock: &lock, now, pace: Pace::Brisk, goes_on: &|| true };
    let (manifest, bytes, place) = match to_stdout {
        true => {
            let (manifest, bytes) = make::make(&order, io::stdout().lock())?;
            (manifest, bytes, "standard output".to_owned())
        }
        false => {
            let cannot = |error: io::Error| match error.kind() {
                io::ErrorKind::AlreadyExists => exists(&options.file),
                _ => CliError::refused(format!("{}: {error}", options.file.display())),
            };
            let draft = Draft::new(&options.file).map_err(cannot)?;
            let (manifest, bytes) = make::make(&order, draft.file().map_err(cannot)?)?;
            draft.keep(options.force).map_err(cannot)?;
            let place = std::path::absolute(&options.file).unwrap_or_else(|_| options.file.clone());
            (manifest, bytes, place.display().to_string())
        }
    };
    let proven = Proven { at: now, bytes, place, nightly: false };
    if let Err(error) = note(config, &manifest, &proven) {
        output::note(&format!("note: the backup is good, but the Dashboard will not know of it: {error}"));
    }
    let words = format!("{} ({} kB): {}.", proven.place, bytes.div_ceil(1000), counted(&manifest));
    output::note(&format!("Backup made, opened, checked and counted before it was encrypted: {words}"));
    Ok(())
}

fn exists(file: &Path) -> CliError {
    CliError::refused(format!("{} is there already. To overwrite it: --force", file.display()))
}

/// What the backup is closed with: as the options say, then as the settings say, then as somebody at the terminal says.
fn lock(config: &Config, options: &Options) -> Result<Lock, CliError> {
    let mut recipients = options.recipient.clone();
    if let Some(path) = &options.recipients_file {
        let text = read_key_file(path)?;
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let bad = |error| CliError::usage(format!("{}: {error}", path.display()));
        let read: Vec<Recipient> = lines.map(|l| l.parse().map_err(bad)).collect::<Result<_, _>>()?;
        if read.is_empty() {
            return Err(CliError::usage(format!("{} has no public key", path.display())));
        }
        recipients.extend(read);
    }
    if !recipients.is_empty() {
        return Ok(Lock::Recipients(recipients));
    }
    if options.passphrase_stdin {
        return Ok(Lock::Passphrase(secret::new_passphrase(true)?));
    }
    if !config.backup_recipients.is_empty() {
        return Ok(Lock::Recipients(config.backup_recipients.clone()));
    }
    if !secret::can_ask() {
        return Err(CliError::usage(
            "a backup holds every secret of the house, so it is always encrypted: say to whom with --recipient age1…, or give a passphrase with --passphrase-stdin. `latchkey backup-identity` makes a key",
        ));
    }
    Ok(Lock::Passphrase(secret::new_passphrase(false)?))
}

fn read_key_file(path: &Path) -> Result<Zeroizing<String>, CliError> {
    use std::io::Read as _;
    let mut text = Zeroizing::new(String::with_capacity(4096));
    let read = File::open(path).and_then(|file| file.take(MAX_KEY_FILE).read_to_string(&mut text));
    read.map_err(|e| CliError::usage(format!("{}: {e}", path.display())))?;
    Ok(text)
}

/// Tells the Dashboard, unless the schema is still an older one, which only the server brings up to date.
fn note(config: &Config, manifest: &Manifest, proven: &Proven) -> Outcome {
    if manifest.schema != snapshot::KNOWN {
        return Err(CliError::refused(
            "its schema is older than this version's; the next start of the server changes that",
        ));
    }
    let store = Store::open(&config.data_dir, OpenMode::Existing).map_err(CliError::refused)?;
    let (event, proven) = (local_event("", proven.at), proven.clone());
    store.write(move |tx| make::note(tx, &proven, event))?;
    store.close();
    Ok(())
}

/// `12 users, 3 groups, 4 applications, 2 signing keys`: what people look for.
fn counted(manifest: &Manifest) -> String {
    let tables = ["users", "groups", "applications", "providers", "signing_keys", "icons"];
    let words = tables.iter().filter_map(|table| {
        let count = manifest.counts.get(*table)?;
        let name = table.replace('_', " ");
        Some(if *count == 1 { format!("1 {}", name.trim_end_matches('s')) } else { format!("{count} {name}") })
    });
    words.collect::<Vec<_>>().join(", ")
}

pub fn identity(options: &IdentityOptions) -> Outcome {
    let identity = Identity::generate();
    let recipient = identity.recipient();
    let created = rfc3339(Clock::alone().now());
    let text = Zeroizing::new(format!("# created: {created}\n# public key: {recipient}\n{}\n", *identity.to_text()));
    match &options.output {
        Some(path) => {
            let cannot = |error: io::Error| match error.kind() {
                io::ErrorKind::AlreadyExists => {
                    CliError::refused(format!("{} is there already; a key is never overwritten", path.display()))
                }
                _ => CliError::refused(format!("{}: {error}", path.display())),
            };
            let draft = Draft::new(path).map_err(cannot)?;
            draft.file().and_then(|mut file| file.write_all(text.as_bytes())).map_err(cannot)?;
            draft.keep(false).map_err(cannot)?;
            output::line(&recipient.to_string())?;
        }
        None => output::text(&text)?,
    }
    output::note(&format!(
        "Keep the private key (AGE-SECRET-KEY-1…) away from this machine, for example on paper: whoever has it can open every backup, and without it nobody can. The public key is no secret; for backups at night, set\n\n  backup-recipient = \"{recipient}\""
    ));
    Ok(())
}

pub fn restore(config: &Config, options: &RestoreOptions) -> Outcome {
    let cannot = |error: io::Error| CliError::usage(format!("{}: {error}", options.file.display()));
    let envelope = Envelope::read(File::open(&options.file).map_err(cannot)?).map_err(RestoreError::from)?;
    let key = key(options, envelope.closed())?;
    let order = restore::Order { config, key: &key, now: Clock::alone().now(), force: options.force };
    let restored = restore::restore(&order, envelope)?;
    told(config, &restored)
}

fn key(options: &RestoreOptions, closed: Closed) -> Result<Key, CliError> {
    if let Some(path) = &options.identity {
        let text = read_key_file(path)?;
        let identities = Identity::parse_file(&text).ok_or_else(|| {
            CliError::usage(format!(
                "{} holds no age private key: a line AGE-SECRET-KEY-1… was expected, as `latchkey backup-identity` or age-keygen writes it",
                path.display()
            ))
        })?;
        return Ok(Key::Identities(identities));
    }
    if closed == Closed::ForRecipients {
        return Err(RestoreError::Unopened(crate::crypto::envelope::Unopened::WantsIdentity).into());
    }
    if !options.passphrase_stdin && !secret::can_ask() {
        return Err(CliError::usage("this backup was encrypted by a passphrase: give it with --passphrase-stdin"));
    }
    Ok(Key::Passphrase(secret::passphrase(options.passphrase_stdin)?))
}

fn told(config: &Config, restored: &Restored) -> Outcome {
    let Restored { manifest, base_url, before, master_key, is_new_key } = restored;
    let folder = config.data_dir.display().to_string();
    let url = base_url.as_deref().unwrap_or("not known");
    let made = format!("{} by Latchkey {}", restore::made_at(manifest), manifest.latchkey);
    let mut fields = vec![
        ("Backup of", made),
        ("Data folder", folder.clone()),
        (
            "Master key",
            format!("{} ({}: every secret was sealed anew by it)", master_key.display(), which_key(*is_new_key)),
        ),
        ("Restored", counted(manifest)),
        ("Base URL", url.to_owned()),
    ];
    if let Some(before) = before {
        fields.push(("Old files", format!("{} (delete them when all is well)", before.display())));
    }
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    output::fields(&fields)?;
    output::line("Sessions, codes, tokens and links of the backup are void: everybody signs in once more.")?;
    output::line("App passwords are too: make new ones for service accounts (latchkey user app-password).")?;
    let key_option = match &config.master_key_file {
        Some(path) => format!(" --master-key-file {}", path.display()),
        None => String::new(),
    };
    output::line(&format!("Now start the server: latchkey serve --data-dir {folder} --url {url}{key_option}"))?;
    // Under systemd the service, and nobody else, may be given another one: it would refuse to start.
    match credential_drop_in(Path::new(DROP_INS)).filter(|_| *is_new_key) {
        Some(drop_in) => output::line(&key_hint(&drop_in, master_key)),
        None => Ok(()),
    }
}

fn which_key(is_new: bool) -> &'static str {
    if is_new { "new" } else { "the one that was there" }
}

const DROP_INS: &str = "/etc/systemd/system/latchkey.service.d";

/// The drop-in that gives the service its master key as a credential.
fn credential_drop_in(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let gives_key = |line: &str| {
        let line = line.trim_start();
        ["LoadCredential", "ImportCredential", "SetCredential"].iter().any(|name| line.starts_with(name))
            && line.contains("master-key")
    };
    let mut found = files.filter(|path| {
        path.extension().is_some_and(|e| e == "conf")
            && std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(gives_key))
    });
    found.next()
}

fn key_hint(drop_in: &Path, master_key: &Path) -> String {
    let (drop_in, key) = (drop_in.display(), master_key.display());
    format!(
        "\n{drop_in} gives the service a master key, which is another one than this. Before it is started, put this one in its place:\n\n  systemd-creds encrypt --name=master-key {key} /etc/credstore.encrypted/master-key\n\nor let it read {key}: remove the drop-in, and systemctl daemon-reload."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_in_that_gives_the_key_is_found_and_others_are_not() {
        let folder = std::env::temp_dir().join(format!("latchkey-drop-ins-{}", std::process::id()));
        assert_eq!(credential_drop_in(&folder), None);
        std::fs::create_dir(&folder).unwrap();
        let shipped = include_str!("../../packaging/systemd/master-key.conf");
        let low_ports = include_str!("../../packaging/systemd/low-ports.conf");
        let commented = shipped.replace("\nLoadCredential", "\n#LoadCredential");
        for (name, text) in [("low-ports.conf", low_ports), ("commented.conf", &commented), ("key.conf.old", shipped)] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        assert_eq!(credential_drop_in(&folder), None);
        let drop_in = folder.join("key.conf");
        std::fs::write(&drop_in, shipped).unwrap();
        assert_eq!(credential_drop_in(&folder).as_ref(), Some(&drop_in));
        let hint = key_hint(&drop_in, Path::new("/var/lib/latchkey/master.key"));
        assert!(
            hint.contains("key.conf gives the service") && hint.contains("/var/lib/latchkey/master.key /etc/credstore")
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
