//! First run: a one-time link opens the page that creates the first administrator. Closed for ever afterwards.

use crate::acts::administrators;
use crate::acts::users::password_rule;
use crate::app::App;
use crate::crypto::digest::secret_hash;
use crate::crypto::random;
use crate::domain::names::{DisplayName, Email, Username};
use crate::domain::password::{NewPassword, PasswordRule};
use crate::domain::{UnixSeconds, methods};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::{Continue, Notice, Setup, SetupProblems};
use crate::store::known_devices::{self, KnownDevice};
use crate::store::links::{self, Purpose};
use crate::store::meta;
use crate::store::sessions::{self, Session};
use crate::store::users::{self, Profile, Taken};
use crate::words::{Lang, Words};

use super::Answer;
use super::context::Ctx;
use super::login::NOBODY;

/// How long a setup link works, in seconds.
pub const LINK_VALID: UnixSeconds = 3_600;
const COOKIE: &str = "latchkey-setup";
const PURPOSE: &str = "setup";

/// Whether the first administrator has been made.
pub fn is_closed(app: &App) -> Result<bool, Internal> {
    Ok(app.store.read(|c| meta::get(c, meta::SETUP_CLOSED_AT))?.is_some())
}

/// Makes a new link; an older one stops working. `None` when setup is closed.
pub fn new_link(app: &App) -> Result<Option<String>, Internal> {
    let (token, now) = (random::token(), app.clock.now());
    let hash = secret_hash(&token);
    let made = app.store.write(move |tx| {
        if meta::get(tx, meta::SETUP_CLOSED_AT)?.is_some() {
            return Ok::<_, Internal>(false);
        }
        links::insert(tx, &hash, Purpose::Setup, now, now + LINK_VALID)?;
        Ok(true)
    })?;
    Ok(made.then(|| app.base.join(&format!("/setup/?token={token}"))))
}

/// GET `/setup/`: with a token in the query, swaps it for a cookie, so that it stays in no history and no log.
pub fn show(ctx: &Ctx) -> Answer {
    if is_closed(ctx.app)? {
        return Ok(Response::html(404, Notice::setup_closed().render(&ctx.shell())));
    }
    if let Some(token) = ctx.req.query_params().first("token") {
        if !link_is_valid(ctx, token)? {
            return Ok(invalid(ctx));
        }
        let sealed = ctx.app.sealer().seal_cookie(COOKIE, token.as_bytes());
        return Ok(Response::see_other("/setup/").header("Set-Cookie", ctx.set_cookie(COOKIE, &sealed, LINK_VALID)));
    }
    match token(ctx) {
        Some(token) if link_is_valid(ctx, &token)? => page(ctx, &Params::default(), SetupProblems::default(), 200),
        _ => Ok(invalid(ctx)),
    }
}

fn invalid(ctx: &Ctx) -> Response {
    Response::html(403, Notice::setup_link_invalid().render(&ctx.shell()))
}

fn token(ctx: &Ctx) -> Option<String> {
    String::from_utf8(ctx.app.sealer().open_cookie(COOKIE, &ctx.cookie(COOKIE)?)?).ok()
}

fn link_is_valid(ctx: &Ctx, token: &str) -> Result<bool, Internal> {
    ctx.app.store.read(|c| links::setup_is_valid(c, &secret_hash(token), ctx.now))
}

fn page(ctx: &Ctx, form: &Params, problems: SetupProblems, status: u16) -> Answer {
    let forms = ctx.anonymous_forms();
    let field = |name| form.first(name).unwrap_or_default();
    let page = Setup {
        ui: &ctx.shell(),
        action: "/setup/",
        form_token: &ctx.form_token(&forms, PURPOSE),
        username: field("username"),
        name: field("name"),
        email: field("email"),
        least: ctx.settings()?.password_minimum,
        problems,
    };
    Ok(forms.seal(Response::html(status, page.render())))
}

