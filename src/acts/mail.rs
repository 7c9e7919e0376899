//! The mail server: its settings with its password, and a mail to try it.

use super::settings::{MailPassword, change_with};
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::names::Email;
use crate::domain::problems::Problems;
use crate::http::Params;
use crate::mail::{Letter, Trouble, deliver};
use crate::store::mail_server::PASSWORD_SEAL;
use crate::words::{Lang, Words};

/// The field of the password in forms.
pub const PASSWORD: &str = "smtp_password";
/// The longest password, in bytes.
const MAX_PASSWORD: usize = 1_000;

/// Makes the settings that were said, and the password: a text in [`PASSWORD`] is the new one, and none leaves it as it is.
pub fn change(app: &App, by: &Admin, said: &Params, forget_password: bool) -> Act<bool> {
    let typed = said.first(PASSWORD).unwrap_or_default();
    let password = match typed {
        "" if forget_password => MailPassword::Forgotten,
        "" => MailPassword::AsItIs,
        typed => MailPassword::New(sealed(app, typed)?),
    };
    change_with(app, by, said, password)
}

fn sealed(app: &App, typed: &str) -> Act<Vec<u8>> {
    if let Some(said) = &app.config.smtp_password {
        return Err(ActError::refused(PASSWORD, Words::from(said.source())));
    }
    if typed.len() > MAX_PASSWORD || typed.chars().any(char::is_control) {
        return Err(ActError::Malformed(Problems::one(PASSWORD, Words::new("bad-smtp-password"))));
    }
    Ok(app.sealer_if_there()?.seal(PASSWORD_SEAL, typed.as_bytes()))
}

/// Sends a mail to try the server, at once, and says where it was taken.
pub fn test(app: &App, username: &str, to: &str, lang: Lang) -> Act<String> {
    let mut problems = Problems::default();
    let address = problems.take("to", Email::parse(to));
    problems.none()?;
    let refused = |trouble: Trouble| ActError::no(Words::from(trouble));
    let ready = app.mail_ready().map_err(refused)?.ok_or_else(|| refused(Trouble::no_server()))?;
    let letter = Letter {
        to: address.map(|a| a.as_str().to_owned()).unwrap_or_default(),
        username: username.to_owned(),
        lang,
        subject: Words::new("mail-test-subject"),
        body: vec![Words::new("mail-test")],
        about: "test",
        secret: None,
    };
    deliver(app, &ready, &letter).map_err(refused)?;
    Ok(ready.place())
}
