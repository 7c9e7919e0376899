//! Invitations: made and deleted by administrators, used by guests, who get an account by them.

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
use crate::store::groups::{self, Group};
use crate::store::invitations::{self, Invitation};
use crate::store::known_devices::{self, KnownDevice};
use crate::store::sessions::{self, Session};
use crate::store::users::{self, Profile, Taken};
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

/// What a guest will be known again by. A passkey that was made on the invitation page is another one: it has no
/// password, is stored where the password's hash is, and has methods of its own.
#[derive(Debug)]
pub enum FirstFactor {
    Password(NewPassword),
}

impl FirstFactor {
    /// The methods of the session that begins with it.
    pub fn amr(&self) -> &'static str {
        match self {
            Self::Password(_) => methods::PASSWORD,
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
    pub fn parse(said: &Params, rule: &PasswordRule) -> Result<Self, Problems> {
        let profile = Self::profile(said);
        let password = new_password(said, rule);
        match (profile, password) {
            (Ok(profile), Ok(password)) => Ok(Self { profile, first_factor: FirstFactor::Password(password) }),
            (profile, password) => Err(profile.err().unwrap_or_default().and(password.err().unwrap_or_default())),
        }
    }

    /// Everything but the first factor.
    pub fn profile(said: &Params) -> Result<Profile, Problems> {
        let own = Params::from_pairs(SAID.iter().filter_map(|name| Some((*name, said.first(name)?.to_owned()))));
        let profile = parse_new(&own)?.profile;
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

/// The events of a guest's coming.
pub struct Told {
    pub used: Event,
    pub user: Event,
    pub login: Event,
}

/// Makes the account of a guest and signs the guest in: all of it, or nothing of it and the invitation is as it was.
/// [`ActError::NotFound`] when the invitation is not good any more.
pub fn accept(app: &App, token: &Hash, guest: Guest, arrival: Arrival, events: Told) -> Act<()> {
    let (Guest { profile, first_factor }, Arrival { session, device }) = (guest, arrival);
    // Before the work of a hash: a guess at a name shall not cost one.
    if let Some(taken) = app.store.read(|c| users::holder_of_either(c, &profile))? {
        return Err(refused(&taken, &profile));
    }
    let password_hash = match &first_factor {
        FirstFactor::Password(password) => Some(hash(app, password)?),
    };
    let (token, now) = (*token, app.clock.now());
    let uuid = uuid::Uuid::from_bytes(random::bytes()).to_string();
    app.store.write(move |tx| {
        let invitation = invitations::use_once(tx, &token, now)?.ok_or(ActError::NotFound)?;
        let before = users::administrators(tx)?;
        let id = users::insert(tx, &profile, &uuid, password_hash.as_deref(), now)?;
        let id = id.map_err(|taken| refused(&taken, &profile))?;
        // Nobody has checked the address: applications must not know the user by it.
        users::set_email_told(tx, id, profile.email.is_none())?;
        let (joined, left_out) = join(tx, &invitation, id)?;
        administrators::settle(tx, before, now)?;
        sessions::insert(tx, &Session { user_id: id, ..session })?;
        known_devices::seen(tx, &KnownDevice { user_id: id, ..device }, now)?;
        let mut used = told(events.used, &invitation, &joined).user(&profile.username);
        if !left_out.is_empty() {
            used = used.detail("groups_left_out", names(&left_out));
        }
        used.store(tx)?;
        events.user.user(&profile.username).detail("by", "invitation").store(tx)?;
        events.login.user(&profile.username).detail("method", "invitation").store(tx)?;
        Ok(())
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
