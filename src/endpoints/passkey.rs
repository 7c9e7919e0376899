//! Passkeys at work: what pages ask browsers for, and what comes back. The state between the two travels sealed in the
//! page, for one browser, one purpose and one answer.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::acts::factors::Used;
use crate::challenges::Mark;
use crate::crypto::passkeys::{Assertion, Authentication, Passkeys, Proven, Refused, Registration};
use crate::crypto::random;
use crate::domain::device;
use crate::domain::event_kinds::PASSKEY_CLONED;
use crate::error::Internal;
use crate::http::Params;
use crate::pages::{PasskeyAsk, SignInProblem};
use crate::store::passkeys::{self, NewPasskey, Passkey};
use crate::store::users::{self, Profile, User};
use crate::throttle::{Account, Attempt};
use crate::words::shown;

use super::context::{Ctx, Forms};
use super::login::failed;

/// The field of an answer in the forms of a sign-in, and of a new passkey.
pub(super) const FIELD: &str = "passkey";
pub(super) const STATE: &str = "passkey_state";

/// Who is asked for a passkey.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// Whoever has one: a whole sign-in.
    Anybody,
    /// A user who proved something else already.
    Of(&'a User),
}

/// Who is to have a new passkey.
#[derive(Clone, Copy)]
pub(super) enum New<'a> {
    Of(&'a User),
    /// Somebody without an account yet, by the id of the invitation that makes it.
    Guest(i64, &'a Profile),
}

/// A new passkey that is asked for, of the user with this id in authenticators.
#[derive(Serialize, Deserialize)]
struct Asked {
    user: Uuid,
    registration: Registration,
}

/// A passkey that was right, and is to be noted as used.
pub(super) struct Right {
    pub user: User,
    pub is_synced: bool,
    pub used: Used,
    /// Counted as a failure until it is used up.
    pub attempt: Attempt,
}

#[derive(Serialize, Deserialize)]
struct Ceremony<S> {
    mark: Mark,
    state: S,
}

/// What a state is sealed to.
fn sealed_for(forms: &Forms, purpose: &str) -> String {
    format!("passkey/{purpose}/{}", forms.binding())
}

fn purpose(whose: Whose) -> String {
    match whose {
        Whose::Anybody => "sign-in".into(),
        Whose::Of(user) => format!("factor/{}", user.id),
    }
}

fn seal<S: Serialize>(ctx: &Ctx, forms: &Forms, purpose: &str, state: S) -> Result<String, Internal> {
    let ceremony = Ceremony { mark: ctx.app.challenges.mark(), state };
    let json = serde_json::to_vec(&ceremony).map_err(Internal::fault)?;
    Ok(ctx.app.sealer().seal_cookie(&sealed_for(forms, purpose), &json))
}

/// The state of a ceremony that is still open.
fn open<S: DeserializeOwned>(ctx: &Ctx, forms: &Forms, purpose: &str, sealed: &str) -> Option<Ceremony<S>> {
    let json = ctx.app.sealer().open_cookie(&sealed_for(forms, purpose), sealed)?;
    let ceremony: Ceremony<S> = serde_json::from_slice(&json).ok()?;
    ctx.app.challenges.is_open(&ceremony.mark).then_some(ceremony)
}

/// What a page needs to ask for a passkey. `None` where there can be none: the page goes without.
pub(super) fn ask(ctx: &Ctx, forms: &Forms, whose: Whose, field: &'static str) -> Option<PasskeyAsk> {
    let passkeys = ctx.app.passkeys.as_ref()?;
    let asked = try_ask(ctx, passkeys, forms, whose);
    asked
        .unwrap_or_else(|error| {
            tracing::error!(request = %ctx.req.id, %error, "a page goes without its passkey button");
            None
        })
        .map(|(options, state)| PasskeyAsk { options, state, field })
}

fn try_ask(ctx: &Ctx, passkeys: &Passkeys, forms: &Forms, whose: Whose) -> Result<Option<(String, String)>, Internal> {
    let among = match whose {
        Whose::Anybody => Vec::new(),
        Whose::Of(user) => ctx.app.store.read(|c| passkeys::ids_of_user(c, user.id, passkeys.rp_id()))?,
    };
    if among.is_empty() && matches!(whose, Whose::Of(_)) {
        return Ok(None);
    }
    let (options, state) = passkeys.start_authentication(among)?;
    Ok(Some((options, seal(ctx, forms, &purpose(whose), state)?)))
}

/// Checks an answer. Whatever is wrong with it, a stranger is told the same. Failures are counted apart from those of
/// passwords and codes.
pub(super) fn check(
    ctx: &Ctx,
    forms: &Forms,
    whose: Whose,
    (state, answer): (&str, &str),
) -> Result<Result<Right, SignInProblem>, Internal> {
    let known = match whose {
        Whose::Anybody => None,
        Whose::Of(user) => Some(user),
    };
    let refuse = |user: Option<&User>, reason: &str, problem| {
        ctx.app.recorder.refused(failed(ctx, user, reason));
        Ok(Err(problem))
    };
    let ceremony = open::<Authentication>(ctx, forms, &purpose(whose), state);
    let (Some(passkeys), Some(ceremony)) = (&ctx.app.passkeys, ceremony) else {
        return refuse(
            known,
            "the challenge of a passkey is over, or was answered before",
            SignInProblem::PasskeyTooLate,
        );
    };
    let assertion = Assertion::parse(answer);
    let found = match &assertion {
        Some(assertion) => owner(ctx, passkeys, assertion, whose)?,
        None => None,
    };
    let claimed = found.as_ref().map(|(user, _)| user).or(known);
    let device = match claimed {
        Some(user) => ctx.app.store.read(|c| ctx.known_device(c, user.id))?,
        None => None,
    };
    // Those whom nobody knows share a counter.
    let account = claimed.map_or(Account::Nobody(""), Account::from);
    let begun = ctx.app.throttle.begin_passkey(account, device, ctx.req.client, ctx.now);
    let attempt = match begun {
        Ok(attempt) => attempt,
        Err(wait) => {
            return refuse(claimed, "throttled", SignInProblem::Throttled { wait_seconds: wait.unsigned_abs() });
        }
    };
    let (Some(assertion), Some((user, passkey))) = (assertion, found) else {
        return refuse(known, "no passkey of an active user", SignInProblem::WrongPasskey);
    };
    match passkeys.finish_authentication(&assertion, ceremony.state, &passkey.credential) {
        Ok(_) if !ctx.app.challenges.answer(&ceremony.mark) => {
            refuse(Some(&user), "the challenge of a passkey was answered before", SignInProblem::PasskeyTooLate)
        }
        Ok(Proven { credential, counter, is_synced }) => {
            let used = passkeys::Use { id: passkey.id, credential, counter, is_synced };
            Ok(Ok(Right { user, is_synced, used: Used::Passkey(Box::new(used)), attempt }))
        }
        Err(Refused::Cloned) => {
            let event = ctx.event(PASSKEY_CLONED).user(&user.username).detail("passkey", &passkey.name);
            ctx.app.recorder.refused(event);
            Ok(Err(SignInProblem::ClonedPasskey))
        }
        Err(Refused::Other(reason)) => refuse(Some(&user), reason, SignInProblem::WrongPasskey),
    }
}

/// The active user whose passkey answered, when the answer names that user, and when it is who was asked. Web
/// Authentication level 3, section 7.2 step 6.
fn owner(
    ctx: &Ctx,
    passkeys: &Passkeys,
    assertion: &Assertion,
    whose: Whose,
) -> Result<Option<(User, Passkey)>, Internal> {
    ctx.app.store.read(|c| {
        let Some(passkey) = passkeys::by_credential(c, assertion.credential_id(), passkeys.rp_id())? else {
            return Ok(None);
        };
        let user = users::by_id(c, passkey.user_id)?.filter(|user| user.active);
        let is_named = |user: &User| match (assertion.user(), whose) {
            (Some(named), _) => Uuid::parse_str(&user.uuid).is_ok_and(|uuid| uuid == named),
            (None, Whose::Of(_)) => true,
            (None, Whose::Anybody) => false,
        };
        let is_asked = |user: &User| match whose {
            Whose::Anybody => true,
            Whose::Of(asked) => user.id == asked.id,
        };
        Ok(user.filter(|user| is_named(user) && is_asked(user)).map(|user| (user, passkey)))
    })
}

/// The answer in a form and its state, if the form brings one.
pub(super) fn sent<'a>(form: &'a Params, answer: &str, state: &str) -> Option<(&'a str, &'a str)> {
    let answer = form.first(answer).filter(|answer| !answer.is_empty())?;
    Some((form.first(state).unwrap_or_default(), answer))
}

