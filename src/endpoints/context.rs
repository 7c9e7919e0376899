//! The context of one request: the application, the time, cookies, form tokens.

use std::cell::OnceCell;

use crate::app::App;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::settings::Settings;
use crate::error::Internal;
use crate::http::{Params, Request, Response};
use crate::pages::ErrorPage;
use crate::recorder;
use crate::store::events::Event;
use crate::store::users::User;
use crate::words::{self, Lang};

use super::failure::Failure;

/// One request on its way through a handler. The clock was read once.
pub struct Ctx<'a> {
    pub app: &'a App,
    pub req: &'a Request,
    pub now: UnixSeconds,
    /// The `{slug}` of the path, where the route has one.
    pub slug: Option<&'a str>,
    /// The `{id}` or `{kid}` of the path, as it stands there.
    pub id: Option<&'a str>,
    /// What the reader reads.
    pub lang: Lang,
    /// What the request itself asks for, by `ui_locales`.
    pub asked: Option<Lang>,
    /// The settings as they were when this request first asked for them.
    pub settings: OnceCell<Settings>,
}

/// The name of the cookie that our forms' tokens are bound to before anybody is signed in.
const FORM_COOKIE: &str = "latchkey-form";

/// How the forms of this request are protected: `binding` ties their tokens to the browser, and `set_cookie` makes
/// the tie where there was none.
pub struct Forms {
    binding: String,
    set_cookie: Option<String>,
}

impl Forms {
    /// What is the same for every page of this browser, or of this session.
    pub(super) fn binding(&self) -> &str {
        &self.binding
    }

    /// Adds the cookie that the form's token is bound to, if the browser has none yet.
    pub fn seal(self, response: Response) -> Response {
        match self.set_cookie {
            Some(cookie) => response.header("Set-Cookie", cookie),
            None => response,
        }
    }
}

impl Ctx<'_> {
    /// The settings that hold for this request: they are read once.
    pub fn settings(&self) -> Result<&Settings, Internal> {
        match self.settings.get() {
            Some(settings) => Ok(settings),
            None => self.app.settings().map(|read| self.settings.get_or_init(|| read)),
        }
    }

    /// The number that the path names. What is no number names nothing.
    pub fn id(&self) -> Result<i64, Failure> {
        self.id.and_then(|id| id.parse().ok()).ok_or(Failure::NotFound)
    }

    /// The language of a page: what the client asked for (OpenID Connect Core section 3.1.2.1), else what the user set,
    /// else what the browser says.
    pub fn lang_for(&self, ui_locales: Option<&str>, user: Option<&User>) -> Lang {
        let asked = words::from_tags(ui_locales.unwrap_or_default().split(' ')).or(self.asked);
        let own = || words::from_tags(user?.locale.as_deref());
        asked.or_else(own).unwrap_or(self.lang)
    }

    /// An error page.
    pub fn error(&self, page: &ErrorPage) -> Response {
        Response::html(page.status, page.render(&self.shell()))
    }

    /// An event of this request.
    pub fn event(&self, kind: &str) -> Event {
        recorder::event(kind, self.req, self.now)
    }

    /// Full name of a cookie of ours. `__Host-` makes browsers refuse it from a sibling domain or over http.
    pub fn cookie_name(&self, name: &str) -> String {
        if self.app.base.is_https() { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// The value of a cookie of ours.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.req.cookie(&self.cookie_name(name))
    }

    /// A Set-Cookie value. `max_age` in seconds; 0 removes the cookie.
    pub fn set_cookie(&self, name: &str, value: &str, max_age: i64) -> String {
        let secure = if self.app.base.is_https() { "; Secure" } else { "" };
        let name = self.cookie_name(name);
        format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
    }

    /// The form protection of a page for somebody who is not signed in.
    pub fn anonymous_forms(&self) -> Forms {
        match self.cookie(FORM_COOKIE).filter(|v| v.len() == 43) {
            Some(binding) => Forms { binding, set_cookie: None },
            None => {
                let binding = random::token();
                let set_cookie = Some(self.set_cookie(FORM_COOKIE, &binding, 86_400));
                Forms { binding, set_cookie }
            }
        }
    }

    /// The token of a form. It is bound to the browser (session or form cookie) and to what the form is for.
    pub fn form_token(&self, forms: &Forms, purpose: &str) -> String {
        self.app.sealer().form_token(&format!("{purpose}\0{}", forms.binding))
    }

    /// The parameters of a form of ours, posted by a page of ours.
    pub fn own_form(&self, forms: &Forms, purpose: &str) -> Result<Params, FormProblem> {
        if !self.is_same_origin() {
            return Err(FormProblem::OtherOrigin);
        }
        if forms.set_cookie.is_some() {
            return Err(FormProblem::NoCookie);
        }
        let form = self.req.form().or_else(|| self.fields()).ok_or(FormProblem::NotAForm)?;
        let token = form.first("form_token").unwrap_or_default();
        if self.app.sealer().form_token_matches(&format!("{purpose}\0{}", forms.binding), token) {
            Ok(form)
        } else {
            Err(FormProblem::Expired)
        }
    }

    /// The fields of a form with files. Whoever takes a file asks the request for it again.
    fn fields(&self) -> Option<Params> {
        let form = self.req.multipart()?;
        form.inspect_err(|error| tracing::debug!(request = %self.req.id, %error, "a form was not read"))
            .ok()
            .map(|f| f.fields)
    }

    /// Whether a POST comes from a page of ours, as far as the browser says. Our pages send no referrer, for which
    /// browsers write `Origin: null`; the form token decides then.
    fn is_same_origin(&self) -> bool {
        let site = self.req.header("sec-fetch-site").is_none_or(|s| s == "same-origin" || s == "none");
        let origin = self.req.header("origin").is_none_or(|o| o == "null" || o == self.app.base.as_str());
        site && origin
    }
}

/// Why a form was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormProblem {
    OtherOrigin,
    NoCookie,
    NotAForm,
    Expired,
}

impl FormProblem {
    /// The page for forms that cannot simply be shown again.
    pub fn page(self, ctx: &Ctx) -> Failure {
        Failure::from(ctx.error(&ErrorPage::form_expired(&ctx.req.id.0)))
    }
}

impl Forms {
    /// The form protection of a page for somebody who is signed in: bound to the session.
    pub(super) fn of_session(session_hash: &[u8; 32]) -> Self {
        use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
        Self { binding: BASE64_URL_SAFE_NO_PAD.encode(session_hash), set_cookie: None }
    }
}
