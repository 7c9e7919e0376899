//! Handing one mail to the mail server.

use std::time::Duration;

use lettre::Transport as _;
use lettre::message::Message;
use lettre::transport::smtp::SmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use zeroize::Zeroizing;

use super::letter::{Letter, Letterhead};
use super::trouble::Trouble;
use crate::app::App;
use crate::domain::brand::Brand;
use crate::domain::mail::{MailServer, Security};
use crate::store::mail_server;

/// How long the server may take for each of its steps.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Everything that is needed to send.
pub struct Ready {
    server: MailServer,
    password: Option<Zeroizing<String>>,
    brand: Brand,
}

impl App {
    /// What is set, with the password. `None` where no mail server is.
    pub fn mail_ready(&self) -> Result<Option<Ready>, Trouble> {
        let settings = self.settings()?;
        let server = settings.mail.server().map_err(|(_, words)| Trouble::settings(words))?;
        let Some(server) = server else { return Ok(None) };
        let password = match server.username {
            Some(_) => Some(self.mail_password()?.ok_or_else(Trouble::no_password)?),
            None => None,
        };
        Ok(Some(Ready { server, password, brand: settings.brand }))
    }

    /// What the command line, the environment or the settings file says goes before what was typed on the page.
    fn mail_password(&self) -> Result<Option<Zeroizing<String>>, Trouble> {
        if let Some(said) = &self.config.smtp_password {
            return said.read().map(Some).map_err(Trouble::password_file);
        }
        let Some(sealed) = self.store.read(mail_server::password_sealed)? else { return Ok(None) };
        let sealer = self.sealer_if_there().map_err(Trouble::sealed_password)?;
        let plain = sealer.open(mail_server::PASSWORD_SEAL, &sealed).map_err(Trouble::sealed_password)?;
        Ok(Some(Zeroizing::new(String::from_utf8_lossy(&plain).into_owned())))
    }
}

impl Ready {
    /// Where mails go, for people.
    pub fn place(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    fn transport(&self) -> Result<SmtpTransport, Trouble> {
        let MailServer { host, port, security, username, .. } = &self.server;
        let secrets = self.secrets();
        let parameters = || {
            let made = TlsParameters::new(host.clone());
            made.map_err(|error| Trouble::of(&error, &self.server, &secrets.each_ref().map(|s| s.as_str())))
        };
        let tls = match security {
            Security::StartTls => Tls::Required(parameters()?),
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::None | Security::NoneForced => Tls::None,
        };
        let builder = SmtpTransport::builder_dangerous(host.as_str()).port(*port).timeout(Some(TIMEOUT)).tls(tls);
        let builder = match (username, &self.password) {
            (Some(name), Some(password)) => {
                builder.credentials(Credentials::new(name.clone(), password.as_str().to_owned()))
            }
            _ => builder,
        };
        Ok(builder.build())
    }

    /// What no answer of the server may repeat: the password, and how AUTH PLAIN sends it (RFC 4616).
    fn secrets(&self) -> [Zeroizing<String>; 2] {
        let password = self.password.as_ref().map(|p| p.as_str()).unwrap_or_default();
        let name = self.server.username.as_deref().unwrap_or_default();
        let plain = if password.is_empty() { String::new() } else { format!("\0{name}\0{password}") };
        [Zeroizing::new(password.to_owned()), Zeroizing::new(plain)]
    }
}

/// Sends a mail, and returns when the server has taken it.
pub fn deliver(app: &App, ready: &Ready, letter: &Letter) -> Result<(), Trouble> {
    let head = Letterhead { from: &ready.server.from, name: ready.brand.name(), base: &app.base, now: app.clock.now() };
    let message: Message = letter.message(&head)?;
    let sent = ready.transport()?.send(&message);
    sent.map(drop).map_err(|error| {
        let known = ready.secrets();
        let mut secrets: Vec<&str> = known.iter().map(|s| s.as_str()).collect();
        secrets.extend(letter.secret.as_ref().map(|s| s.0.as_str()));
        Trouble::of(&error, &ready.server, &secrets)
    })
}
