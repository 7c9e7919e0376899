//! Where pictures are uploaded: a page each that stands by itself, so that a refusal loses nothing that was typed into
//! another form.

use crate::acts::icons as acts;
use crate::acts::{Act, ActError, Whose};
use crate::domain::brand::LOGO;
use crate::domain::icon::BadIcon;
use crate::domain::problems::Problems;
use crate::http::{Params, Response};
use crate::pages::{Frame, Place, Upload, UploadPage, UploadSubject};
use crate::store::{applications, settings, users};
use crate::words::Words;

use super::guard::Administrator;
use super::notice::problems;
use super::session::SignedIn;
use super::{Answer, Ctx, Failure};

/// What a page of this kind is about.
struct About {
    subject: UploadSubject,
    /// The page that leads here, and that is gone back to.
    back: String,
    /// Whose it is; empty for the brand.
    name: String,
    present: Option<String>,
}

/// GET `/if/admin/applications/{id}/icon/`.
pub fn show_icon(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, ctx.admin_frame(admin, Place::Applications), of_application(ctx)?, Problems::default())
}

/// POST `/if/admin/applications/{id}/icon/`.
pub fn take_icon(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let (about, id) = (of_application(ctx)?, ctx.id()?);
    let frame = ctx.admin_frame(admin, Place::Applications);
    take(ctx, frame, about, form, |file| acts::set_icon(ctx.app, &admin.by, id, file))
}

fn of_application(ctx: &Ctx) -> Result<About, Failure> {
    let id = ctx.id()?;
    let a = ctx.app.store.read(|c| applications::by_id(c, id))?.ok_or(Failure::NotFound)?;
    let back = format!("/if/admin/applications/{id}/");
    Ok(About { subject: UploadSubject::Icon, back, name: a.name, present: a.icon })
}

/// GET `/if/admin/users/{id}/picture/`.
pub fn show_picture(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, ctx.admin_frame(admin, Place::Users), of_user(ctx)?, Problems::default())
}

/// POST `/if/admin/users/{id}/picture/`.
pub fn take_picture(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let (about, id) = (of_user(ctx)?, ctx.id()?);
    let frame = ctx.admin_frame(admin, Place::Users);
    take(ctx, frame, about, form, |file| acts::set_picture(ctx.app, Whose::Of(id, &admin.by), file))
}

fn of_user(ctx: &Ctx) -> Result<About, Failure> {
    let id = ctx.id()?;
    let user = ctx.app.store.read(|c| users::by_id(c, id))?.ok_or(Failure::NotFound)?;
    let back = format!("/if/admin/users/{id}/");
    Ok(About { subject: UploadSubject::Picture, back, name: user.username, present: user.picture })
}

/// GET `/if/admin/settings/logo/`.
pub fn show_logo(ctx: &Ctx, admin: &Administrator) -> Answer {
    page(ctx, ctx.admin_frame(admin, Place::Settings), of_brand(ctx)?, Problems::default())
}

/// POST `/if/admin/settings/logo/`.
pub fn take_logo(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let about = of_brand(ctx)?;
    take(ctx, ctx.admin_frame(admin, Place::Settings), about, form, |file| acts::set_logo(ctx.app, &admin.by, file))
}

fn of_brand(ctx: &Ctx) -> Result<About, Failure> {
    let present = ctx.app.store.read(|c| settings::get(c, LOGO))?;
    Ok(About { subject: UploadSubject::Logo, back: "/if/admin/settings/".into(), name: String::new(), present })
}

/// GET `/if/user/picture/`.
pub fn show_own_picture(ctx: &Ctx, who: &SignedIn) -> Answer {
    page(ctx, ctx.user_frame(who, Place::Details)?, own(who), Problems::default())
}

/// POST `/if/user/picture/`.
pub fn take_own_picture(ctx: &Ctx, who: &SignedIn, form: &Params) -> Answer {
    let frame = ctx.user_frame(who, Place::Details)?;
    let whose = Whose::Own(&who.user, ctx.event(""));
    take(ctx, frame, own(who), form, |file| acts::set_picture(ctx.app, whose, file))
}

fn own(who: &SignedIn) -> About {
    let (name, present) = (who.user.username.clone(), who.user.picture.clone());
    About { subject: UploadSubject::Picture, back: "/if/user/".into(), name, present }
}

/// Does what the form asks for: takes the file, or removes what there is.
fn take(ctx: &Ctx, frame: Frame, about: About, form: &Params, set: impl FnOnce(Option<&[u8]>) -> Act<()>) -> Answer {
    let is_removal = form.has("remove");
    let sent = ctx.req.multipart().and_then(Result::ok);
    let done = match sent.as_ref().and_then(|s| s.file("file")) {
        _ if is_removal => set(None),
        Some(file) => set(Some(file)),
        None => Err(ActError::refused("file", BadIcon::Empty)),
    };
    match done {
        Ok(()) => Ok(ctx.done(about.back, &Words::new(about.subject.done(is_removal)))),
        Err(error) => page(ctx, frame, about, problems(error)?),
    }
}

fn page(ctx: &Ctx, frame: Frame, about: About, wrong: Problems) -> Answer {
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, Params::default()).wrong(wrong);
    let upload = Upload::new(&form, about.subject, ctx.req.path.clone(), about.present.as_deref(), &about.name);
    let page = UploadPage {
        ui: &ctx.shell(),
        frame: &frame,
        subject: about.subject,
        name: &about.name,
        upload,
        back: &about.back,
    };
    Ok(Response::html(status, page.render()))
}
