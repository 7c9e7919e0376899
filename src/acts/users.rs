//! Users: create, change, disable, delete, passwords, recovery links.

use super::{Act, ActError, Admin, administrators, service_accounts};
use crate::app::App;
use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::access::Target;
use crate::domain::claims::SubjectMode;
use crate::domain::names::{BadName, DisplayName, Email, Username};
use crate::domain::password::{NewPassword, PasswordRule};
use crate::domain::problems::Problems;
use crate::domain::{UnixSeconds, attributes};
use crate::error::Internal;
use crate::http::Params;
use crate::store::links::{self, Factors, Purpose};
use crate::store::users::{self, Extras, Profile, Taken, User};
use crate::store::{Tx, bindings, grants, groups, known_devices, sessions};
use crate::words::{Words, from_tags};

use super::said::{on_off, word};

/// How long a recovery link works, in seconds.
pub const RECOVERY_VALID: UnixSeconds = 30 * 60;

/// What a user is, as far as it is typed.
#[derive(Debug, Clone, Default)]
pub struct Described {
    pub profile: Profile,
    pub extras: Extras,
}

impl Described {
    pub fn of(user: &User) -> Self {
        Self {
            profile: Profile {
                username: user.username.clone(),
                name: user.name.clone(),
                given_name: user.given_name.clone(),
                family_name: user.family_name.clone(),
                email: user.email.clone(),
                email_verified: user.email_verified,
                administrator: user.administrator,
            },
            extras: Extras {
                attributes: user.attributes.clone(),
                locale: user.locale.clone(),
                person: user.person.clone(),
            },
        }
    }
}

/// Changes what is known of a user by what was said; a field that is absent stays as it is. The fields: `username`,
/// `name`, `given_name`, `family_name`, `email`, `email_verified`, `admin`, `attributes`, `locale`, those of
/// `domain::person`, and `phone_number_verified`.
pub fn apply(to: &mut Described, said: &Params, problems: &mut Problems) {
    let Described { profile, extras } = to;
    if let Some(text) = said.first("username")
        && let Some(username) = problems.take("username", Username::parse(text))
    {
        profile.username = username.as_str().to_owned();
    }
    if let Some(text) = said.first("name") {
        profile.name = match text.trim() {
            "" => profile.username.clone(),
            text => problems.take("name", DisplayName::parse(text)).map(DisplayName::into_string).unwrap_or_default(),
        };
    }
    optional_name(said, "given_name", &mut profile.given_name, problems);
    optional_name(said, "family_name", &mut profile.family_name, problems);
    if let Some(text) = said.first("email").map(str::trim) {
        let email = match text {
            "" => None,
            text => problems.take("email", Email::parse(text)).map(|e| e.as_str().to_owned()),
        };
        if email != profile.email {
            // A new address is not verified until somebody says so.
            profile.email_verified = false;
            profile.email = email;
        }
    }
    word(said, "email_verified", "on, off", on_off, &mut profile.email_verified, problems);
    word(said, "admin", "on, off", on_off, &mut profile.administrator, problems);
    if let Some(text) = said.first("attributes")
        && let Some(read) = problems.take("attributes", attributes::parse(text))
    {
        extras.attributes = read;
    }
    if let Some(text) = said.first("locale").map(str::trim) {
        extras.locale = match text {
            "" => None,
            tag => match from_tags([tag]) {
                Some(lang) => Some(lang.code().to_owned()),
                None => {
                    problems.add("locale", Words::new("bad-locale").with("given", tag));
                    None
                }
            },
        };
    }
    extras.person.apply(said, problems);
    word(said, "phone_number_verified", "on, off", on_off, &mut extras.person.phone_number_verified, problems);
    // Without a number there is nothing that could be.
    extras.person.phone_number_verified &= extras.person.get("phone_number").is_some();
}

