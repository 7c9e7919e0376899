//! After a form was taken the browser is sent on to a page (so that "reload" repeats nothing), and that page says what
//! was done. The sentence travels in a sealed cookie, so that no link can put words on a page of ours.

use crate::domain::authorize::AuthorizationRequest;
use crate::domain::problems::Problems;
use crate::http::{Params, Response};
use crate::pages::{Form, Frame, Place, Shell};
use crate::store::users::{self, User};
use crate::words::Words;

use super::context::Ctx;
use super::failure::Failure;
use super::guard::{Administrator, PURPOSE};
use super::logout;
use super::session::SignedIn;

const COOKIE: &str = "latchkey-notice";
/// Seconds; the page follows at once.
const VALID: i64 = 60;

impl Ctx<'_> {
    /// Goes on to `to`, which says what was done.
    pub fn done(&self, to: impl Into<String>, words: &Words) -> Response {
        Response::see_other(to).header("Set-Cookie", self.notice_cookie(words))
    }

    /// Has the next page that shows notices say this.
    pub fn notice_cookie(&self, words: &Words) -> String {
        let sealed = self.app.sealer().seal_cookie(COOKIE, words.said(self.lang).as_bytes());
        self.set_cookie(COOKIE, &sealed, VALID)
    }

    /// What was just done, if the browser brings a notice of it.
    pub fn notice(&self) -> Option<String> {
        String::from_utf8(self.app.sealer().open_cookie(COOKIE, &self.cookie(COOKIE)?)?).ok()
    }

    /// A page that could show a notice has shown it.
    pub fn without_notice(&self, response: Response) -> Response {
        match self.cookie(COOKIE) {
            Some(_) if response.status == 200 => response.header("Set-Cookie", self.set_cookie(COOKIE, "", 0)),
            _ => response,
        }
    }

    pub fn shell(&self) -> Shell {
        Shell { lang: self.lang, brand: self.brand() }
    }

    /// The language of a page for a user.
    pub fn shell_of(&self, user: &User) -> Shell {
        Shell { lang: self.lang_for(None, Some(user)), brand: self.brand() }
    }

    /// The language of a page on the way to an application.
    pub fn shell_for(&self, request: &AuthorizationRequest, user: Option<&User>) -> Shell {
        Shell { lang: self.lang_for(request.ui_locales.as_deref(), user), brand: self.brand() }
    }

    /// The frame of a page in the Admin interface.
    pub fn admin_frame(&self, admin: &Administrator, place: Place) -> Frame {
        let duty = admin.factor_until.map(|until| {
            let time = self.shell().date_and_time(until);
            Words::new("administrator-factor-until").with("time", time).said(self.lang)
        });
        Frame { duty, ..self.frame(&admin.who, place, true) }
    }

    /// The frame of a page in the User settings.
    pub fn user_frame(&self, who: &SignedIn, place: Place) -> Result<Frame, Failure> {
        let is_administrator = self.app.store.read(|c| users::is_administrator(c, who.user.id))?;
        Ok(self.frame(who, place, is_administrator))
    }

    fn frame(&self, who: &SignedIn, place: Place, is_administrator: bool) -> Frame {
        let user = &who.user;
        Frame {
            who: if user.name.is_empty() { user.username.clone() } else { user.name.clone() },
            is_administrator,
            place,
            form_token: self.form_token(&who.forms(), PURPOSE),
            sign_out_token: self.form_token(&who.forms(), logout::PURPOSE),
            notice: self.notice(),
            duty: None,
        }
    }

    /// A form of the two interfaces, with what stands in it.
    pub fn form(&self, frame: &Frame, values: Params) -> Form {
        Form::new(self.lang, frame.form_token.clone()).filled(values)
    }
}

/// The problems of an act whose form is shown again; anything else is no matter of the form.
pub fn problems(error: crate::acts::ActError) -> Result<Problems, Failure> {
    match Failure::from(error) {
        Failure::Refused(problems) => Ok(problems),
        other => Err(other),
    }
}
