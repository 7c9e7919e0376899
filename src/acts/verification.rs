//! Verifying an e-mail address by a mail to it: the link is good once, for a day, for that user and that address.

use super::{Act, ActError};
use crate::app::App;
use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::error::Internal;
use crate::mail::{Letter, Secret};
use crate::store::events::Event;
use crate::store::links;
use crate::store::users::{self, User};
use crate::words::{Lang, Words};

/// How long a verification link works, in seconds.
pub const VALID: UnixSeconds = 86_400;

/// Sends a link to the address of a user who has not verified it. An older one works no more.
pub fn ask(app: &App, user: &User, lang: Lang) -> Act<String> {
    let Some(to) = user.email.clone().filter(|_| !user.email_verified) else { return Err(ActError::NotFound) };
    if !app.has_mail()? {
        return Err(ActError::NotFound);
    }
    let now = app.clock.now();
    if let Err(wait) = app.throttle.begin_verification_mail(user.into(), now) {
        return Err(ActError::no(Words::new("verification-wait").with("n", wait.div_euclid(60) + 1)));
    }
    let token = random::token();
    let (hash, id, address) = (secret_hash(&token), user.id, to.clone());
    app.store.write(move |tx| links::insert_verification(tx, &hash, id, &address, (now, now + VALID)))?;
    let link = app.base.join(&format!("/verify-email/?token={token}"));
    app.mailer.post(Letter {
        to: to.clone(),
        username: user.username.clone(),
        lang,
        subject: Words::new("mail-verification-subject"),
        body: vec![Words::new("mail-verification").with("address", &to).with("link", link)],
        about: "verification",
        secret: Some(Secret(token)),
    });
    Ok(to)
}

/// Whose address a good link is about, if that is still the address.
pub fn find(app: &App, hash: &Hash) -> Result<Option<User>, Internal> {
    let now = app.clock.now();
    app.store.read(|c| match links::verification(c, hash, now)? {
        Some((id, email)) => Ok(users::by_id(c, id)?.filter(|u| u.active && u.email.as_ref() == Some(&email))),
        None => Ok(None),
    })
}

/// The address is verified, and told to applications. False when the link was used, or is about another address by now.
pub fn confirm(app: &App, hash: Hash, event: Event) -> Result<bool, Internal> {
    let now = app.clock.now();
    app.store.write(move |tx| {
        let Some((id, email)) = links::verification(tx, &hash, now)? else { return Ok(false) };
        if !links::consume(tx, &hash)? {
            return Ok(false);
        }
        let Some(user) = users::by_id(tx, id)?.filter(|u| u.active && u.email.as_ref() == Some(&email)) else {
            return Ok(false);
        };
        users::set_email_verified(tx, id, now)?;
        event.user(&user.username).store(tx)?;
        Ok(true)
    })
}
