//! The page behind a recovery link: a new password for one user, once.

use crate::acts::holdings::sign_out_everywhere;
use crate::acts::users::{RECOVERY_VALID, password_rule};
use crate::crypto::digest::secret_hash;
use crate::domain::password::NewPassword;
use crate::error::Internal;
use crate::http::Response;
use crate::pages::{Notice, Recovery, RecoveryProblems};
use crate::store::events::Event;
use crate::store::links::{self, Factors};
use crate::store::users::{self, User};
use crate::store::{factors, known_devices};
use crate::words::Words;

use super::Answer;
use super::context::Ctx;
use super::notices::Notice as Told;

const COOKIE: &str = "latchkey-recovery";
const PURPOSE: &str = "recovery";

/// GET `/recovery/`: with a token in the query, swaps it for a cookie, so that it stays in no history and no log.
pub fn show(ctx: &Ctx) -> Answer {
    if let Some(token) = ctx.req.query_params().first("token") {
        if user(ctx, token)?.is_none() {
            return Ok(invalid(ctx));
        }
        let sealed = ctx.app.sealer().seal_cookie(COOKIE, token.as_bytes());
        let cookie = ctx.set_cookie(COOKIE, &sealed, RECOVERY_VALID);
        return Ok(Response::see_other("/recovery/").header("Set-Cookie", cookie));
    }
    let Some(token) = token(ctx) else { return Ok(invalid(ctx)) };
    match user(ctx, &token)? {
        Some((user, factors)) => page(ctx, (&user, factors), RecoveryProblems::default(), 200),
        None => Ok(invalid(ctx)),
    }
}

fn invalid(ctx: &Ctx) -> Response {
    Response::html(403, Notice::recovery_link_invalid().render(&ctx.shell()))
}

fn token(ctx: &Ctx) -> Option<String> {
    String::from_utf8(ctx.app.sealer().open_cookie(COOKIE, &ctx.cookie(COOKIE)?)?).ok()
}

fn user(ctx: &Ctx, token: &str) -> Result<Option<(User, Factors)>, Internal> {
    let hash = secret_hash(token);
    ctx.app.store.read(|c| match links::recovery_user(c, &hash, ctx.now)? {
        Some((id, factors)) => Ok(users::by_id(c, id)?.filter(|u| u.active).map(|user| (user, factors))),
        None => Ok(None),
    })
}

fn page(ctx: &Ctx, (user, link): (&User, Factors), problems: RecoveryProblems, status: u16) -> Answer {
    let forms = ctx.anonymous_forms();
    let page = Recovery {
        ui: &ctx.shell_of(user),
        action: "/recovery/",
        form_token: &ctx.form_token(&forms, PURPOSE),
        username: &user.username,
        drops_factors: link == Factors::Dropped,
        least: ctx.settings()?.password_minimum,
        problems,
    };
    Ok(forms.seal(Response::html(status, page.render())))
}

/// POST `/recovery/`. Ends every session and every token of the user: whoever made the reset necessary is out.
pub fn submit(ctx: &Ctx) -> Answer {
    let Some(token) = token(ctx) else { return Ok(invalid(ctx)) };
    let Some((user, link)) = user(ctx, &token)? else { return Ok(invalid(ctx)) };
    let form = ctx.own_form(&ctx.anonymous_forms(), PURPOSE).map_err(|p| p.page(ctx))?;
    let field = |name| form.first(name).unwrap_or_default();
    if field("password") != field("password_again") {
        let words = Words::new("passwords-differ").said(ctx.lang);
        let problems = RecoveryProblems { password_again: Some(&words), ..RecoveryProblems::default() };
        return page(ctx, (&user, link), problems, 422);
    }
    let rule = password_rule(ctx.app, &user.username, user.email.as_deref())?.named(&user.name);
    let password = match NewPassword::parse(field("password"), &rule) {
        Ok(password) => password,
        Err(error) => {
            let words = Words::from(error).said(ctx.lang);
            let problems = RecoveryProblems { password: Some(&words), ..RecoveryProblems::default() };
            return page(ctx, (&user, link), problems, 422);
        }
    };
    let password_hash = ctx.app.passwords.hash(password.as_str())?;
    let event = ctx.event("password_set").user(&user.username).detail("by", "recovery link");
    let (hash, now, owner) = (secret_hash(&token), ctx.now, user.clone());
    let used = ctx.app.store.write(move |tx| {
        if !links::consume(tx, &hash)? {
            return Ok::<_, Internal>(false);
        }
        links::delete_recovery(tx, user.id)?;
        users::set_password(tx, user.id, &password_hash, now)?;
        if link == Factors::Dropped {
            factors::delete_all(tx, user.id)?;
            Event { kind: "factors_removed".into(), ..event.clone() }.store(tx)?;
        }
        sign_out_everywhere(tx, user.id)?;
        known_devices::delete_of_user(tx, user.id)?;
        event.store(tx)?;
        Ok(true)
    })?;
    if !used {
        return Ok(invalid(ctx));
    }
    ctx.tell(&owner, Told::PasswordReset);
    if link == Factors::Dropped {
        ctx.tell(&owner, Told::FactorsRemoved);
    }
    let response = Response::html(200, Notice::password_set().render(&ctx.shell()));
    Ok(response.header("Set-Cookie", ctx.set_cookie(COOKIE, "", 0)))
}
