//! THE table: path, methods, what kind of answer, handler (whose type says who may call it). And what every answer of a kind carries.

use std::cell::OnceCell;
use std::sync::LazyLock;

use crate::app::App;
use crate::config::Tls;
use crate::domain::names::Slug;
use crate::endpoints::PAGE_CSP;
use crate::endpoints::admin;
use crate::endpoints::guard::{Administrator, Danger};
use crate::endpoints::session::SignedIn;
use crate::endpoints::{
    Answer, Audience, Ctx, Failure, Get, Post, assets, authorize, brand, consent, cors, device, device_page, discovery,
    end_session, health, help, home, icons, introspect, invitation, login, logout, lost_passkey, par, recovery,
    recovery_request, related_origins, revoke, second_factor, setup, token, trust, uploads, user, userinfo,
    verify_email,
};
use crate::http::{Method, Params, Request, Response, Scheme, Via};
use crate::metrics::Place;
use crate::pages::ErrorPage;
use crate::words::{self, Lang};

/// What kind of answer a route gives, and so what guards it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTML for a person, under the base URL only: cookies and forms belong to that one origin.
    Page,
    /// JSON for programs, under any Host; scripts of registered origins may call it.
    Api,
    /// JSON that anybody's script may read.
    Public,
    /// For monitors, and for those who do not trust our https yet: under any Host, in the clear too.
    Plain,
}

/// One line of the table.
pub struct Route {
    /// Without the trailing slash; both forms lead here.
    pub path: &'static str,
    pub kind: Kind,
    pub get: Option<Get>,
    pub post: Option<Post>,
}

type Open = fn(&Ctx) -> Answer;
type ShowUser = fn(&Ctx, &SignedIn) -> Answer;
type TakeUser = fn(&Ctx, &SignedIn, &Params) -> Answer;
type DangerUser = fn(&Ctx, &SignedIn, &Params) -> Result<bool, Failure>;
type ShowAdmin = fn(&Ctx, &Administrator) -> Answer;
type TakeAdmin = fn(&Ctx, &Administrator, &Params) -> Answer;
type DangerAdmin = fn(&Ctx, &Administrator, &Params) -> Result<bool, Failure>;

/// For anybody; the handler looks after who it is by itself.
const fn route(path: &'static str, kind: Kind, get: Option<Open>, post: Option<Open>) -> Route {
    let get = match get {
        Some(handler) => Some(Get::Open(handler)),
        None => None,
    };
    let post = match post {
        Some(handler) => Some(Post::Open(handler)),
        None => None,
    };
    Route { path, kind, get, post }
}

/// A page of the User settings.
const fn users(path: &'static str, get: Option<ShowUser>, post: Option<TakeUser>) -> Route {
    let get = match get {
        Some(handler) => Some(Get::SignedIn(handler)),
        None => None,
    };
    let post = match post {
        Some(handler) => Some(Post::SignedIn(handler)),
        None => None,
    };
    Route { path, kind: Kind::Page, get, post }
}

/// An act of users that asks for a fresh factor, and the page before it.
const fn users_fresh(path: &'static str, get: Option<ShowUser>, post: TakeUser) -> Route {
    Route { post: Some(Post::FreshSignedIn(Danger::Always, post)), ..users(path, get, None) }
}

/// The same, where only some forms ask for it.
const fn users_fresh_if(path: &'static str, get: Option<ShowUser>, danger: DangerUser, post: TakeUser) -> Route {
    Route { post: Some(Post::FreshSignedIn(Danger::If(danger), post)), ..users(path, get, None) }
}

/// An act of administrators that asks for a fresh factor, and the page before it.
const fn admins_fresh(path: &'static str, get: Option<ShowAdmin>, post: TakeAdmin) -> Route {
    Route { post: Some(Post::FreshAdministrator(Danger::Always, post)), ..admins(path, get, None) }
}

