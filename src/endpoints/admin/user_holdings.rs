//! Directory > Users: ends a user's sessions, and what applications hold of the user.

use crate::acts::{Whose, holdings as acts, known_devices as device_acts};
use crate::http::Params;
use crate::words::Words;

use super::users::{done, find};
use crate::endpoints::guard::Administrator;
use crate::endpoints::{Answer, Ctx, Failure};

/// POST `/if/admin/users/{id}/sign-out/`: everywhere.
pub fn sign_out(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let user = find(ctx)?;
    acts::sign_out(ctx.app, Whose::Of(user.id, &admin.by))?;
    done(ctx, user.id, &Words::new("user-signed-out").with("name", user.username))
}

/// POST `/if/admin/users/{id}/sign-out-one/`: one session.
pub fn end_session(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    acts::end_session(ctx.app, Whose::Of(user.id, &admin.by), form.first("sid").unwrap_or_default())?;
    done(ctx, user.id, &Words::new("session-ended"))
}

/// POST `/if/admin/users/{id}/forget-device/`: one browser.
pub fn forget_device(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    device_acts::forget(ctx.app, Whose::Of(user.id, &admin.by), form.first("device").unwrap_or_default())?;
    done(ctx, user.id, &Words::new("device-forgotten"))
}

/// POST `/if/admin/users/{id}/forget-devices/`: all of them.
pub fn forget_devices(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let user = find(ctx)?;
    device_acts::forget_all(ctx.app, Whose::Of(user.id, &admin.by))?;
    done(ctx, user.id, &Words::new("devices-forgotten"))
}

/// POST `/if/admin/users/{id}/revoke/`: the consent to one application, and its tokens.
pub fn revoke(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let provider = number(form, "provider")?;
    acts::revoke(ctx.app, Whose::Of(user.id, &admin.by), provider)?;
    done(ctx, user.id, &Words::new("connected-revoked"))
}

/// POST `/if/admin/users/{id}/revoke-token/`: the tokens of one grant.
pub fn revoke_token(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let grant = number(form, "grant")?;
    acts::revoke_token(ctx.app, Whose::Of(user.id, &admin.by), grant)?;
    done(ctx, user.id, &Words::new("token-revoked"))
}

/// POST `/if/admin/users/{id}/revoke-all/`: every consent and token.
pub fn revoke_all(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let user = find(ctx)?;
    acts::revoke_all(ctx.app, Whose::Of(user.id, &admin.by))?;
    done(ctx, user.id, &Words::new("revoked-all"))
}

fn number(form: &Params, field: &str) -> Result<i64, Failure> {
    form.first(field).and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)
}
