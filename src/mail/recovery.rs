//! A recovery mail: for whom there is one, and what stands in it. Runs behind the answer, in the thread of the queue.

use super::letter::{Letter, Secret};
use super::queue::Request;
use crate::acts::users::RECOVERY_VALID;
use crate::app::App;
use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::error::Internal;
use crate::store::links::{self, Purpose};
use crate::store::users::{self, User};
use crate::words::{Words, from_tags};

/// Makes the link and posts the mail, if the name is that of an active user with a verified address who was sent none
/// lately. Nobody is told which of that it was.
pub fn answer(app: &App, request: &Request) -> Result<(), Internal> {
    let user = app.store.read(|c| users::by_login(c, &request.login))?;
    let Some(user) = user.filter(|u| u.active && u.email_verified) else { return Ok(()) };
    let Some(to) = user.email.clone() else { return Ok(()) };
    let now = app.clock.now();
    if !app.has_mail()? || app.throttle.begin_recovery_mail((&user).into(), now).is_err() {
        return Ok(());
    }
    let token = random::token();
    let (hash, id) = (secret_hash(&token), user.id);
    let mut event = request.event.clone().user(&user.username).detail("by", "e-mail");
    event.at = now;
    let address = to.clone();
    let made = app.store.write(move |tx| {
        // Disabled meanwhile, or of another address: a link would be somebody else's.
        let is_still = |u: &User| u.active && u.email_verified && u.email.as_ref() == Some(&address);
        if !users::by_id(tx, id)?.is_some_and(|user| is_still(&user)) {
            return Ok::<_, Internal>(false);
        }
        links::insert(tx, &hash, Purpose::MailedRecovery(id), now, now + RECOVERY_VALID)?;
        event.store(tx)?;
        Ok(true)
    })?;
    if !made {
        return Ok(());
    }
    let link = app.base.join(&format!("/recovery/?token={token}"));
    let address = request.event.address.clone().unwrap_or_default();
    app.mailer.post(Letter {
        to,
        lang: from_tags(user.locale.as_deref()).unwrap_or(request.lang),
        username: user.username,
        subject: Words::new("mail-recovery-subject"),
        body: vec![Words::new("mail-recovery").with("link", link).with("address", address)],
        about: "recovery",
        secret: Some(Secret(token)),
    });
    Ok(())
}
