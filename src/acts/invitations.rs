//! Invitations: made and deleted by administrators, used by guests, who get an account by them.

use uuid::Uuid;

use super::factors::{Codes, first_codes, new_codes};
use super::users::{hash, new_password, parse_new};
use super::{Act, ActError, Admin, administrators};
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::domain::invitation::{self, MOST_OPEN};
use crate::domain::methods;
use crate::domain::names::Username;
use crate::domain::password::{NewPassword, PasswordRule};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::Params;
use crate::store::Tx;
use crate::store::events::Event;
use crate::store::factors::Has;
use crate::store::groups::{self, Group};
use crate::store::invitations::{self, Invitation};
use crate::store::known_devices::{self, KnownDevice};
use crate::store::passkeys::{self, NewPasskey};
use crate::store::sessions::{self, Session};
use crate::store::users::{self, Profile, Taken, User};
use crate::words::Words;

/// What can be said of an invitation, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Draft<'a> {
    pub label: &'a str,
    pub uses: &'a str,
    pub expires: &'a str,
    /// The ids of the groups that guests are put into.
    pub groups: Vec<i64>,
    /// Whether it is meant that guests become administrators, if one of the groups makes them so.
    pub administrators: bool,
}

/// Makes a link that lets guests make accounts, and returns it: nobody can show it again.
pub fn create(app: &App, by: &Admin, draft: &Draft) -> Act<String> {
    let terms = invitation::parse(draft.label, draft.uses, draft.expires)?;
    let (token, now) = (random::token(), app.clock.now());
    let hash = secret_hash(&token);
    let (ids, meant, event) = (draft.groups.clone(), draft.administrators, by.event("invitation_created", now));
    let mut invitation = Invitation {
        id: 0,
        label: terms.label,
        administrators: false,
        created_by: by.name().to_owned(),
        created_at: now,
        expires_at: now + terms.valid_for,
        uses_left: terms.uses,
    };
    app.store.write(move |tx| {
        if invitations::count_open(tx, now)? >= MOST_OPEN {
            return Err(ActError::no(Words::new("invitations-too-many").with("most", MOST_OPEN)));
        }
        let groups = chosen(tx, &ids)?;
        let rights: Vec<_> = groups.iter().filter(|g| g.administrator).collect();
        if !rights.is_empty() && !meant {
            let words = Words::new("invitation-administrators-unsaid").with("groups", names(rights));
            return Err(ActError::refused("administrators", words));
        }
        invitation.administrators = !rights.is_empty();
        invitation.id = invitations::insert(tx, &hash, &invitation, &ids)?;
        told(event, &invitation, &groups).store(tx)?;
        Ok(())
    })?;
    Ok(app.base.join(&format!("/invitation/?token={token}")))
}

/// The groups of these ids, all of which must be there.
fn chosen(tx: &Tx, ids: &[i64]) -> Act<Vec<Group>> {
    let find = |id: &i64| groups::by_id(tx, *id)?.ok_or_else(|| ActError::refused("group", gone()));
    ids.iter().map(find).collect()
}

fn gone() -> Words {
    Words::new("group-gone")
}