/// The same, where only some forms ask for it.
const fn admins_fresh_if(path: &'static str, get: Option<ShowAdmin>, danger: DangerAdmin, post: TakeAdmin) -> Route {
    Route { post: Some(Post::FreshAdministrator(Danger::If(danger), post)), ..admins(path, get, None) }
}

/// A page of the Admin interface.
const fn admins(path: &'static str, get: Option<ShowAdmin>, post: Option<TakeAdmin>) -> Route {
    let get = match get {
        Some(handler) => Some(Get::Administrator(handler)),
        None => None,
    };
    let post = match post {
        Some(handler) => Some(Post::Administrator(handler)),
        None => None,
    };
    Route { path, kind: Kind::Page, get, post }
}

/// All routes. `{slug}` is an application's.
#[rustfmt::skip]
pub const ROUTES: &[Route] = &[
    route("/", Kind::Page, Some(home::show), None),
    route("/login", Kind::Page, Some(login::show), Some(login::submit)),
    route("/login/second-factor", Kind::Page, Some(second_factor::show), Some(second_factor::submit)),
    route("/login/lost-passkey", Kind::Page, Some(lost_passkey::show), Some(lost_passkey::submit)),
    route("/consent", Kind::Page, Some(consent::show), Some(consent::submit)),
    route("/logout", Kind::Page, Some(logout::show), Some(logout::submit)),
    route("/setup", Kind::Page, Some(setup::show), Some(setup::submit)),
    route("/recovery", Kind::Page, Some(recovery::show), Some(recovery::submit)),
    route("/recovery/request", Kind::Page, Some(recovery_request::show), Some(recovery_request::submit)),
    route("/invitation", Kind::Page, Some(invitation::show), Some(invitation::submit)),
    users("/invitation/welcome", Some(invitation::welcome), None),
    route("/verify-email", Kind::Page, Some(verify_email::show), Some(verify_email::submit)),
    route("/application/launch/{slug}", Kind::Page, Some(home::launch), None),
    route("/application/o/authorize", Kind::Page, Some(authorize::authorize), Some(authorize::authorize)),
    route("/application/o/{slug}/end-session", Kind::Page, Some(end_session::end_session), Some(end_session::end_session)),
    route("/application/o/token", Kind::Api, None, Some(token::token)),
    route("/application/o/userinfo", Kind::Api, Some(userinfo::userinfo), Some(userinfo::userinfo)),
    route("/application/o/introspect", Kind::Api, None, Some(introspect::introspect)),
    route("/application/o/revoke", Kind::Api, None, Some(revoke::revoke)),
    route("/application/o/device", Kind::Api, None, Some(device::authorize)),
    users("/device", Some(device_page::show), Some(device_page::submit)),
    route("/application/o/par", Kind::Api, None, Some(par::par)),
    route("/application/o/{slug}", Kind::Public, Some(discovery::issuer), None),
    route("/application/o/{slug}/.well-known/openid-configuration", Kind::Public, Some(discovery::configuration), None),
    route("/application/o/{slug}/jwks", Kind::Public, Some(discovery::jwks), None),
    admins("/if/admin", Some(admin::dashboard::show), None),
    admins("/if/admin/events", Some(admin::events::list), None),
    admins("/if/admin/events/export", Some(admin::events::export), None),
    admins("/if/admin/events/{id}", Some(admin::events::show), None),
    admins("/if/admin/applications", Some(admin::applications::list), None),
    admins_fresh_if("/if/admin/applications/new", Some(admin::wizard::show), admin::wizard::is_end, admin::wizard::go),
    admins_fresh("/if/admin/applications/create", Some(admin::applications::new), admin::applications::create),
    admins_fresh_if("/if/admin/applications/{id}", Some(admin::application::show), admin::application::is_weighty, admin::application::update),
    admins_fresh("/if/admin/applications/{id}/bindings/add", None, admin::application::bind),
    admins_fresh("/if/admin/applications/{id}/bindings/change", None, admin::application::change_binding),
    admins_fresh("/if/admin/applications/{id}/connect", None, admin::application::connect),
    admins_fresh("/if/admin/applications/{id}/everybody", None, admin::application::everybody),
    admins_fresh("/if/admin/applications/{id}/delete", Some(admin::application::ask_delete), admin::application::delete),
    admins("/if/admin/providers", Some(admin::providers::list), None),
    admins_fresh_if("/if/admin/providers/new", Some(admin::providers::new), admin::providers::is_end, admin::providers::create),
    admins("/if/admin/providers/{id}", Some(admin::providers::overview), None),
    admins("/if/admin/providers/{id}/connect", Some(admin::providers::connect_card), None),
    admins_fresh("/if/admin/providers/{id}/connect-to", None, admin::providers::connect_to),
    admins("/if/admin/providers/{id}/preview", Some(admin::provider_asks::preview), None),
    admins("/if/admin/providers/{id}/access", Some(admin::provider_asks::check_access), None),
    admins_fresh_if("/if/admin/providers/{id}/edit", Some(admin::providers::edit), admin::providers::is_end, admin::providers::update),
    admins_fresh("/if/admin/providers/{id}/secret", None, admin::providers::show_secret),
    admins_fresh("/if/admin/providers/{id}/new-secret", Some(admin::providers::ask_new_secret), admin::providers::new_secret),
    admins_fresh("/if/admin/providers/{id}/delete", Some(admin::providers::ask_delete), admin::providers::delete),
    admins("/if/admin/users", Some(admin::users::list), None),
    admins_fresh("/if/admin/users/new", Some(admin::users::new), admin::users::create),
    admins_fresh_if("/if/admin/users/{id}", Some(admin::users::show), admin::users::is_weighty, admin::users::update),
    admins_fresh("/if/admin/users/new-service-account", Some(admin::service_accounts::new), admin::service_accounts::create),
    admins_fresh("/if/admin/users/{id}/app-passwords", None, admin::service_accounts::new_app_password),
    admins("/if/admin/users/{id}/app-passwords/revoke", None, Some(admin::service_accounts::revoke_app_password)),
    admins_fresh_if("/if/admin/users/{id}/active", None, admin::users::is_enabling, admin::users::set_active),
    admins_fresh("/if/admin/users/{id}/delete", Some(admin::users::ask_delete), admin::users::delete),
    admins_fresh("/if/admin/users/{id}/groups", None, admin::users::change_groups),
    admins_fresh("/if/admin/users/{id}/password", None, admin::users::set_password),
    admins_fresh("/if/admin/users/{id}/recovery-link", None, admin::users::recovery_link),
    admins_fresh("/if/admin/users/{id}/remove-factors", None, admin::users::remove_factors),
    admins_fresh("/if/admin/users/{id}/remove-passkey", None, admin::users::remove_passkey),
    admins("/if/admin/users/{id}/forget-device", None, Some(admin::user_holdings::forget_device)),
    admins("/if/admin/users/{id}/forget-devices", None, Some(admin::user_holdings::forget_devices)),
    admins("/if/admin/users/{id}/revoke", None, Some(admin::user_holdings::revoke)),
    admins("/if/admin/users/{id}/revoke-all", None, Some(admin::user_holdings::revoke_all)),
    admins("/if/admin/users/{id}/revoke-token", None, Some(admin::user_holdings::revoke_token)),
    admins("/if/admin/users/{id}/sign-out", None, Some(admin::user_holdings::sign_out)),
    admins("/if/admin/users/{id}/sign-out-one", None, Some(admin::user_holdings::end_session)),
    admins("/if/admin/users/{id}/unthrottle", None, Some(admin::slowed::clear)),
    users_fresh_if("/if/user", Some(user::details), user::is_new_address, user::change),
    users("/if/user/verify-email", None, Some(user::verify_email)),
    users("/if/user/password", Some(user::password), Some(user::set_password)),
    users("/if/user/mfa", Some(user::show_factors), None),
    users_fresh("/if/user/mfa/totp", Some(user::new_totp), user::add_totp),
    users_fresh("/if/user/mfa/totp/remove", None, user::remove_totp),
    users_fresh("/if/user/mfa/passkeys/add", None, user::add_passkey),
    users_fresh("/if/user/mfa/passkeys/remove", None, user::remove_passkey),
    users("/if/user/mfa/passkeys/rename", None, Some(user::rename_passkey)),
    users_fresh("/if/user/mfa/recovery-codes", None, user::make_recovery_codes),
    users("/if/user/sessions", Some(user::show_sessions), None),
    users("/if/user/sessions/end", None, Some(user::end_session)),
    users("/if/user/sessions/end-all", None, Some(user::end_all)),
    users("/if/user/sessions/end-others", None, Some(user::end_others)),
    users("/if/user/sessions/forget", None, Some(user::forget_device)),
    users("/if/user/sessions/forget-all", None, Some(user::forget_devices)),
    users("/if/user/connected", Some(user::show_connected), None),
    users("/if/user/connected/revoke", None, Some(user::revoke)),
    users("/if/user/connected/revoke-all", None, Some(user::revoke_all)),
    admins("/if/admin/groups", Some(admin::groups::list), None),
    admins_fresh("/if/admin/groups/new", Some(admin::groups::new), admin::groups::create),
    admins_fresh("/if/admin/groups/{id}", Some(admin::groups::show), admin::groups::update),
    admins_fresh("/if/admin/groups/{id}/delete", Some(admin::groups::ask_delete), admin::groups::delete),
    admins_fresh("/if/admin/groups/{id}/members/add", None, admin::groups::add_member),
    admins_fresh("/if/admin/groups/{id}/members/remove", None, admin::groups::remove_member),
    admins("/if/admin/invitations", Some(admin::invitations::list), None),
    admins_fresh("/if/admin/invitations/new", Some(admin::invitations::new), admin::invitations::create),
    admins("/if/admin/invitations/{id}/delete", None, Some(admin::invitations::delete)),
    admins("/if/admin/policies", Some(admin::policies::list), None),
    admins_fresh_if("/if/admin/policies/new", Some(admin::policies::new), admin::expressions::is_saved, admin::policies::create),
    admins_fresh_if("/if/admin/policies/{id}", Some(admin::policies::show), admin::expressions::is_saved, admin::policies::update),
    admins_fresh("/if/admin/policies/{id}/delete", Some(admin::policies::ask_delete), admin::policies::delete),
    admins("/if/admin/scope-mappings", Some(admin::scope_mappings::list), None),
    admins_fresh_if("/if/admin/scope-mappings/new", Some(admin::scope_mappings::new), admin::expressions::is_saved, admin::scope_mappings::create),
    admins_fresh_if("/if/admin/scope-mappings/{id}", Some(admin::scope_mappings::show), admin::expressions::is_saved, admin::scope_mappings::update),
    admins_fresh("/if/admin/scope-mappings/{id}/delete", Some(admin::scope_mappings::ask_delete), admin::scope_mappings::delete),
    admins("/if/admin/keys", Some(admin::keys::list), None),
    admins_fresh("/if/admin/keys/generate", Some(admin::keys::ask_generate), admin::keys::generate),
    admins_fresh("/if/admin/keys/import", Some(admin::keys::ask_import), admin::keys::import),
    admins_fresh("/if/admin/keys/rotate", Some(admin::keys::ask_rotate), admin::keys::rotate),
    admins("/if/admin/keys/{kid}", Some(admin::keys::show), Some(admin::keys::rename)),
    admins("/if/admin/keys/{kid}/certificate", Some(admin::keys::certificate), None),
    admins_fresh("/if/admin/keys/{kid}/retire", Some(admin::keys::ask_retire), admin::keys::retire),
    admins_fresh("/if/admin/keys/{kid}/revoke", Some(admin::keys::ask_revoke), admin::keys::revoke),
    admins("/if/admin/applications/{id}/icon", Some(uploads::show_icon), Some(uploads::take_icon)),
    admins("/if/admin/users/{id}/picture", Some(uploads::show_picture), Some(uploads::take_picture)),
    admins_fresh_if("/if/admin/settings", Some(admin::settings::show), admin::settings::is_about_security, admin::settings::save),
    admins_fresh("/if/admin/settings/mail", Some(admin::mail::show), admin::mail::save),
    admins("/if/admin/settings/mail/test", None, Some(admin::mail::test)),
    admins("/if/admin/settings/logo", Some(uploads::show_logo), Some(uploads::take_logo)),
    users("/if/user/picture", Some(uploads::show_own_picture), Some(uploads::take_own_picture)),
    route("/.well-known/webauthn", Kind::Public, Some(related_origins::show), None),
    route("/brand/{file}", Kind::Public, Some(brand::style), None),
    route("/icon/{file}", Kind::Public, Some(icons::icon), None),
    route("/static/{file}", Kind::Public, Some(assets::asset), None),
    route("/ca.crt", Kind::Plain, Some(trust::certificate), None),
    route("/trust", Kind::Plain, Some(trust::show), None),
    route("/help", Kind::Plain, Some(help::show), None),
    route("/healthz", Kind::Plain, Some(health::live), None),
    route("/readyz", Kind::Plain, Some(health::ready), None),
];

