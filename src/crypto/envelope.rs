//! The envelope of a backup: the `age` format (age-encryption.org/v1), closed for recipients' keys or by a passphrase,
//! so that the age tool opens it too. Owns what may be opened, at which cost, and the words when it does not open.

use std::fmt;
use std::io::{self, Chain, Cursor, Read, Write};
use std::str::FromStr;

use age::secrecy::{ExposeSecret as _, SecretString};
use age::{DecryptError, Decryptor, EncryptError, Encryptor, scrypt, x25519};
use zeroize::Zeroizing;

/// scrypt with N = 2^17 takes 128 MiB: what a small machine can spare, and a guess costs as much.
const WORK: u8 = 17;
/// The age tool itself takes 2^18; anything above would ask for more memory than a file from elsewhere may.
const MOST_WORK: u8 = 18;
/// A header of ours has some hundred bytes; one of a hundred recipients has less than this.
const MAX_HEADER: u64 = 64 * 1024;
/// The first line of every file in this format.
const INTRO: &[u8] = b"age-encryption.org/v1\n";
/// A passphrase is guessed at away from here, as fast as machines go.
pub const LEAST_PASSPHRASE: usize = 12;

/// A public key that backups are encrypted to.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(x25519::Recipient);

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What was given is no public key. A private one, given by mistake, is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRecipient {
    #[error(
        "this is the private key (AGE-SECRET-KEY-1…), which must not be kept here: give the public one, which begins with age1"
    )]
    Private,
    #[error(
        "{0:?} is no age recipient: one begins with age1 and has 62 characters. `latchkey backup-identity` makes one"
    )]
    Other(String),
}

impl FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(BadRecipient::Private);
        }
        text.parse().map(Self).map_err(|_| BadRecipient::Other(text.chars().take(80).collect()))
    }
}

/// The private key that opens what was encrypted to its recipient.
#[derive(Clone)]
pub struct Identity(x25519::Identity);

impl Identity {
    pub fn generate() -> Self {
        Self(x25519::Identity::generate())
    }

    pub fn recipient(&self) -> Recipient {
        Recipient(self.0.to_public())
    }

    /// The private key as text: for its file, never for a log.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// Reads an identity file as `age-keygen` writes it: a key a line, and comments. `None` when a line is neither.
    pub fn parse_file(text: &str) -> Option<Vec<Self>> {
        let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        let keys: Vec<Self> = lines.map(|l| l.parse().ok().map(Self)).collect::<Option<_>>()?;
        Some(keys).filter(|keys| !keys.is_empty())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// A passphrase of at least [`LEAST_PASSPHRASE`] characters when it closes; any when it opens.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    pub fn is_long_enough(&self) -> bool {
        self.0.chars().count() >= LEAST_PASSPHRASE
    }

    fn secret(&self) -> SecretString {
        SecretString::from(self.0.to_string())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// What closes an envelope.
#[derive(Debug)]
pub enum Lock {
    Recipients(Vec<Recipient>),
    Passphrase(Passphrase),
}

impl Lock {
    /// Begins an envelope on `out`. It is whole only once [`age::stream::StreamWriter::finish`] was called.
    pub fn close<W: Write>(&self, out: W) -> io::Result<age::stream::StreamWriter<W>> {
        let encryptor = match self {
            Self::Recipients(all) => Encryptor::with_recipients(all.iter().map(|r| &r.0 as &dyn age::Recipient)),
            Self::Passphrase(passphrase) => {
                let mut recipient = scrypt::Recipient::new(passphrase.secret());
                recipient.set_work_factor(WORK);
                Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            }
        };
        let encryptor = encryptor.map_err(|error| match error {
            EncryptError::Io(error) => error,
            other => io::Error::other(other.to_string()),
        })?;
        encryptor.wrap_output(out)
    }
}

/// What opens an envelope.
#[derive(Debug)]
pub enum Key {
    Identities(Vec<Identity>),
    Passphrase(Passphrase),
}

/// How an envelope was closed, as its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    ForRecipients,
    ByPassphrase,
}

/// Why an envelope does not open.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    #[error("it is not a backup of Latchkey's: it does not begin as an age file does")]
    NotAge,
    #[error("its head is damaged or cut short")]
    BadHeader,
    #[error("the passphrase is not the one it was made with, or its head is damaged")]
    WrongPassphrase,
    #[error(
        "none of the keys in the identity file opens it: it was encrypted to another recipient, or its head is damaged"
    )]
    NoMatch,
    #[error("it was encrypted to a key: name the file of its private key with --identity")]
    WantsIdentity,
    #[error("it was encrypted by a passphrase: leave --identity out, and give the passphrase")]
    WantsPassphrase,
    #[error("its passphrase would need more memory to check than a backup of Latchkey's ever does (N = 2^{0})")]
    TooMuchWork(u8),
    #[error("it cannot be read: {0}")]
    Io(io::Error),
}

/// An envelope whose header was read.
pub struct Envelope<R: Read>(Decryptor<Chain<Cursor<Vec<u8>>, R>>);

impl<R: Read> Envelope<R> {
    /// Reads the header.
    pub fn read(mut input: R) -> Result<Self, Unopened> {
        // The parser reads until it has found an end: it gets no more than a header can have.
        let mut head = Vec::new();
        input.by_ref().take(MAX_HEADER).read_to_end(&mut head).map_err(Unopened::Io)?;
        if !head.starts_with(INTRO) {
            return Err(Unopened::NotAge);
        }
        if !head.windows(5).any(|w| w == b"\n--- ") {
            return Err(Unopened::BadHeader);
        }
        Decryptor::new(Cursor::new(head).chain(input)).map(Self).map_err(|error| match error {
            DecryptError::Io(e) if e.kind() != io::ErrorKind::UnexpectedEof => Unopened::Io(e),
            _ => Unopened::BadHeader,
        })
    }

