//! Second factors: what users add, replace and take away, and what administrators take away for them.

use super::users::end_everything;
use super::{Act, ActError, Admin, Whose};
use crate::app::App;
use crate::crypto::digest::{Hash, secret_hash};
use crate::crypto::random;
use crate::crypto::totp::TotpSecret;
use crate::domain::UnixSeconds;
use crate::domain::recovery_code::{COUNT, RecoveryCode};
use crate::error::Internal;
use crate::store::events::Event;
use crate::store::factors::{self, Totp};
use crate::store::passkeys::{self, NewPasskey};
use crate::store::sessions::{self, Session};
use crate::store::users::{self, User};
use crate::store::{Tx, grants, known_devices};
use crate::words::Words;

/// New recovery codes, to be shown once.
pub type Codes = Vec<RecoveryCode>;

pub(super) fn new_codes() -> (Codes, Vec<Hash>) {
    let codes: Codes = (0..COUNT).map(|_| RecoveryCode::of(random::bytes())).collect();
    let hashes = codes.iter().map(|code| secret_hash(code.as_str())).collect();
    (codes, hashes)
}

/// The session in which somebody adds a factor, and the one that takes its place, since more was proven; and its browser, if
/// it is known.
pub struct Raised<'a> {
    pub present: &'a Session,
    pub fresh: Session,
    pub browser: Option<Hash>,
}

/// Adds an authenticator app whose code at `step` was right. With the first factor come recovery codes. Sessions that
/// began with a password alone are good no more, but for this one, which is raised.
pub fn add_totp(
    app: &App,
    user: &User,
    (secret, step): (&TotpSecret, i64),
    raised: Raised,
    event: Event,
) -> Act<Option<Codes>> {
    let (id, now) = (user.id, app.clock.now());
    let secret_sealed = app.sealer().seal(&Totp::seal(id), secret.as_bytes());
    let totp = Totp { secret_sealed, last_step: step, created_at: now, last_used_at: now };
    let (codes, hashes) = new_codes();
    let (present, username) = (raised.present.clone(), user.username.clone());
    let (fresh, browser) = (raised.fresh, raised.browser);
    let is_first = app.store.write(move |tx| {
        let before = factors::of_user(tx, id)?;
        if !factors::insert_totp(tx, id, &totp)? {
            return Err(ActError::no(Words::new("totp-there-already")));
        }
        replace_session(tx, &present, &fresh)?;
        trust_anew(tx, id, before, browser.as_ref())?;
        event.clone().user(&username).store(tx)?;
        first_codes(tx, id, before, &hashes, (event.user(&username), now))
    })?;
    Ok(is_first.then_some(codes))
}

/// Stores recovery codes with the first factor. False when the user had a factor or codes.
pub(super) fn first_codes(
    tx: &Tx,
    user: i64,
    before: factors::Has,
    hashes: &[Hash],
    (event, now): (Event, UnixSeconds),
) -> Act<bool> {
    if before.second_factor() || before.recovery_codes > 0 {
        return Ok(false);
    }
    factors::replace_recovery_codes(tx, user, hashes, now)?;
    Event { kind: "recovery_codes_made".into(), ..event }.store(tx)?;
    Ok(true)
}

/// What browsers were known for before a factor was added: none stands for it, and with the first one only this browser stays
/// known, since the password alone had been enough to make one so.
pub(super) fn trust_anew(tx: &Tx, user: i64, before: factors::Has, browser: Option<&Hash>) -> Result<(), Internal> {
    known_devices::forget_remembered(tx, user, None)?;
    match before.second_factor() {
        true => Ok(()),
        false => known_devices::delete_others(tx, user, browser),
    }
}

/// Puts the raised session in the place of the present one, unless that was ended meanwhile.
pub(super) fn replace_session(tx: &Tx, present: &Session, fresh: &Session) -> Act<()> {
    if !sessions::holds(tx, &present.hash)? {
        return Err(ActError::NotFound);
    }
    sessions::delete(tx, &present.hash)?;
    sessions::insert(tx, fresh)?;
    // They are good no more, and must not be again when the factor is taken away.
    for sid in sessions::delete_of_one_factor(tx, fresh.user_id)? {
        grants::delete_online_of_session(tx, &sid)?;
    }
    Ok(())
}