/// Where files are uploaded, and so where the edge takes a larger body.
pub fn is_upload(method: &str, path: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_below = ["/if/admin/", "/if/user/"].iter().any(|area| path.starts_with(area));
    method == "POST" && is_below && ["/icon", "/picture", "/logo"].iter().any(|end| path.ends_with(end))
}

static ROUTER: LazyLock<matchit::Router<(&Route, Place)>> = LazyLock::new(|| {
    let mut router = matchit::Router::new();
    for route in ROUTES {
        router.insert(route.path, (route, Place::of(route.path))).expect("the table has no two routes for one path");
    }
    router
});

/// Answers one request.
pub fn answer(app: &App, req: &Request) -> Response {
    // Each path works with and without the trailing slash, by the same handler: a redirect would turn a client's POST
    // into a GET.
    let path = match req.path.strip_suffix('/') {
        Some("") | None => req.path.as_str(),
        Some(path) => path,
    };
    let found = ROUTER.at(path).ok();
    let watch = app.metrics.requests.watch(found.as_ref().map_or(Place::OTHER, |f| f.value.1));
    let response = dispatch(app, req, found.map(|f| (f.value.0, f.params)));
    watch.answered(response.status);
    let response =
        if is_https_for_good(app, req) { response.header("Strict-Transport-Security", HSTS) } else { response };
    response.header("X-Request-Id", req.id.to_string())
}