fn optional_name(said: &Params, field: &str, into: &mut Option<String>, problems: &mut Problems) {
    if let Some(text) = said.first(field) {
        *into = match text.trim() {
            "" => None,
            text => problems.take(field, DisplayName::parse(text)).map(DisplayName::into_string),
        };
    }
}

/// What the password of a user is measured by, wherever it is set.
pub fn password_rule<'a>(app: &App, username: &'a str, email: Option<&'a str>) -> Result<PasswordRule<'a>, Internal> {
    Ok(PasswordRule { minimum: app.settings()?.password_minimum, username, email, name: "" })
}

/// Two fields with a new password, `password` and `password_again`.
pub fn new_password(said: &Params, rule: &PasswordRule) -> Result<NewPassword, Problems> {
    let field = |name| said.first(name).unwrap_or_default();
    let mut problems = Problems::default();
    let password = problems.take("password", NewPassword::parse(field("password"), rule));
    if field("password") != field("password_again") {
        problems.add("password_again", Words::new("passwords-differ"));
    }
    match password {
        Some(password) if problems.is_empty() => Ok(password),
        _ => Err(problems),
    }
}

/// Hashes a password, after a first measuring of what one costs here.
pub(super) fn hash(app: &App, password: &NewPassword) -> Act<String> {
    app.tune_passwords()?;
    Ok(app.passwords.hash(password.as_str())?)
}

fn taken(taken: Taken, profile: &Profile) -> ActError {
    let is_username = matches!(&taken, Taken::InUse(name) | Taken::Retired(name) if *name == profile.username);
    ActError::refused(if is_username { "username" } else { "email" }, taken)
}

/// A new user from what was said.
pub fn parse_new(said: &Params) -> Result<Described, Problems> {
    let (mut problems, mut described) = (Problems::default(), Described::default());
    if !said.has("username") {
        problems.add("username", BadName::UsernameEmpty);
    }
    apply(&mut described, said, &mut problems);
    problems.none()?;
    if described.profile.name.is_empty() {
        described.profile.name = described.profile.username.clone();
    }
    Ok(described)
}

/// Creates a user in these groups (by name) and returns the id.
pub fn create(app: &App, by: &Admin, said: &Params, password: Option<&NewPassword>, in_groups: &[String]) -> Act<i64> {
    create_as(app, by, said, password, in_groups, Who::Person)
}

/// What a user is for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Person,
    /// A service account.
    Program,
}

pub(super) fn create_as(
    app: &App,
    by: &Admin,
    said: &Params,
    password: Option<&NewPassword>,
    in_groups: &[String],
    who: Who,
) -> Act<i64> {
    let described = parse_new(said)?;
    let password_hash = password.map(|p| hash(app, p)).transpose()?;
    let uuid = uuid::Uuid::from_bytes(random::bytes()).to_string();
    let (now, in_groups) = (app.clock.now(), in_groups.to_vec());
    let mut event = by.event("user_created", now).user(&described.profile.username);
    if who == Who::Program {
        event = event.detail("kind", "service account");
    }
    app.store.write(move |tx| {
        let Described { profile, extras } = described;
        let id = users::insert(tx, &profile, &uuid, password_hash.as_deref(), now)?.map_err(|t| taken(t, &profile))?;
        if who == Who::Program {
            users::make_service_account(tx, id)?;
        }
        users::claim_email(tx, id)?;
        users::set_extras(tx, id, &extras, now)?;
        join(tx, id, &in_groups)?;
        administrators::settle(tx, 0, now)?;
        event.store(tx)?;
        Ok(id)
    })
}

fn join(tx: &Tx, user: i64, names: &[String]) -> Act<()> {
    for name in names {
        let group =
            groups::by_name(tx, name)?.ok_or_else(|| ActError::refused("group", super::groups::no_group(name)))?;
        groups::add_member(tx, group.id, user)?;
    }
    Ok(())
}

