//! What every handler needs: settings, store, keys, counters. Built once by a command; no globals.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

use crate::backchannel::Teller;
use crate::backup::lookout::Lookout;
use crate::challenges::Challenges;
use crate::client_keys::Fetched;
use crate::clock::Clock;
use crate::config::Config;
use crate::crypto::digest::TagKey;
use crate::crypto::keys::Kind;
use crate::crypto::passkeys::Passkeys;
use crate::crypto::password::{Cost, PasswordHasher, tune};
use crate::crypto::random;
use crate::crypto::seal::{FileModes, MasterKey, MasterKeyError, Sealer};
use crate::domain::base_url::{BadBaseUrl, BaseUrl};
use crate::domain::passkey_place::RpId;
use crate::error::Internal;
use crate::forwarding::Forwarding;
use crate::keyring::{self, Begin, Keyring};
use crate::mail::Mailer;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::polls::Polls;
use crate::recorder::Recorder;
use crate::store::{OpenError, OpenMode, Store, clock as marks, meta};
use crate::throttle::Throttle;
use crate::tls;

/// How long one password hash should take on this machine.
const PASSWORD_TARGET: Duration = Duration::from_millis(250);
pub const MASTER_KEY_FILE: &str = "master.key";
const CREDENTIAL: &str = "master-key";

/// The application.
pub struct App {
    pub config: Config,
    pub base: BaseUrl,
    pub install_id: String,
    pub store: Store,
    sealer: Result<Sealer, PathBuf>,
    pub clock: Clock,
    pub passwords: PasswordHasher,
    pub throttle: Throttle,
    /// None where browsers know no passkeys: an address without a name, or plain http.
    pub passkeys: Option<Passkeys>,
    pub challenges: Challenges,
    pub recorder: Recorder,
    pub keyring: Keyring,
    /// Of the certificate that is shown.
    pub tls: tls::Status,
    /// What reverse proxies do that they should not.
    pub forwarding: Forwarding,
    /// Looks whether backups are where they were made.
    pub lookout: Lookout,
    pub metrics: Metrics,
    pub mailer: Mailer,
    pub outbound: Outbound,
    pub teller: Teller,
    /// Of devices that wait for their user.
    pub polls: Polls,
    /// The keys that clients publish.
    pub client_keys: Fetched,
}

/// Why a command cannot begin, in words for who typed it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    #[error(
        "the master key is missing: {0} is not there. Without it no secret in the database can be read or written. Put the key back, or name where it is with --master-key-file"
    )]
    NoMasterKey(PathBuf),
    #[error(
        "{0} holds a master key, but not the one that this database's secrets are sealed with. Put the right key there, or name it with --master-key-file. If the key is right, the database is another one than it was: `latchkey restore FILE --force` puts a backup in its place"
    )]
    OtherMasterKey(PathBuf),
    #[error(transparent)]
    BaseUrl(#[from] BadBaseUrl),
    #[error(transparent)]
    Internal(#[from] Internal),
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: std::io::Error },
}

impl StartError {
    /// Whether it may be over at the next try, with nobody having done anything here: a disk that is full now, but not a
    /// database that is damaged.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Open(error) => error.is_passing(),
            Self::MasterKey(error) => error.is_passing(),
            Self::Internal(Internal::Unavailable(_)) | Self::Io { .. } => true,
            Self::NoMasterKey(_) | Self::OtherMasterKey(_) | Self::BaseUrl(_) => false,
            // Nobody knows.
            Self::Internal(Internal::Fault(_)) => true,
        }
    }
}

/// Whether a command can do its work without the master key. Under systemd only the service itself is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyNeed {
    /// The server: it seals cookies and signs.
    Required,
    /// Commands: those that seal nothing work without it.
    IfThere,
}

impl App {
    /// Opens the data folder, and with [`OpenMode::Create`] sets a new one up: master key, install id, signing keys.
    pub fn open(mut config: Config, mode: OpenMode, need: KeyNeed) -> Result<Self, StartError> {
        let store = Store::open(&config.data_dir, mode)?;
        let clock = Clock::begin(store.read(marks::read)?);
        let rider = clock.clone();
        store.ride_along(move |tx| match rider.due() {
            Some((mark, reset)) => marks::keep(tx, &mark, reset.as_deref()),
            None => Ok(()),
        });
        let check = store.read(|c| meta::get(c, meta::MASTER_KEY_CHECK))?;
        let sealer = match (open_seals(&config, check.as_deref()), need) {
            (Err(StartError::NoMasterKey(path)), KeyNeed::IfThere) => Err(path),
            (key, _) => Ok(key?.sealer()),
        };
        if let (None, Ok(sealer)) = (&check, &sealer) {
            install(&store, sealer, &clock)?;
        }
        let folder = config.data_dir.clone();
        crate::store::mark_installed(&folder).map_err(|error| StartError::Io { path: folder, error })?;
        let (install_id, stored_url, passes, told, settings, rp_id) = store.read(|c| {
            let id = meta::get(c, meta::INSTALL_ID)?.ok_or_else(|| Internal::fault("the install id is missing"))?;
            let number = |key| Ok::<_, Internal>(meta::get(c, key)?.and_then(|n| n.parse().ok()));
            let (passes, told) = (number(meta::PASSWORD_PASSES)?, number(meta::PASSWORD_PASSES_TOLD)?);
            let rp_id = meta::get(c, meta::PASSKEY_RP_ID)?;
            let settings = meta::get(c, meta::SETTINGS_TOLD)?;
            Ok::<_, Internal>((id, meta::get(c, meta::BASE_URL)?, passes, told, settings, rp_id))
        })?;
        if need == KeyNeed::IfThere {
            // A password costs the same whoever sets it, or the time of a sign-in would tell users from strangers.
            config.password_passes = config.password_passes.or(told);
            config.take_told(&settings.unwrap_or_default());
            // Of the present base URL: another one comes with its own.
            if config.url.is_none() && config.passkey_rp_id.is_none() {
                config.passkey_rp_id = rp_id.and_then(|id| RpId::parse(&id).ok());
            }
        }
        let base = match (&config.url, stored_url) {
            (Some(url), _) => url.clone(),
            (None, Some(stored)) => BaseUrl::parse(&stored)?,
            (None, None) => config.default_url(),
        };
        let passes = config.password_passes.or(passes).unwrap_or(Cost::FLOOR.passes);
        let passwords = PasswordHasher::new(Cost { passes, ..Cost::FLOOR });
        let metrics = Metrics::new(clock.now());
        let passkeys = Passkeys::new(&base, config.passkey_rp_id.as_ref(), &config.related_origins);
        let throttle = Throttle::new(sealer.as_ref().map_or_else(|_| TagKey::random(), Sealer::failures));
        Ok(Self {
            config,
            base,
            install_id,
            store,
            sealer,
            clock,
            passwords,
            throttle,
            passkeys,
            challenges: Challenges::default(),
            recorder: Recorder::default(),
            keyring: Keyring::default(),
            tls: tls::Status::default(),
            forwarding: Forwarding::default(),
            lookout: Lookout::default(),
            metrics,
            mailer: Mailer::default(),
            outbound: Outbound::default(),
            teller: Teller::default(),
            polls: Polls::default(),
            client_keys: Fetched::default(),
        })
    }