/// A year, for this host and none below it.
const HSTS: &str = "max-age=31536000";

/// Whether browsers may be told never to use http here again. Not when our https is that of an authority which a browser
/// may not know yet, and not on a host or port that may serve others too.
fn is_https_for_good(app: &App, req: &Request) -> bool {
    let is_vouched_for = match (&app.config.tls, &req.via) {
        (Tls::Off, Via::Proxy { .. }) | (Tls::Files { .. }, _) => req.via.is_https(),
        (Tls::Off | Tls::OwnCa, _) => false,
    };
    is_vouched_for && app.base.is_whole_host() && req.header("host").is_some_and(|host| app.base.is_authority(host))
}

/// What the router found of a path.
type Found<'a> = (&'a Route, matchit::Params<'static, 'a>);

fn dispatch(app: &App, req: &Request, found: Option<Found>) -> Response {
    let asked = words::from_tags(req.query_params().first("ui_locales").unwrap_or_default().split(' '));
    let accepted = req.header("accept-language").and_then(words::from_accept_language);
    let lang = asked.or(accepted).unwrap_or_else(Lang::english);
    let now = app.clock.now();
    let mut ctx = Ctx { app, req, now, slug: None, id: None, lang, asked, settings: OnceCell::new() };
    let not_found = |ctx: &Ctx| finish(Kind::Page, ctx.error(&ErrorPage::not_found(&req.id.0)));
    let Some((route, params)) = &found else { return not_found(&ctx) };
    let slug = params.get("slug");
    if slug.is_some_and(|s| Slug::parse(s).is_err()) {
        return not_found(&ctx);
    }
    ctx.slug = slug.or_else(|| params.get("file"));
    ctx.id = params.get("id").or_else(|| params.get("kid"));
    if route.kind != Kind::Plain {
        app.forwarding.look(&app.base, req, ctx.now);
    }
    if let Some(response) = way_to_https(&ctx, route) {
        return finish(route.kind, response);
    }
    if route.kind == Kind::Page && !is_own_host(&ctx) {
        let host = req.header("host").unwrap_or_default();
        return finish(route.kind, ctx.error(&ErrorPage::wrong_host(host, app.base.as_str(), &req.id.0)));
    }
    let result = match req.method {
        Method::Get => route.get.map(|handler| handler.answer(&mut ctx)),
        Method::Post => route.post.map(|handler| handler.answer(&mut ctx)),
        Method::Options if route.kind == Kind::Api || route.kind == Kind::Public => Some(cors::preflight(&ctx)),
        Method::Options | Method::Other => None,
    };
    let result = result.unwrap_or_else(|| Ok(method_not_allowed(route, &req.id.0)));
    let audience = if route.kind == Kind::Page { Audience::Person } else { Audience::Program };
    finish(route.kind, result.unwrap_or_else(|failure| failure.into_response(&ctx, audience)))
}

