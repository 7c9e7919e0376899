//! What must still happen before a code may be given (OpenID Connect Core section 3.1.2.3).

use serde::{Deserialize, Serialize};

use super::AuthorizationRequest;
use crate::domain::{UnixSeconds, methods};

/// What the rules need to know of the session of the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    pub user_id: i64,
    pub auth_time: UnixSeconds,
    /// The user's `sub` as this client knows it.
    pub sub_for_client: String,
    /// The class of the sign-in, and the strongest that the user could reach by what they have (`domain::methods`).
    pub acr: &'static str,
    pub reachable_acr: &'static str,
}

/// What the user did for this very request in this very session; kept in the sealed request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub fresh_login: bool,
    pub account_chosen: bool,
    pub consented: bool,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    SignIn,
    /// What lacks in the session that is there.
    Strengthen,
    ChooseAccount,
    Consent,
    /// Back to the client with this error and description.
    Refuse(&'static str, &'static str),
    Issue,
}

/// Decides the next step. `hint_sub` is the subject of a checked id_token_hint.
pub fn next_step(
    request: &AuthorizationRequest,
    session: Option<&SessionFacts>,
    done: &Done,
    hint_sub: Option<&str>,
    consent_needed: bool,
    now: UnixSeconds,
) -> Step {
    let silent = request.prompt.none;
    let sign_in = if silent { Step::Refuse("login_required", "the user must sign in first") } else { Step::SignIn };
    let Some(session) = session else { return sign_in };
    // Only the flag of a fresh sign-in satisfies these. Compared times would loop, or let an older sign-in pass,
    // when a clock jumps or the client counts parts of seconds.
    if !done.fresh_login && (request.prompt.login || is_too_old(request, session, now)) {
        return sign_in;
    }
    if names_another(hint_sub, request, session) {
        return match done.fresh_login {
            true => Step::Refuse("login_required", "another user signed in than the one asked for"),
            false => sign_in,
        };
    }
    // OpenID Connect Core section 5.5.1.1: a class that is essential and not reached is a sign-in that failed.
    if let Some(wish) = request.acr_wish().filter(|wish| wish.essential) {
        let wanted = lowest(wish.values.iter().map(String::as_str));
        let is_met = |acr| wanted.is_some_and(|wanted| methods::rank(acr) >= Some(wanted));
        if !is_met(session.acr) {
            return match !done.fresh_login && is_met(session.reachable_acr) {
                true if silent => sign_in,
                true => Step::Strengthen,
                false => Step::Refuse(UNMET, "the user did not sign in by a class that was asked for"),
            };
        }
    }
    // A wish (OpenID Connect Core section 3.1.2.1): it asks once, and is no reason to refuse.
    if !done.fresh_login && !silent && wants_stronger(request, session) {
        return Step::Strengthen;
    }
    if request.prompt.select_account && !done.account_chosen && !done.fresh_login {
        return Step::ChooseAccount;
    }
    if (request.prompt.consent || consent_needed) && !done.consented {
        return match silent {
            true => Step::Refuse("consent_required", "the user must consent first"),
            false => Step::Consent,
        };
    }
    Step::Issue
}

/// The error for a class of sign-in that cannot be had (OpenID Connect Core Error Code unmet_authentication_requirements).
const UNMET: &str = "unmet_authentication_requirements";

/// Whether the client asked for classes of which the sign-in reaches none, and the user could come nearer to one.
fn wants_stronger(request: &AuthorizationRequest, session: &SessionFacts) -> bool {
    let wanted = lowest(request.acrs());
    let (has, could) = (methods::rank(session.acr), methods::rank(session.reachable_acr));
    wanted.is_some_and(|wanted| has < could.min(Some(wanted)))
}

/// The weakest of the classes that are asked for: a stronger one is all that it is.
fn lowest<'a>(classes: impl Iterator<Item = &'a str>) -> Option<usize> {
    classes.filter_map(methods::rank).min()
}

/// OpenID Connect Core section 3.1.2.1: `max_age=0` always asks for a fresh sign-in.
fn is_too_old(request: &AuthorizationRequest, session: &SessionFacts, now: UnixSeconds) -> bool {
    request.max_age.is_some_and(|max_age| {
        let age = u64::try_from(now.saturating_sub(session.auth_time)).unwrap_or_default();
        max_age == 0 || age > max_age
    })
}

/// Whether the client asked for another user, by a hint or by a demanded `sub` claim (OpenID Connect Core sections
/// 3.1.2.1 and 5.5.1).
fn names_another(hint_sub: Option<&str>, request: &AuthorizationRequest, session: &SessionFacts) -> bool {
    let demanded = request.claims.as_ref().and_then(|c| c.sub.as_deref());
    [hint_sub, demanded].into_iter().flatten().any(|sub| sub != session.sub_for_client)
}
