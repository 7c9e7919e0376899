//! What users do with their own account.

use super::users::{Described, apply, new_password, password_rule};
use super::{Act, ActError};
use crate::app::App;
use crate::crypto::digest::Hash;
use crate::domain::claims::SubjectMode;
use crate::domain::person;
use crate::domain::problems::Problems;
use crate::http::Params;
use crate::store::events::Event;
use crate::store::sessions::Session;
use crate::store::users::{self, User};
use crate::store::{grants, known_devices, links, sessions};
use crate::words::Words;

/// What users may say of themselves, besides what `domain::person` has; that a number is verified is for others to say.
const OWN: [&str; 5] = ["name", "given_name", "family_name", "email", "locale"];

/// Changes the own details: these, and nothing else that was sent. Returns the user as it is now.
pub fn change(app: &App, (user, present): (&User, &Session), said: &Params, event: Event) -> Act<User> {
    let (id, now, present) = (user.id, app.clock.now(), present.hash);
    let own = Params::from_pairs(
        OWN.iter().chain(&person::NAMES).filter_map(|name| Some((*name, said.first(name)?.to_owned()))),
    );
    if own_described(user, &own)?.profile.email != user.email
        && let Err(wait) = app.throttle.begin_address(user.into(), now)
    {
        return Err(ActError::refused("email", Words::new("email-wait").with("n", wait.div_euclid(60) + 1)));
    }
    app.store.write(move |tx| {
        if !sessions::holds(tx, &present)? {
            return Err(ActError::NotFound);
        }
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let Described { profile, extras } = own_described(&user, &own)?;
        if profile.email != user.email {
            grants::delete_of_user_known_by(tx, id, SubjectMode::Email)?;
        }
        users::update(tx, id, &profile, now)?.map_err(|taken| ActError::refused("email", taken))?;
        users::set_extras(tx, id, &extras, now)?;
        if profile.email != user.email {
            // Nobody has checked it: applications must not know the user by it.
            users::set_email_told(tx, id, false)?;
            links::delete_mailed(tx, id)?;
        }
        event.user(&user.username).store(tx)?;
        users::by_id(tx, id)?.ok_or(ActError::NotFound)
    })
}

/// What a user will be by what was said.
fn own_described(user: &User, own: &Params) -> Result<Described, Problems> {
    let (mut described, mut problems) = (Described::of(user), Problems::default());
    apply(&mut described, own, &mut problems);
    problems.none().map(|()| described)
}

/// Sets the own password, whose present one the caller has checked. Every other session and everything that
/// applications hold ends; `fresh` takes the place of this browser's session, and only this browser
/// is known from now on.
pub fn set_password(
    app: &App,
    who: (&User, &Session),
    said: &Params,
    (fresh, device): (Session, Option<Hash>),
    event: Event,
) -> Act<()> {
    let (user, present) = who;
    let rule = password_rule(app, &user.username, user.email.as_deref())?.named(&user.name);
    let password = new_password(said, &rule)?;
    let hash = app.passwords.hash(password.as_str())?;
    let (id, username, now, present) = (user.id, user.username.clone(), app.clock.now(), present.hash);
    app.store.write(move |tx| {
        // An administrator who disabled the user or set the password meanwhile has ended this session: that holds.
        if !sessions::holds(tx, &present)? {
            return Err(ActError::NotFound);
        }
        users::set_password(tx, id, &hash, now)?;
        sessions::delete_of_user(tx, id)?;
        grants::delete_of_user(tx, id)?;
        known_devices::delete_others(tx, id, device.as_ref())?;
        // Somebody who knows the password needs no recovery.
        links::delete_recovery(tx, id)?;
        sessions::insert(tx, &fresh)?;
        event.user(&username).store(tx)?;
        Ok(())
    })
}