/// What a page is answered with on the plain port of a server that serves https itself. Never what programs ask for:
/// they would send their secrets first and learn better afterwards, and a POST would lose its body.
fn way_to_https(ctx: &Ctx, route: &Route) -> Option<Response> {
    let Ctx { app, req, .. } = ctx;
    let is_in_the_clear = app.config.tls != Tls::Off && req.via == Via::Direct(Scheme::Http);
    let is_ours = req.header("host").is_some_and(|host| app.base.is_host(host));
    if route.kind != Kind::Page || !is_in_the_clear || !is_ours {
        return None;
    }
    Some(match (req.method, req.query.as_str()) {
        (Method::Get, "") => Response::see_other(app.base.join(&req.path)),
        (Method::Get, query) => Response::see_other(format!("{}?{query}", app.base.join(&req.path))),
        _ => ctx.error(&ErrorPage::in_the_clear(app.base.as_str(), &req.id.0)),
    })
}

/// Whether the browser asked for us by the name in the base URL. Links, cookies and forms work under that one only.
fn is_own_host(ctx: &Ctx) -> bool {
    ctx.req.header("host").is_some_and(|host| ctx.app.base.is_authority(host))
}

fn method_not_allowed(route: &Route, request_id: &str) -> Response {
    let allow = match (route.get.is_some(), route.post.is_some()) {
        (true, true) => "GET, HEAD, POST",
        (true, false) => "GET, HEAD",
        _ => "POST",
    };
    let words = format!("This address answers {allow} only. Request id: {request_id}\n");
    Response::text(405, words).header("Allow", allow)
}

/// What every answer of a kind carries.
fn finish(kind: Kind, response: Response) -> Response {
    let response = response
        .header_if_absent("Cache-Control", "no-store")
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer");
    // A page is a page, also where programs ask: an unknown slug is answered with one.
    let is_html = response.get("Content-Type").is_some_and(|t| t.starts_with("text/html"));
    let response = match kind == Kind::Page || is_html {
        true => response.header_if_absent("Content-Security-Policy", PAGE_CSP).header("X-Frame-Options", "DENY"),
        false => response,
    };
    match kind {
        Kind::Page | Kind::Plain => response,
        // A preflight has named the origin already; two values would be none.
        Kind::Public => response.header_if_absent("Access-Control-Allow-Origin", "*"),
        // RFC 6749 section 5.1 asks for Pragma too, for caches from another century.
        Kind::Api => response.header("Pragma", "no-cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_counted_under_a_name() {
        for route in ROUTES {
            assert_ne!(Place::of(route.path), Place::OTHER, "{}", route.path);
        }
    }
}