impl New<'_> {
    fn purpose(self) -> String {
        match self {
            Self::Of(user) => format!("new/{}", user.id),
            Self::Guest(invitation, profile) => format!("invitation/{invitation}/{}", profile.username),
        }
    }
}

/// What a page needs to ask for a new passkey. `None` where there can be none.
pub(super) fn ask_new(ctx: &Ctx, forms: &Forms, whose: New) -> Result<Option<PasskeyAsk>, Internal> {
    let Some(passkeys) = &ctx.app.passkeys else { return Ok(None) };
    let (uuid, username, name, have) = match whose {
        New::Of(user) => {
            let have = ctx.app.store.read(|c| passkeys::ids_of_user(c, user.id, passkeys.rp_id()))?;
            (Uuid::parse_str(&user.uuid).map_err(Internal::fault)?, &user.username, &user.name, have)
        }
        New::Guest(_, profile) => (Uuid::from_bytes(random::bytes()), &profile.username, &profile.name, Vec::new()),
    };
    let name = if name.is_empty() { username } else { name };
    let brand = ctx.brand();
    let (options, registration) = passkeys.start_registration((uuid, username, name), brand.name(), have)?;
    let state = seal(ctx, forms, &whose.purpose(), Asked { user: uuid, registration })?;
    Ok(Some(PasskeyAsk { options, state, field: FIELD }))
}

/// The passkey that a browser made, under this name, and the id that it knows its user by. `None` when it is none, or was
/// not asked for just now.
pub(super) fn made(ctx: &Ctx, forms: &Forms, whose: New, name: String, form: &Params) -> Option<(Uuid, NewPasskey)> {
    let (state, answer) = sent(form, FIELD, STATE)?;
    let passkeys = ctx.app.passkeys.as_ref()?;
    let ceremony = open::<Asked>(ctx, forms, &whose.purpose(), state)?;
    let made = passkeys.finish_registration(answer, &ceremony.state.registration);
    let made = made.inspect_err(|error| tracing::info!(request = %ctx.req.id, %error, "a new passkey was not taken"));
    let made = made.ok().filter(|_| ctx.app.challenges.answer(&ceremony.mark))?;
    let new = NewPasskey {
        name,
        credential_id: made.credential_id,
        rp_id: passkeys.rp_id().to_owned(),
        credential: made.credential,
        counter: made.counter,
        is_synced: made.is_synced,
    };
    Some((ceremony.state.user, new))
}

/// What a passkey made in this browser may be called.
pub(super) fn suggested_name(ctx: &Ctx) -> String {
    let device = shown(&device::in_words(ctx.req.header("user-agent").unwrap_or_default())).trim().to_owned();
    if device.is_empty() { ctx.lang.say("passkey") } else { device }
}
