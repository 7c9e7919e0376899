//! Uploaded pictures: the icons of applications, the pictures of users, the logo.

use super::{Act, ActError, Admin};
use crate::app::App;
use crate::crypto::digest::sha256;
use crate::domain::UnixSeconds;
use crate::domain::brand::LOGO;
use crate::domain::icon::{self, Purpose};
use crate::error::Internal;
use crate::store::events::Event;
use crate::store::users::User;
use crate::store::{Tx, applications, icons, settings, users};

/// Whose picture is changed, and by whom.
pub enum Whose<'a> {
    /// The own one. The event is of the request in which the user was signed in.
    Own(&'a User, Event),
    /// A user's, by an administrator.
    Of(i64, &'a Admin),
}

/// A file that was looked at.
struct Checked {
    hash: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Checked {
    /// `None`, without a file, takes away what there is.
    fn of(file: Option<&[u8]>, purpose: Purpose) -> Act<Option<Self>> {
        let Some(bytes) = file else { return Ok(None) };
        let format = icon::inspect(bytes, purpose).map_err(|bad| ActError::refused("file", bad))?;
        let hash = sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { hash, content_type: format.content_type(), bytes: bytes.to_vec() }))
    }

    fn store(file: Option<&Self>, tx: &Tx, now: UnixSeconds) -> Result<(), Internal> {
        file.map_or(Ok(()), |f| icons::insert(tx, &f.hash, f.content_type, &f.bytes, now))
    }
}

/// What the event of a change is called.
fn kind(file: Option<&Checked>, set: &'static str, removed: &'static str) -> &'static str {
    if file.is_some() { set } else { removed }
}

/// Sets or removes the icon of an application.
pub fn set_icon(app: &App, by: &Admin, application: i64, file: Option<&[u8]>) -> Act<()> {
    let (now, file) = (app.clock.now(), Checked::of(file, Purpose::Icon)?);
    let event = by.event(kind(file.as_ref(), "application_icon_set", "application_icon_removed"), now);
    app.store.write(move |tx| {
        let application = applications::by_id(tx, application)?.ok_or(ActError::NotFound)?;
        Checked::store(file.as_ref(), tx, now)?;
        applications::set_icon(tx, application.id, file.as_ref().map(|f| f.hash.as_str()), now)?;
        Ok(event.detail("application", &application.slug).store(tx)?)
    })
}

/// Sets or removes the picture of a user.
pub fn set_picture(app: &App, whose: Whose, file: Option<&[u8]>) -> Act<()> {
    let (now, file) = (app.clock.now(), Checked::of(file, Purpose::Portrait)?);
    let kind = kind(file.as_ref(), "picture_set", "picture_removed");
    let (id, event) = match whose {
        Whose::Own(user, event) => (user.id, Event { kind: kind.into(), ..event }),
        Whose::Of(id, by) => (id, by.event(kind, now)),
    };
    app.store.write(move |tx| {
        let user = users::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        Checked::store(file.as_ref(), tx, now)?;
        users::set_picture(tx, user.id, file.as_ref().map(|f| f.hash.as_str()), now)?;
        Ok(event.user(&user.username).store(tx)?)
    })
}

/// Sets or removes the logo of the brand.
pub fn set_logo(app: &App, by: &Admin, file: Option<&[u8]>) -> Act<()> {
    let (now, file) = (app.clock.now(), Checked::of(file, Purpose::Icon)?);
    let event = by.event(kind(file.as_ref(), "logo_set", "logo_removed"), now);
    app.store.write(move |tx| {
        Checked::store(file.as_ref(), tx, now)?;
        settings::set(tx, LOGO, file.as_ref().map(|f| f.hash.as_str()))?;
        Ok(event.store(tx)?)
    })
}