    pub fn closed(&self) -> Closed {
        if self.0.is_scrypt() { Closed::ByPassphrase } else { Closed::ForRecipients }
    }

    /// Opens it. What is read is authentic, but only a read to the very end says that nothing is missing.
    pub fn open(self, key: &Key) -> Result<impl Read, Unopened> {
        match (key, self.closed()) {
            (Key::Identities(_), Closed::ByPassphrase) => Err(Unopened::WantsPassphrase),
            (Key::Passphrase(_), Closed::ForRecipients) => Err(Unopened::WantsIdentity),
            (Key::Identities(all), _) => {
                self.0.decrypt(all.iter().map(|i| &i.0 as &dyn age::Identity)).map_err(|error| match error {
                    DecryptError::Io(e) => Unopened::Io(e),
                    DecryptError::InvalidHeader => Unopened::BadHeader,
                    _ => Unopened::NoMatch,
                })
            }
            (Key::Passphrase(passphrase), _) => {
                let mut identity = scrypt::Identity::new(passphrase.secret());
                identity.set_max_work_factor(MOST_WORK);
                self.0.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|error| match error {
                    DecryptError::Io(e) => Unopened::Io(e),
                    DecryptError::InvalidHeader => Unopened::BadHeader,
                    DecryptError::ExcessiveWork { required, .. } => Unopened::TooMuchWork(required),
                    _ => Unopened::WrongPassphrase,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(lock: &Lock, plain: &[u8]) -> Vec<u8> {
        let mut writer = lock.close(Vec::new()).unwrap();
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(bytes: &[u8], key: &Key) -> Result<Vec<u8>, Unopened> {
        let mut plain = Vec::new();
        Envelope::read(bytes)?.open(key)?.read_to_end(&mut plain).map_err(Unopened::Io)?;
        Ok(plain)
    }

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn only_the_identity_of_a_recipient_opens_it() {
        let (one, two, other) = (Identity::generate(), Identity::generate(), Identity::generate());
        let bytes = closed(&Lock::Recipients(vec![one.recipient(), two.recipient()]), b"plain");
        for key in [one.clone(), two] {
            assert_eq!(opened(&bytes, &Key::Identities(vec![other.clone(), key])).unwrap(), b"plain");
        }
        assert!(matches!(opened(&bytes, &Key::Identities(vec![other])), Err(Unopened::NoMatch)));
        let wrong_kind = opened(&bytes, &Key::Passphrase(passphrase("whatever it was")));
        assert!(matches!(wrong_kind, Err(Unopened::WantsIdentity)));
        let text = one.to_text();
        let file = format!("# created: today\n# public key: {}\n\n{}\n", one.recipient(), *text);
        let read = Identity::parse_file(&file).unwrap();
        assert_eq!(opened(&bytes, &Key::Identities(read)).unwrap(), b"plain");
    }

    #[test]
    fn only_its_passphrase_opens_it_at_a_bounded_cost() {
        let bytes = closed(&Lock::Passphrase(passphrase("correct horse")), b"plain");
        assert_eq!(opened(&bytes, &Key::Passphrase(passphrase("correct horse"))).unwrap(), b"plain");
        assert!(matches!(opened(&bytes, &Key::Passphrase(passphrase("correct hose"))), Err(Unopened::WrongPassphrase)));
        let wrong_kind = opened(&bytes, &Key::Identities(vec![Identity::generate()]));
        assert!(matches!(wrong_kind, Err(Unopened::WantsPassphrase)));
        let head = String::from_utf8_lossy(&bytes[..80]).into_owned();
        let stanza = head.lines().nth(1).unwrap();
        assert!(stanza.ends_with(" 17"), "{stanza}");
        let at = INTRO.len() + stanza.len() - 2;
        let mut costly = bytes.clone();
        costly[at..at + 2].copy_from_slice(b"30");
        assert!(matches!(
            opened(&costly, &Key::Passphrase(passphrase("correct horse"))),
            Err(Unopened::TooMuchWork(30))
        ));
    }

    #[test]
    fn what_is_no_envelope_is_refused_without_reading_all_of_it() {
        assert!(matches!(Envelope::read(&b""[..]), Err(Unopened::NotAge)));
        assert!(matches!(Envelope::read(io::repeat(b'x')), Err(Unopened::NotAge)));
        let endless = INTRO.chain(io::repeat(b'-'));
        assert!(matches!(Envelope::read(endless), Err(Unopened::BadHeader)));
    }

    #[test]
    fn keys_are_told_apart_and_private_ones_are_not_repeated() {
        let identity = Identity::generate();
        let recipient = identity.recipient().to_string();
        assert_eq!(format!(" {recipient}\n").parse(), Ok(identity.recipient()));
        assert_eq!(identity.to_text().parse::<Recipient>(), Err(BadRecipient::Private));
        for wrong in ["", "age1", &recipient[..61], &format!("{recipient}x"), "ssh-ed25519 AAAA"] {
            assert!(matches!(wrong.parse::<Recipient>(), Err(BadRecipient::Other(_))), "{wrong}");
        }
        assert!(Identity::parse_file("# nothing").is_none() && Identity::parse_file("AGE-SECRET-KEY-1X").is_none());
        assert_eq!(format!("{identity:?}{:?}", passphrase("secret")), "Identity(..)Passphrase(..)");
        assert!(passphrase("twelve chars").is_long_enough() && !passphrase("eleven char").is_long_enough());
    }
}