    /// What seals and opens secrets, in the server.
    pub fn sealer(&self) -> &Sealer {
        self.sealer.as_ref().expect("the server was opened with KeyNeed::Required")
    }

    /// The same for a command, which may have been started without the master key.
    pub fn sealer_if_there(&self) -> Result<&Sealer, StartError> {
        self.sealer.as_ref().map_err(|path| StartError::NoMasterKey(path.clone()))
    }

    /// Measures what a password hash costs here, once in an installation's life, and uses it from then on. Takes about
    /// a second, so `serve` does it beside the first requests.
    pub fn tune_passwords(&self) -> Result<(), Internal> {
        let known = self.store.read(|c| meta::get(c, meta::PASSWORD_PASSES))?;
        if self.config.password_passes.is_some() || known.is_some() {
            return Ok(());
        }
        let measured = tune(PASSWORD_TARGET);
        // The server and a command may have measured at once: what was stored first holds for both.
        let stored = self.store.write(move |tx| {
            meta::set_once(tx, meta::PASSWORD_PASSES, &measured.passes.to_string())?;
            meta::get(tx, meta::PASSWORD_PASSES)
        })?;
        let passes = stored.and_then(|p| p.parse().ok()).unwrap_or(measured.passes);
        let cost = Cost { passes, ..measured };
        self.passwords.set_cost(cost);
        tracing::info!(passes = cost.passes, memory_kib = cost.memory_kib, "measured what a password costs here");
        Ok(())
    }
}

/// The master key of an installation whose database knows it by `check`.
pub fn master_key(config: &Config, check: &str) -> Result<MasterKey, StartError> {
    open_seals(config, Some(check))
}

/// Reads the master key, or makes it for a new installation, and checks that it is the one of this database.
fn open_seals(config: &Config, check: Option<&str>) -> Result<MasterKey, StartError> {
    let (path, modes) = master_key_place(config);
    let key = match (MasterKey::read(&path, modes), check) {
        (Ok(key), _) => key,
        (Err(MasterKeyError::Missing { .. }), None) => MasterKey::create(&path)?,
        (Err(MasterKeyError::Missing { .. }), Some(_)) => return Err(StartError::NoMasterKey(path)),
        (Err(error), _) => return Err(error.into()),
    };
    if check.is_some_and(|check| check != check_text(&key.sealer())) {
        return Err(StartError::OtherMasterKey(path));
    }
    Ok(key)
}

/// What the database keeps to recognise its master key by.
pub fn check_text(sealer: &Sealer) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(sealer.check_value())
}

/// Where the master key is looked for, and who else may read it there.
pub fn master_key_place(config: &Config) -> (PathBuf, FileModes) {
    if let Some(path) = &config.master_key_file {
        return (path.clone(), FileModes::Strict);
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let path = Path::new(&folder).join(CREDENTIAL);
        if path.exists() {
            return (path, FileModes::SystemdCredential);
        }
    }
    (config.data_dir.join(MASTER_KEY_FILE), FileModes::Strict)
}

/// What a new installation begins with.
fn install(store: &Store, sealer: &Sealer, clock: &Clock) -> Result<(), Internal> {
    let now = clock.now();
    let keys = keyring::make(&[Kind::Rsa2048, Kind::P256], now)?;
    let install_id = uuid::Uuid::from_bytes(random::bytes()).simple().to_string();
    let (sealer, check) = (sealer.clone(), check_text(sealer));
    store.write(move |tx| {
        // A second process may have been faster; its keys are as good as ours, and only one set may stay.
        if meta::set_once(tx, meta::INSTALL_ID, &install_id)? {
            meta::set(tx, meta::MASTER_KEY_CHECK, &check)?;
            for key in &keys {
                let name = keyring::default_name(key.alg, now);
                keyring::insert(tx, &sealer, key, &name, Begin::Active, now)?;
            }
        }
        Ok::<_, Internal>(())
    })
}
