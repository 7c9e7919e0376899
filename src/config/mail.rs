//! What is said of the mail server where the server is started. Its password is none of the settings that can be made
//! at run time: it is never printed, and never left for other commands to read.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{ConfigError, Source, Sources};
use crate::domain::mail::Mail;
use crate::domain::settings::Setting as RunTime;

pub const PASSWORD: &str = "smtp-password";
pub const PASSWORD_FILE: &str = "smtp-password-file";
/// The systemd credential's name.
const CREDENTIAL: &str = "smtp-password";

/// The password of the mail server, as far as it was said.
#[derive(Clone)]
pub enum SmtpPassword {
    Text(Zeroizing<String>, Source),
    /// Read anew for each mail.
    File(PathBuf, Source),
}

impl fmt::Debug for SmtpPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpPassword({})", self.source())
    }
}

impl SmtpPassword {
    pub fn source(&self) -> &Source {
        match self {
            Self::Text(_, source) | Self::File(_, source) => source,
        }
    }

    /// The password, without the line break that editors add.
    pub fn read(&self) -> Result<Zeroizing<String>, (PathBuf, std::io::Error)> {
        match self {
            Self::Text(text, _) => Ok(text.clone()),
            Self::File(path, _) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| (path.clone(), e))?;
                Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
            }
        }
    }
}

impl Sources {
    /// The password: said, or in a file, or a credential of systemd's.
    pub(super) fn smtp_password(&self) -> Result<Option<SmtpPassword>, ConfigError> {
        match (self.said.get(PASSWORD), self.said.get(PASSWORD_FILE)) {
            (Some(_), Some(_)) => Err(ConfigError::Together("smtp-password and smtp-password-file are both said")),
            (Some(said), None) => Ok(Some(SmtpPassword::Text(said.value.clone().into(), said.source.clone()))),
            (None, Some(said)) => Ok(Some(SmtpPassword::File((&said.value).into(), said.source.clone()))),
            (None, None) => Ok(credential()),
        }
    }

    /// What is said of the mail server must fit together as far as it is said here; the rest may be made on the page.
    pub(super) fn check_mail(&self) -> Result<(), ConfigError> {
        let mail = Mail::of(|setting: RunTime| self.said.get(setting.name()).map(|said| said.value.clone()));
        match mail.server() {
            Err((RunTime::SmtpSecurity, _)) => Err(ConfigError::Together(
                "smtp-security = none is for a mail server on this machine. Say starttls or tls; or none-forced, and everybody on the way can read mails and password",
            )),
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

fn credential() -> Option<SmtpPassword> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY")?;
    let path = Path::new(&folder).join(CREDENTIAL);
    path.exists().then(|| SmtpPassword::File(path.clone(), Source::File(path)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::built;

    #[test]
    fn the_password_is_said_once_and_never_printed() {
        let config = built(&[("smtp-password", "hush-hush")]).expect("valid");
        assert!(!format!("{config:?}").contains("hush-hush"));
        assert_eq!(config.smtp_password.expect("said").read().expect("a text").as_str(), "hush-hush");
        assert!(built(&[("smtp-password", "a"), ("smtp-password-file", "b")]).is_err());
        let missing = built(&[("smtp-password-file", "/no/such/file")]).expect("read for each mail");
        let (path, _) = missing.smtp_password.expect("said").read().expect_err("no file");
        assert_eq!(path.to_str(), Some("/no/such/file"));
    }

    #[test]
    fn the_clear_is_for_this_machine_unless_forced() {
        let with = |host, security| built(&[("smtp-host", host), ("smtp-security", security)]);
        assert!(with("mail.example", "none").is_err());
        for (host, security) in [("mail.example", "starttls"), ("localhost", "none"), ("mail.example", "none-forced")] {
            let config = with(host, security).expect("valid");
            assert!(config.told().contains(host), "the commands beside the server know it");
        }
    }
}