/// Takes the authenticator app away. Recovery codes go with the last factor that they stand in for.
pub fn remove_totp(app: &App, whose: Whose) -> Act<()> {
    let (id, event) = whose.begin("totp_removed", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if !factors::delete_totp(tx, id)? {
            return Err(ActError::NotFound);
        }
        factors::drop_idle_recovery_codes(tx, id)?;
        known_devices::forget_remembered(tx, id, None)?;
        event.user(&user.username).store(tx)?;
        Ok(())
    })
}

/// Makes ten recovery codes; earlier ones work no more.
pub fn make_recovery_codes(app: &App, (user, present): (&User, &Session), event: Event) -> Act<Codes> {
    let (id, username, now, present) = (user.id, user.username.clone(), app.clock.now(), present.hash);
    let (codes, hashes) = new_codes();
    app.store.write(move |tx| {
        if !sessions::holds(tx, &present)? {
            return Err(ActError::NotFound);
        }
        if !factors::of_user(tx, id)?.second_factor() {
            return Err(ActError::no(Words::new("recovery-codes-for-nothing")));
        }
        factors::replace_recovery_codes(tx, id, &hashes, now)?;
        event.user(&username).store(tx)?;
        Ok(())
    })?;
    Ok(codes)
}

/// Takes every factor but the password away from a user, and ends all sessions and tokens: a lost phone may hold one.
pub fn remove_all(app: &App, by: &Admin, id: i64) -> Act<User> {
    let event = by.event("factors_removed", app.clock.now());
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if factors::of_user(tx, id)? == factors::Has::default() {
            return Err(ActError::no(Words::new("factors-none").with("name", &user.username)));
        }
        factors::delete_all(tx, id)?;
        end_everything(tx, id)?;
        event.user(&user.username).store(tx)?;
        Ok(user)
    })
}

/// What a sign-in rests on. It is looked at again in the transaction that starts the session: between the check and that
/// lie seconds when many passwords wait to be checked, and a reset in them shall leave nobody signed in by the old one.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The hash of the password as it was read, if there was one.
    password_hash: Option<String>,
    pub used: Used,
}

impl Evidence {
    pub fn of(user: &User, used: Used) -> Self {
        Self { password_hash: user.password_hash.clone(), used }
    }

    pub fn is_recovery_code(&self) -> bool {
        matches!(self.used, Used::RecoveryCode(_) | Used::Replaced(..))
    }

    /// Uses up what is good once. False when the user was disabled meanwhile, has another password, or lost the factor,
    /// or somebody was faster.
    pub fn take(&self, tx: &Tx, user: i64, now: UnixSeconds) -> Result<bool, Internal> {
        let Some(found) = users::by_id(tx, user)?.filter(|found| found.active) else { return Ok(false) };
        Ok(self.password_hash == found.password_hash && self.used.take(tx, user, now)?)
    }
}

/// What a sign-in uses up.
#[derive(Debug, Clone)]
pub enum Used {
    Nothing,
    /// The step of a one-time code.
    Step(i64),
    RecoveryCode(Hash),
    Passkey(Box<passkeys::Use>),
    /// A recovery code, by which a new passkey comes in.
    Replaced(Hash, Box<NewPasskey>),
}

impl Used {
    /// Uses it up. False when somebody was faster.
    fn take(&self, tx: &Tx, user: i64, now: UnixSeconds) -> Result<bool, Internal> {
        match self {
            Self::Nothing => Ok(true),
            Self::Step(step) => factors::use_step(tx, user, *step, now),
            Self::RecoveryCode(hash) => factors::use_recovery_code(tx, user, hash),
            Self::Passkey(used) => passkeys::note_use(tx, user, used, now),
            // Looked at before: a code without its passkey, or the reverse, must not be stored.
            Self::Replaced(hash, new) => Ok(factors::has_recovery_code(tx, user, hash)?
                && passkeys::insert(tx, user, new, now)?
                && factors::use_recovery_code(tx, user, hash)?),
        }
    }
}