/// Changes a user by what was said, and adds groups (by name).
pub fn update(app: &App, by: &Admin, id: i64, said: Params, in_groups: &[String]) -> Act<User> {
    let (now, in_groups) = (app.clock.now(), in_groups.to_vec());
    let event = by.event("user_changed", now);
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        let (mut described, mut problems) = (Described::of(&user), Problems::default());
        apply(&mut described, &said, &mut problems);
        problems.none()?;
        if user.service_account {
            service_accounts::is_one(&described)?;
        }
        let Described { profile, extras } = described;
        if profile.username != user.username {
            grants::delete_of_user_known_by(tx, id, SubjectMode::Username)?;
        }
        if profile.email != user.email {
            grants::delete_of_user_known_by(tx, id, SubjectMode::Email)?;
        }
        users::update(tx, id, &profile, now)?.map_err(|t| taken(t, &profile))?;
        users::set_extras(tx, id, &extras, now)?;
        bindings::rename(tx, Target::User(Some(id)), &profile.username)?;
        if profile.email != user.email {
            links::delete_mailed(tx, id)?;
        }
        if profile.email != user.email || profile.email_verified {
            users::set_email_told(tx, id, true)?;
            users::claim_email(tx, id)?;
        }
        join(tx, id, &in_groups)?;
        administrators::settle(tx, before, now)?;
        event.user(&profile.username).store(tx)?;
        users::by_id(tx, id)?.ok_or(ActError::NotFound)
    })
}

/// Keeps a user from signing in, which ends all sessions and tokens; or lets the user sign in again.
pub fn set_active(app: &App, by: &Admin, id: i64, active: bool) -> Act<User> {
    let now = app.clock.now();
    let event = by.event(if active { "user_enabled" } else { "user_disabled" }, now);
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        users::set_active(tx, id, active, now)?;
        if !active {
            administrators::settle(tx, before, now)?;
            end_everything(tx, id)?;
        }
        event.user(&user.username).store(tx)?;
        Ok(user)
    })
}

/// Ends every session of a user, everything that applications hold, and every link; no browser is known any more.
pub(super) fn end_everything(tx: &Tx, user: i64) -> Result<(), Internal> {
    sessions::delete_of_user(tx, user)?;
    grants::delete_of_user(tx, user)?;
    known_devices::delete_of_user(tx, user)?;
    links::delete_of_user(tx, user)
}

/// Deletes a user. The name is given to nobody else.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<User> {
    let now = app.clock.now();
    let event = by.event("user_deleted", now);
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        users::delete(tx, id)?;
        administrators::settle(tx, before, now)?;
        event.user(&user.username).store(tx)?;
        Ok(user)
    })
}

/// Sets a password; ends all sessions, tokens and links.
pub fn set_password(app: &App, by: &Admin, id: i64, password: &NewPassword) -> Act<()> {
    let (now, password_hash) = (app.clock.now(), hash(app, password)?);
    let event = by.event("password_set", now);
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        service_accounts::is_person(&user)?;
        users::set_password(tx, id, &password_hash, now)?;
        end_everything(tx, id)?;
        event.user(&user.username).store(tx)?;
        Ok(())
    })
}

/// Makes a link that works once, for [`RECOVERY_VALID`], to choose a new password. An older one stops working.
pub fn recovery_link(app: &App, by: &Admin, id: i64, factors: Factors) -> Act<String> {
    let (token, now) = (random::token(), app.clock.now());
    let hash = secret_hash(&token);
    let mut event = by.event("recovery_link_created", now);
    if factors == Factors::Dropped {
        event = event.detail("removes", "second factors");
    }
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if !user.active {
            return Err(ActError::no(Words::new("user-is-disabled").with("name", &user.username)));
        }
        service_accounts::is_person(&user)?;
        links::insert(tx, &hash, Purpose::Recovery(id, factors), now, now + RECOVERY_VALID)?;
        event.user(&user.username).store(tx)?;
        Ok(())
    })?;
    Ok(app.base.join(&format!("/recovery/?token={token}")))
}
