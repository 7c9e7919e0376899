//! A server's certificate with its key: read from files, or made by the own authority, and checked to belong together.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::OFlags;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use webpki::{EndEntityCert, KeyUsage};
use zeroize::Zeroizing;

use super::digest::{Hash, sha256};
use crate::domain::UnixSeconds;
use crate::domain::tls::Validity;

/// Bytes of a file that may hold a chain or a key.
const LARGEST: u64 = 256 << 10;

/// A certificate, those between it and a root, and its private key.
#[derive(Debug, Clone)]
pub struct Identity {
    certified: Arc<CertifiedKey>,
    pub validity: Validity,
}

/// Why a certificate cannot be used, in words for who put it there.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("{path} cannot be read: {error}")]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{path} is no regular file: a folder, a pipe or a device holds no certificate and no key")]
    NoFile { path: PathBuf },
    #[error("{path} is larger than {LARGEST} bytes: that is no certificate and no key")]
    TooLarge { path: PathBuf },
    #[error(
        "{path} can be read or changed by others (mode {mode:03o}). It holds the private key: chmod 600 {path}, or 640 for a group"
    )]
    Loose { path: PathBuf, mode: u32 },
    #[error("{path} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")]
    NoCertificate { path: PathBuf },
    #[error("{path} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----, without a passphrase)")]
    NoKey { path: PathBuf },
    #[error("the certificate in {place} cannot be understood: {why}")]
    Malformed { place: String, why: String },
    #[error("the private key in {place} is of a kind that TLS has no use for: {why}")]
    KeyKind { place: String, why: String },
    #[error("the private key does not belong to the certificate in {place}, which must be the first in its file")]
    Mismatch { place: String },
}

impl Unusable {
    /// Whether it may be over at the next try: whatever renews the files may be at it, or their disk come late.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreadable { .. }
            | Self::NoCertificate { .. }
            | Self::NoKey { .. }
            | Self::Malformed { .. }
            | Self::Mismatch { .. } => true,
            Self::NoFile { .. } | Self::TooLarge { .. } | Self::Loose { .. } | Self::KeyKind { .. } => false,
        }
    }
}

impl Identity {
    /// Reads a chain and its key from files in PEM form.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, Unusable> {
        let pem = opened(certificate)?.bounded()?;
        let chain = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        let chain = chain.ok().filter(|c| !c.is_empty());
        let chain = chain.ok_or_else(|| Unusable::NoCertificate { path: certificate.to_owned() })?;
        let opened_key = opened(key)?;
        opened_key.is_private()?;
        let pem = Zeroizing::new(opened_key.bounded()?);
        let private = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| Unusable::NoKey { path: key.to_owned() })?;
        Self::new(chain, private, &certificate.display().to_string())
    }

    /// What the own authority made.
    pub fn own(certificate: &[u8], private_pkcs8: &[u8]) -> Result<Self, Unusable> {
        let private = PrivatePkcs8KeyDer::from(private_pkcs8.to_vec());
        Self::new(vec![CertificateDer::from(certificate.to_vec())], private.into(), "the database")
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>, place: &str) -> Result<Self, Unusable> {
        let malformed = |why: String| Unusable::Malformed { place: place.to_owned(), why };
        let validity = {
            let first = chain.first().ok_or_else(|| malformed("there is none".into()))?;
            validity(&parse(first).map_err(malformed)?).map_err(malformed)?
        };
        let provider = aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(key);
        let key = key.map_err(|e| Unusable::KeyKind { place: place.to_owned(), why: e.to_string() })?;
        let certified = CertifiedKey::new(chain, key);
        certified.keys_match().map_err(|_| Unusable::Mismatch { place: place.to_owned() })?;
        Ok(Self { certified: Arc::new(certified), validity })
    }

    /// For the TLS library.
    pub fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }

    /// SHA-256 of the certificate.
    pub fn fingerprint(&self) -> Hash {
        self.certified.cert.first().map(|c| sha256(c)).unwrap_or_default()
    }

    /// Whether clients take it for a host (a name, or an address in the form of a URL).
    pub fn is_for(&self, host: &str) -> bool {
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        let Ok(name) = ServerName::try_from(bare) else { return false };
        let first = self.certified.cert.first().map(parse);
        first.and_then(Result::ok).is_some_and(|c| c.verify_is_valid_for_subject_name(&name).is_ok())
    }
}

/// A file that may be read, and what was known of it when it was opened.
struct Opened<'a> {
    path: &'a Path,
    file: File,
    about: fs::Metadata,
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> Unusable {
    move |error| Unusable::Unreadable { path: path.to_owned(), error }
}

/// Opens a regular file, and nothing that whoever reads it could wait at for ever.
fn opened(path: &Path) -> Result<Opened<'_>, Unusable> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable(path))?;
    let about = file.metadata().map_err(unreadable(path))?;
    if about.is_file() { Ok(Opened { path, file, about }) } else { Err(Unusable::NoFile { path: path.to_owned() }) }
}

impl Opened<'_> {
    fn bounded(self) -> Result<Vec<u8>, Unusable> {
        // With room for all of it at once: a key that had to be moved would leave copies behind.
        let mut bytes = Vec::with_capacity(usize::try_from(self.about.size().min(LARGEST)).unwrap_or(0) + 1);
        let read = self.file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable(self.path))?;
        let is_too_large = u64::try_from(read).is_ok_and(|read| read > LARGEST);
        if is_too_large { Err(Unusable::TooLarge { path: self.path.to_owned() }) } else { Ok(bytes) }
    }

    /// A group may read it, as Debian's `ssl-cert` does; nobody else.
    fn is_private(&self) -> Result<(), Unusable> {
        let mode = self.about.permissions().mode() & 0o777;
        if mode & 0o037 == 0 { Ok(()) } else { Err(Unusable::Loose { path: self.path.to_owned(), mode }) }
    }
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Result<EndEntityCert<'a>, String> {
    EndEntityCert::try_from(der).map_err(|e| e.to_string())
}

/// The library tells the times of a certificate to those who ask at the wrong one.
fn validity(certificate: &EndEntityCert<'_>) -> Result<Validity, String> {
    let asked_at = |seconds| {
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        certificate.verify_for_usage(algorithms, &[], &[], at, KeyUsage::server_auth(), None, None).err()
    };
    let seconds = |time: UnixTime| UnixSeconds::try_from(time.as_secs()).unwrap_or(UnixSeconds::MAX);
    let not_after = match asked_at(u64::MAX) {
        Some(webpki::Error::CertExpired { not_after, .. }) => seconds(not_after),
        other => return Err(other.map_or_else(|| "it never ends".into(), |e| e.to_string())),
    };
    let not_before = match asked_at(0) {
        Some(webpki::Error::CertNotValidYet { not_before, .. }) => seconds(not_before),
        // Before 1970, that is.
        _ => 0,
    };
    Ok(Validity { not_before, not_after })
}

/// Tells whether files were exchanged, or who may read them changed: which files, of what size, changed when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Vec<Option<(u64, u64, [i64; 4])>>);

impl Stamp {
    pub fn of(paths: &[&Path]) -> Self {
        let of_one = |m: fs::Metadata| (m.ino(), m.size(), [m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec()]);
        Self(paths.iter().map(|path| fs::metadata(path).ok().map(of_one)).collect())
    }
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;
