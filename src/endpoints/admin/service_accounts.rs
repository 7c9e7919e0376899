//! Directory > Users > service accounts, and their app passwords.

use crate::acts::service_accounts as acts;
use crate::domain::problems::Problems;
use crate::http::{Params, Response};
use crate::pages::Place;
use crate::pages::admin::NewServiceAccount;
use crate::words::Words;

use super::users::{Again, done, find, page};
use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

/// GET `/if/admin/users/new-service-account/`.
pub fn new(ctx: &Ctx, admin: &Administrator) -> Answer {
    new_page(ctx, admin, Params::default(), Problems::default())
}

/// POST `/if/admin/users/new-service-account/`.
pub fn create(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    match acts::create(ctx.app, &admin.by, form, &[]) {
        Ok(id) => {
            let name = form.first("username").unwrap_or_default().trim();
            done(ctx, id, &Words::new("service-account-created").with("name", name))
        }
        Err(error) => new_page(ctx, admin, form.clone(), problems(error)?),
    }
}

fn new_page(ctx: &Ctx, admin: &Administrator, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Users));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let page = NewServiceAccount { ui: &ui, form: &ctx.form(&frame, values).wrong(wrong), frame: &frame };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/admin/users/{id}/app-passwords/`: it stands in this one answer.
pub fn new_app_password(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let user = find(ctx)?;
    let again = match acts::new_app_password(ctx.app, &admin.by, user.id, form) {
        Ok(made) => Again { app_password: Some(made), ..Again::default() },
        Err(error) => Again { new_app_password: Some((form.clone(), problems(error)?)), ..Again::default() },
    };
    page(ctx, admin, user, again)
}

/// POST `/if/admin/users/{id}/app-passwords/revoke/`.
pub fn revoke_app_password(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let (user, id) = (ctx.id()?, form.first("app_password").and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)?);
    let label = acts::revoke_app_password(ctx.app, &admin.by, user, id)?;
    done(ctx, user, &Words::new("app-password-revoked").with("name", label))
}
