//! Service accounts: users who are programs. They sign in on no page; what they have is app passwords.

use super::users::{self as user_acts, Described};
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::duration;
use crate::domain::names::DisplayName;
use crate::domain::problems::Problems;
use crate::http::Params;
use crate::store::app_passwords::{self, AppPassword};
use crate::store::users::{self, User};
use crate::words::Words;

/// 381 bit, in letters and digits: some clients forget to encode.
const CHARS: usize = 64;
/// More than one program needs.
const MOST: usize = 50;

/// Creates a service account in these groups (by name) and returns its id.
pub fn create(app: &App, by: &Admin, said: &Params, in_groups: &[String]) -> Act<i64> {
    is_one(&user_acts::parse_new(said)?)?;
    user_acts::create_as(app, by, said, None, in_groups, user_acts::Who::Program)
}

/// Whether what was said may be said of a service account: no mail is for it, and nobody administers as one.
pub(super) fn is_one(described: &Described) -> Act<()> {
    let mut problems = Problems::default();
    if described.profile.email.is_some() {
        problems.add("email", Words::new("service-account-no-email"));
    }
    if described.profile.administrator {
        problems.add("admin", Words::new("service-account-no-admin"));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ActError::Refused(problems)),
    }
}

/// Refuses what only people have: a password, or a link to choose one.
pub(super) fn is_person(user: &User) -> Act<()> {
    match user.service_account {
        true => Err(ActError::no(Words::new("service-account-no-sign-in").with("name", &user.username))),
        false => Ok(()),
    }
}

/// Makes an app password, from `label` and `valid_for` (empty: for ever). It is told this once.
pub fn new_app_password(app: &App, by: &Admin, id: i64, said: &Params) -> Act<String> {
    let (now, password) = (app.clock.now(), random::alphanumeric(CHARS));
    let mut problems = Problems::default();
    let label = problems.take("label", DisplayName::parse(said.first("label").unwrap_or_default()));
    let valid_for = match said.first("valid_for").map(str::trim) {
        None | Some("") => None,
        Some(text) => problems.take("valid_for", duration::parse(text)),
    };
    problems.none()?;
    let row = AppPassword {
        id: 0,
        user_id: id,
        label: label.map(DisplayName::into_string).unwrap_or_default(),
        created_by: by.name().to_owned(),
        created_at: now,
        expires_at: valid_for.map(|time| now + time),
        last_used_at: None,
    };
    let (hash, event) = (secret_hash(&password), by.event("app_password_created", now));
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if !user.service_account {
            return Err(ActError::no(Words::new("app-password-of-person").with("name", &user.username)));
        }
        if app_passwords::of_user(tx, id)?.len() >= MOST {
            return Err(ActError::no(Words::new("app-password-too-many").with("most", MOST)));
        }
        app_passwords::insert(tx, &hash, &row)?;
        event.user(&user.username).detail("app_password", &row.label).store(tx)?;
        Ok(())
    })?;
    Ok(password)
}

/// Ends an app password and every token that came of it, and gives its label.
pub fn revoke_app_password(app: &App, by: &Admin, user: i64, id: i64) -> Act<String> {
    let event = by.event("app_password_revoked", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, user)?.ok_or(ActError::NotFound)?;
        let label = app_passwords::delete(tx, user.id, id)?.ok_or(ActError::NotFound)?;
        event.user(&user.username).detail("app_password", &label).store(tx)?;
        Ok(label)
    })
}
