//! Pictures: the icons of applications, the pictures of users, the logo.

use super::{Act, ActError, Admin, Whose};
use crate::app::App;
use crate::domain::UnixSeconds;
use crate::domain::brand::LOGO;
use crate::domain::built_in_icons::{BuiltIn, content_hash};
use crate::domain::icon::{self, Format, Purpose};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::store::applications::Application;
use crate::store::{Tx, applications, icons, settings, users};

/// A file that was looked at.
#[derive(Debug)]
pub struct Checked {
    hash: String,
    content_type: &'static str,
    bytes: Vec<u8>,
}

impl Checked {
    /// An application's icon; what is wrong with it stands at this field.
    pub fn icon(bytes: &[u8], field: &str) -> Result<Self, Problems> {
        let format = icon::inspect(bytes, Purpose::Icon).map_err(|bad| Problems::one(field, bad))?;
        Ok(Self::of_format(bytes, format))
    }

    fn of_format(bytes: &[u8], format: Format) -> Self {
        Self { hash: content_hash(bytes), content_type: format.content_type(), bytes: bytes.to_vec() }
    }

    /// `None`, without a file, takes away what there is.
    fn of(file: Option<&[u8]>, purpose: Purpose) -> Act<Option<Self>> {
        let Some(bytes) = file else { return Ok(None) };
        let format = icon::inspect(bytes, purpose).map_err(|bad| ActError::refused("file", bad))?;
        Ok(Some(Self::of_format(bytes, format)))
    }

    fn store(file: Option<&Self>, tx: &Tx, now: UnixSeconds) -> Result<(), Internal> {
        file.map_or(Ok(()), |f| icons::insert(tx, &f.hash, f.content_type, &f.bytes, now))
    }
}

/// Makes sure that the icon which an application is about to show is stored: the file, if there is one, or one of ours.
pub(super) fn store_icon(
    tx: &Tx,
    a: &mut Application,
    file: Option<Checked>,
    now: UnixSeconds,
) -> Result<(), Internal> {
    if let Some(file) = file {
        a.icon = Some(file.hash.clone());
        return Checked::store(Some(&file), tx, now);
    }
    match a.icon.as_deref().and_then(BuiltIn::by_hash) {
        Some(ours) => icons::insert(tx, &content_hash(ours.svg), Format::Svg.content_type(), ours.svg, now),
        None => Ok(()),
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
    let (id, event) = whose.begin(kind, now);
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
