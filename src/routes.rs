//! THE table: path, methods, what kind of answer, handler. And what every answer of a kind carries.

use std::sync::LazyLock;

use crate::app::App;
use crate::domain::redirect_uri;
use crate::endpoints::{
    Answer, Client, Ctx, Failure, authorize, consent, discovery, end_session, health, home, introspect, login, logout,
    recovery, revoke, setup, token, userinfo,
};
use crate::endpoints::{Audience, error_page};
use crate::error::Internal;
use crate::http::{Body, Method, Request, Response};
use crate::pages::{ErrorPage, assets};
use crate::store::providers;

type Handler = fn(&Ctx) -> Answer;

/// What kind of answer a route gives, and so what guards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML for a person, under the base URL only: cookies and forms belong to that one origin.
    Page,
    /// An OpenID Connect page endpoint: a person's browser, under any Host.
    Browser,
    /// JSON for programs, under any Host; scripts of registered origins may call it.
    Api,
    /// JSON that anybody's script may read.
    Public,
    /// For monitors.
    Plain,
}

/// One line of the table.
pub struct Route {
    /// Without the trailing slash; both forms lead here.
    pub path: &'static str,
    pub kind: Kind,
    pub get: Option<Handler>,
    pub post: Option<Handler>,
}

const fn route(path: &'static str, kind: Kind, get: Option<Handler>, post: Option<Handler>) -> Route {
    Route { path, kind, get, post }
}

/// All routes. `{slug}` is an application's.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("/", Kind::Page, Some(home::show), None),
    route("/login", Kind::Page, Some(login::show), Some(login::submit)),
    route("/consent", Kind::Page, Some(consent::show), Some(consent::submit)),
    route("/logout", Kind::Page, Some(logout::show), Some(logout::submit)),
    route("/setup", Kind::Page, Some(setup::show), Some(setup::submit)),
    route("/recovery", Kind::Page, Some(recovery::show), Some(recovery::submit)),
    route("/application/launch/{slug}", Kind::Page, Some(home::launch), None),
    route("/application/o/authorize", Kind::Page, Some(authorize::authorize), Some(authorize::authorize)),
    route("/application/o/{slug}/end-session", Kind::Page, Some(end_session::end_session), Some(end_session::end_session)),
    route("/application/o/token", Kind::Api, None, Some(token::token)),
    route("/application/o/userinfo", Kind::Api, Some(userinfo::userinfo), Some(userinfo::userinfo)),
    route("/application/o/introspect", Kind::Api, None, Some(introspect::introspect)),
    route("/application/o/revoke", Kind::Api, None, Some(revoke::revoke)),
    route("/application/o/{slug}", Kind::Public, Some(discovery::issuer), None),
    route("/application/o/{slug}/.well-known/openid-configuration", Kind::Public, Some(discovery::configuration), None),
    route("/application/o/{slug}/jwks", Kind::Public, Some(discovery::jwks), None),
    route("/static/{file}", Kind::Public, Some(asset), None),
    route("/healthz", Kind::Plain, Some(health::live), None),
    route("/readyz", Kind::Plain, Some(health::ready), None),
];