/// POST `/setup/`.
pub fn submit(ctx: &Ctx) -> Answer {
    if is_closed(ctx.app)? {
        return Ok(Response::html(404, Notice::setup_closed().render(&ctx.shell())));
    }
    let token = match token(ctx) {
        Some(token) if link_is_valid(ctx, &token)? => token,
        _ => return Ok(invalid(ctx)),
    };
    let form = match ctx.own_form(&ctx.anonymous_forms(), PURPOSE) {
        Ok(form) => form,
        Err(problem) => return Err(problem.page(ctx)),
    };
    let rule = password_rule(ctx.app, form.first("username").unwrap_or_default(), form.first("email"))?;
    let rule = rule.named(form.first("name").unwrap_or_default());
    let (profile, password) = match parse(&form, &rule, ctx.lang) {
        Ok(parsed) => parsed,
        Err(problems) => {
            let problems = problems.shown();
            return page(ctx, &form, problems, 422);
        }
    };
    let password_hash = ctx.app.passwords.hash(password.as_str())?;
    let now = ctx.now;
    let event = ctx.event("setup").user(&profile.username);
    let login = ctx.event("login").user(&profile.username).detail("method", "setup");
    let (session, secret) = ctx.new_session(NOBODY, methods::PASSWORD, None);
    let device = ctx.sign_in_device(NOBODY)?;
    let seen = device.row;
    let (hash, uuid) = (secret_hash(&token), uuid::Uuid::from_bytes(random::bytes()).to_string());
    let created = ctx.app.store.write(move |tx| {
        // The link and the door are looked at again inside the transaction: of parallel attempts one wins.
        if meta::get(tx, meta::SETUP_CLOSED_AT)?.is_some() || !links::consume(tx, &hash)? {
            return Ok(false);
        }
        match users::insert(tx, &profile, &uuid, Some(&password_hash), now)? {
            Err(taken) => Err(SetupError::Taken(taken)),
            Ok(id) => {
                users::claim_email(tx, id)?;
                administrators::close_setup(tx, now)?;
                event.store(tx)?;
                // The new administrator is signed in at once.
                sessions::insert(tx, &Session { user_id: id, ..session })?;
                known_devices::seen(tx, &KnownDevice { user_id: id, ..seen }, now)?;
                login.store(tx)?;
                Ok(true)
            }
        }
    });
    match created {
        Ok(true) => {
            let page = Continue { ui: &ctx.shell(), application: None, target: "/" };
            let response = Response::html(200, page.render()).header("Set-Cookie", ctx.session_cookie(&secret)?);
            let response = response.header("Set-Cookie", device.cookie);
            Ok(response.header("Set-Cookie", ctx.set_cookie(COOKIE, "", 0)))
        }
        Ok(false) => Ok(Response::html(404, Notice::setup_closed().render(&ctx.shell()))),
        Err(SetupError::Taken(taken)) => {
            let words = Words::from(taken).said(ctx.lang);
            let problems = SetupProblems { username: Some(&words), ..SetupProblems::default() };
            page(ctx, &form, problems, 422)
        }
        Err(SetupError::Internal(error)) => Err(error.into()),
    }
}

enum SetupError {
    Taken(Taken),
    Internal(Internal),
}

impl From<Internal> for SetupError {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

/// What is wrong with the form, by field.
#[derive(Default)]
struct Problems {
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    password: Option<String>,
    password_again: Option<String>,
}

impl Problems {
    fn shown(&self) -> SetupProblems<'_> {
        SetupProblems {
            username: self.username.as_deref(),
            name: self.name.as_deref(),
            email: self.email.as_deref(),
            password: self.password.as_deref(),
            password_again: self.password_again.as_deref(),
            ..SetupProblems::default()
        }
    }
}

fn parse(form: &Params, rule: &PasswordRule, lang: Lang) -> Result<(Profile, NewPassword), Problems> {
    let field = |name| form.first(name).unwrap_or_default();
    let mut problems = Problems::default();
    let username = Username::parse(field("username")).map_err(|e| problems.username = Some(Words::from(e).said(lang)));
    let name = match field("name").trim() {
        "" => Ok(None),
        text => DisplayName::parse(text).map(Some).map_err(|e| problems.name = Some(Words::from(e).said(lang))),
    };
    let email = match field("email").trim() {
        "" => Ok(None),
        text => Email::parse(text).map(Some).map_err(|e| problems.email = Some(Words::from(e).said(lang))),
    };
    let password =
        NewPassword::parse(field("password"), rule).map_err(|e| problems.password = Some(Words::from(e).said(lang)));
    if field("password") != field("password_again") {
        problems.password_again = Some(Words::new("passwords-differ").said(lang));
    }
    match (username, name, email, password) {
        (Ok(username), Ok(name), Ok(email), Ok(password)) if problems.password_again.is_none() => {
            let profile = Profile {
                name: name.map_or_else(|| username.as_str().to_owned(), DisplayName::into_string),
                username: username.as_str().to_owned(),
                email: email.map(|e| e.as_str().to_owned()),
                administrator: true,
                ..Profile::default()
            };
            Ok((profile, password))
        }
        _ => Err(problems),
    }
}