fn names<'a>(groups: impl IntoIterator<Item = &'a Group>) -> String {
    groups.into_iter().map(|g| g.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// An event with what an invitation is.
fn told(event: Event, invitation: &Invitation, groups: &[Group]) -> Event {
    let event = event.detail("invitation", invitation.name()).detail("expires", rfc3339(invitation.expires_at));
    let event = event.detail("uses_left", invitation.uses_left.to_string());
    let event = if groups.is_empty() { event } else { event.detail("groups", names(groups)) };
    if invitation.administrators { event.detail("administrators", "yes") } else { event }
}

/// Ends an invitation. Who used it before keeps the account.
pub fn delete(app: &App, by: &Admin, id: i64) -> Act<Invitation> {
    let event = by.event("invitation_deleted", app.clock.now());
    app.store.write(move |tx| {
        let invitation = invitations::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        invitations::delete(tx, id)?;
        event.detail("invitation", invitation.name()).store(tx)?;
        Ok(invitation)
    })
}

/// What a guest will be known again by.
#[derive(Debug)]
pub enum FirstFactor {
    Password(NewPassword),
    /// Made on the invitation page, for a user of this id: there is no password then.
    Passkey(Uuid, Box<NewPasskey>),
}

impl FirstFactor {
    /// The methods of the session that begins with it.
    pub fn amr(&self) -> &'static str {
        match self {
            Self::Password(_) => methods::PASSWORD,
            Self::Passkey(_, new) => methods::passkey(new.is_synced),
        }
    }
}

/// Somebody who wants an account.
#[derive(Debug)]
pub struct Guest {
    pub profile: Profile,
    pub first_factor: FirstFactor,
}

/// What guests say of themselves; nothing else that was sent is looked at.
const SAID: [&str; 3] = ["username", "name", "email"];

impl Guest {
    /// Reads what was typed, with a password.
    pub fn with_password(said: &Params, rule: &PasswordRule) -> Result<Self, Problems> {
        let profile = Self::profile(said);
        let password = new_password(said, rule);
        match (profile, password) {
            (Ok(profile), Ok(password)) => Ok(Self { profile, first_factor: FirstFactor::Password(password) }),
            (profile, password) => Err(profile.err().unwrap_or_default().and(password.err().unwrap_or_default())),
        }
    }

    /// What guests say of themselves, of what was sent.
    pub fn said(sent: &Params) -> Vec<(&'static str, String)> {
        SAID.iter().filter_map(|name| Some((*name, sent.first(name)?.to_owned()))).collect()
    }

    /// Everything but the first factor.
    pub fn profile(said: &Params) -> Result<Profile, Problems> {
        let profile = parse_new(&Params::from_pairs(Self::said(said)))?.profile;
        let mut problems = Problems::default();
        problems.take("username", Username::parse_own(&profile.username));
        problems.none()?;
        Ok(profile)
    }
}

/// How a guest comes in: the session that begins, and its browser, but for whose they are.
pub struct Arrival {
    pub session: Session,
    pub device: KnownDevice,
}

/// Who has come in.
pub struct Arrived {
    pub user: User,
    pub session: Session,
    /// With a passkey, as with every first factor beyond a password.
    pub codes: Option<Codes>,
}

/// Refuses names that are taken, before anything is made for them: a guess at a name shall cost no hash, and leave no
/// passkey on a device.
pub fn names_are_free(app: &App, profile: &Profile) -> Act<()> {
    match app.store.read(|c| users::holder_of_either(c, profile))? {
        Some(taken) => Err(refused(&taken, profile)),
        None => Ok(()),
    }
}

/// Makes the account of a guest and signs the guest in: all of it, or nothing of it and the invitation is as it was.
/// [`ActError::NotFound`] when the invitation is not good any more. `event` is where all events of it begin.
pub fn accept(app: &App, token: &Hash, guest: Guest, arrival: Arrival, event: Event) -> Act<Arrived> {
    let (Guest { profile, first_factor }, Arrival { session, device }) = (guest, arrival);
    names_are_free(app, &profile)?;
    let (uuid, password_hash, passkey) = match first_factor {
        FirstFactor::Password(password) => (Uuid::from_bytes(random::bytes()), Some(hash(app, &password)?), None),
        FirstFactor::Passkey(uuid, new) => (uuid, None, Some(new)),
    };
    let (token, now) = (*token, app.clock.now());
    let (codes, hashes) = new_codes();
    app.store.write(move |tx| {
        let invitation = invitations::use_once(tx, &token, now)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        let id = users::insert(tx, &profile, &uuid.to_string(), password_hash.as_deref(), now)?;
        let id = id.map_err(|taken| refused(&taken, &profile))?;
        // Nobody has checked the address: applications must not know the user by it.
        users::set_email_told(tx, id, profile.email.is_none())?;
        let (joined, left_out) = join(tx, &invitation, id)?;
        administrators::settle(tx, before, now)?;
        let (session, device) = (Session { user_id: id, ..session }, KnownDevice { user_id: id, ..device });
        sessions::insert(tx, &session)?;
        known_devices::seen(tx, &device, now)?;
        let event = event.user(&profile.username);
        let guest_event = |kind: &str| Event { kind: kind.into(), ..event.clone() };
        let mut used = told(guest_event("invitation_used"), &invitation, &joined);
        if !left_out.is_empty() {
            used = used.detail("groups_left_out", names(&left_out));
        }
        used.store(tx)?;
        guest_event("user_created").detail("by", "invitation").store(tx)?;
        let codes = match passkey {
            Some(new) => {
                if !passkeys::insert(tx, id, &new, now)? {
                    return Err(ActError::no(Words::new("passkey-there-already")));
                }
                guest_event("passkey_added").detail("passkey", &new.name).store(tx)?;
                first_codes(tx, id, Has::default(), &hashes, (event.clone(), now))?.then_some(codes)
            }
            None => None,
        };
        guest_event("login").detail("method", "invitation").store(tx)?;
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        Ok(Arrived { user, session, codes })
    })
}

/// Puts a new user into the groups of an invitation that are still there. A group that has come to make administrators
/// since is left out, unless that was meant: whoever gave it the right did not think of a link that lies about.
fn join(tx: &Tx, invitation: &Invitation, user: i64) -> Result<(Vec<Group>, Vec<Group>), Internal> {
    let ids = invitations::groups_of(tx, invitation.id)?;
    let all = groups::list(tx)?.into_iter().filter(|g| ids.contains(&g.id));
    let (joined, left_out): (Vec<_>, Vec<_>) = all.partition(|g| invitation.administrators || !g.administrator);
    for group in &joined {
        groups::add_member(tx, group.id, user)?;
    }
    Ok((joined, left_out))
}

/// Who had the name, and whether there still is such a user, is nothing to a guest.
fn refused(taken: &Taken, profile: &Profile) -> ActError {
    let (Taken::InUse(name) | Taken::Retired(name)) = taken;
    let is_username = *name == profile.username;
    let key = if is_username { "invitation-username-taken" } else { "invitation-email-taken" };
    ActError::refused(if is_username { "username" } else { "email" }, Words::new(key).with("name", name))
}
