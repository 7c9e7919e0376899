//! What a sign-in is for, and its end: the session starts, and the browser goes on.

use crate::acts::factors::{Evidence, Used};
use crate::domain::local_path::LocalPath;
use crate::domain::{UnixSeconds, methods};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{Continue, Shell};
use crate::store::known_devices::{self, KnownDevice};
use crate::store::sessions::Session;
use crate::store::users::User;
use crate::store::{Tx, events, factors};

use super::context::Ctx;
use super::failure::Failure;
use super::notices::Notice;
use super::pending::{Pending, take_up};
use super::second_factor;
use super::session::SignedIn;

/// The steps of a sign-in.
pub(super) const LOGIN: &str = "/login/";
pub(super) const SECOND_FACTOR: &str = "/login/second-factor/";
pub(super) const LOST_PASSKEY: &str = "/login/lost-passkey/";

/// What a sign-in is for.
pub(super) enum Goal {
    /// An application waits for its answer.
    Flow(Box<Pending>),
    /// A page of ours.
    Page(LocalPath),
}

impl Goal {
    /// From the query: `flow`, else `next`. `None` when the flow is over.
    pub(super) fn of(ctx: &Ctx) -> Result<Option<Self>, Failure> {
        let query = ctx.req.query_params();
        if query.has("flow") {
            return Ok(take_up(ctx)?.map(|p| Self::Flow(Box::new(p))));
        }
        let next = query.first("next").and_then(LocalPath::parse);
        Ok(LocalPath::parse("/").map(|home| Self::Page(next.unwrap_or(home))))
    }

    pub(super) fn application(&self) -> Option<&str> {
        match self {
            Self::Flow(p) => Some(&p.client.application.name),
            Self::Page(_) => None,
        }
    }

    pub(super) fn shell(&self, ctx: &Ctx, user: Option<&User>) -> Shell {
        match self {
            Self::Flow(p) => ctx.shell_for(&p.flow.request, user),
            Self::Page(_) => ctx.shell(),
        }
    }

    /// The address of a step of this sign-in.
    pub(super) fn at(&self, step: &str) -> String {
        match self {
            Self::Flow(p) => format!("{step}?flow={}", p.id.as_str()),
            Self::Page(path) if path.as_str() == "/" => step.into(),
            Self::Page(path) => {
                let next: String = form_urlencoded::byte_serialize(path.as_str().as_bytes()).collect();
                format!("{step}?next={next}")
            }
        }
    }

    /// Where it goes on.
    pub(super) fn onward(&self) -> String {
        match self {
            Self::Flow(p) => format!("/consent/?flow={}", p.id.as_str()),
            Self::Page(path) => path.as_str().to_owned(),
        }
    }

    /// Whether the client asks for more than a session that is there, or that a remembered browser could have.
    pub(super) fn asks_for_proof(&self) -> bool {
        match self {
            Self::Flow(p) => self.asks_for_sign_in() || p.flow.request.asks_for_class(),
            Self::Page(_) => false,
        }
    }

    /// Whether the client asks for a sign-in anew, from its beginning.
    pub(super) fn asks_for_sign_in(&self) -> bool {
        match self {
            Self::Flow(p) => p.flow.request.prompt.login || p.flow.request.max_age.is_some(),
            Self::Page(_) => false,
        }
    }

    pub(super) fn hint(&self) -> &str {
        match self {
            Self::Flow(p) => p.flow.request.login_hint.as_deref().unwrap_or_default(),
            Self::Page(_) => "",
        }
    }
}

/// What somebody proved.
pub(super) struct Proof {
    /// The methods, as in `domain::methods`.
    pub amr: String,
    /// How the event tells of it.
    pub method: &'static str,
    pub evidence: Evidence,
    /// Whether a password is enough in this browser from now on, for as long as the settings say.
    pub remember: bool,
}

/// Starts the session and goes on. One commit. `None` when what was proven does not hold any more: it was used up, or the
/// user got another password, lost the factor or was disabled meanwhile.
pub(super) fn start(
    ctx: &Ctx,
    goal: &mut Goal,
    user: &User,
    proof: Proof,
    before: Option<&SignedIn>,
) -> Result<Option<Response>, Failure> {
    let (session, secret) = ctx.new_session(user.id, &proof.amr, before);
    let by_recovery_code = proof.evidence.is_recovery_code();
    let added = match &proof.evidence.used {
        Used::Replaced(_, new) => {
            let event = ctx.event("passkey_added").user(&user.username).detail("passkey", &new.name);
            Some(event.detail("by", "recovery code"))
        }
        _ => None,
    };
    let has_added = added.is_some();
    let mut event = ctx.event("login").user(&user.username).detail("method", proof.method);
    if let Goal::Flow(pending) = goal {
        event =
            event.client(&pending.client.provider.client_id).detail("application", &pending.client.application.slug);
    }
    let mut device = ctx.sign_in_device(user.id)?;
    if let Some(time) = ctx.settings()?.remember_browser.filter(|_| proof.remember) {
        device.row.remembered_until = Some(ctx.now + time);
        event = event.detail("browser", "remembered");
    }
    if device.is_new {
        event = event.detail("device", "new");
    }
    let (old, seen) = (before.map(|b| b.session.clone()), device.row.clone());
    let (new, waiting, now) = (session.clone(), ctx.app.recorder.take(), ctx.now);
    let started = ctx.app.store.write(move |tx| {
        let is_good = is_enough(tx, &new, &seen, now)? && proof.evidence.take(tx, new.user_id, now)?;
        waiting.iter().try_for_each(|e| events::insert(tx, e))?;
        if !is_good {
            return Ok::<_, Internal>(false);
        }
        Ctx::replace_session(tx, old.as_ref(), &new)?;
        known_devices::seen(tx, &seen, now)?;
        added.into_iter().chain([event]).try_for_each(|event| event.store(tx))?;
        Ok(true)
    })?;
    if !started {
        return Ok(None);
    }
    if device.is_unknown {
        ctx.tell(user, Notice::UnknownDevice);
    }
    if by_recovery_code {
        ctx.tell(user, Notice::RecoveryCodeUsed);
    }
    if has_added {
        ctx.tell(user, Notice::FactorAdded("passkey"));
    }
    ctx.app.metrics.sign_ins.count("success");
    if let Goal::Flow(pending) = goal {
        pending.flow.mark(&session.hash, |done| done.fresh_login = true);
    }
    let response =
        onward(ctx, goal).header("Set-Cookie", ctx.session_cookie(&secret)?).header("Set-Cookie", device.cookie);
    let response = second_factor::forget(ctx, response);
    Ok(Some(match goal {
        Goal::Flow(pending) => ctx.keep_flow(&pending.id, &pending.flow, response),
        Goal::Page(_) => response,
    }))
}

/// Whether a session of one factor may begin: none was added meanwhile, unless this browser stands for it.
fn is_enough(tx: &Tx, session: &Session, browser: &KnownDevice, now: UnixSeconds) -> Result<bool, Internal> {
    Ok(methods::is_multi_factor(&session.amr)
        || !factors::of_user(tx, session.user_id)?.second_factor()
        || known_devices::is_remembered(tx, &browser.hash, session.user_id, now)?)
}

/// A page of our own that leads on, because browsers hold redirects that follow a form against `form-action`.
pub(super) fn onward(ctx: &Ctx, goal: &Goal) -> Response {
    Response::html(
        200,
        Continue { ui: &goal.shell(ctx, None), application: goal.application(), target: &goal.onward() }.render(),
    )
}
