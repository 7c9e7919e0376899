//! Discovery (OpenID Connect Discovery section 3) and the published keys (RFC 7517). What is advertised is what works.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::crypto::jwt::{CLIENT_ALGS, HS256, UNSIGNED};
use crate::domain::authorize::{ResponseType, ResponseTypes};
use crate::domain::client::{ClientAuth, ClientType, RequestObjects};
use crate::domain::{UnixSeconds, claims, methods, scope};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::ErrorPage;
use crate::store::providers::Provider;
use crate::store::{app_passwords, keys};

use super::clients::Client;
use super::context::Ctx;
use super::{Answer, client_credentials, device, par};

/// How long clients may keep the documents, in seconds.
const FRESH: &str = "public, max-age=300";

/// GET `/application/o/{slug}/`: where older clients look first.
pub fn issuer(ctx: &Ctx) -> Answer {
    let slug = ctx.slug.unwrap_or_default();
    match ctx.app.store.read(|c| Client::by_slug(c, slug))? {
        Some(client) => Ok(Response::new(302)
            .header("Location", format!("{}.well-known/openid-configuration", client.issuer(ctx.app)))),
        None => Ok(not_found(ctx)),
    }
}

/// GET `/application/o/{slug}/.well-known/openid-configuration`.
pub fn configuration(ctx: &Ctx) -> Answer {
    let slug = ctx.slug.unwrap_or_default();
    let found = ctx.app.store.read(|c| {
        let Some(client) = Client::by_slug(c, slug)? else { return Ok(None) };
        let grants = grant_types(c, &client.provider, ctx.now)?;
        Ok::<_, Internal>(Some((client, grants)))
    })?;
    match found {
        Some((client, grants)) => {
            Ok(Response::json(200, &document(ctx, &client, &grants)).header("Cache-Control", FRESH))
        }
        None => Ok(not_found(ctx)),
    }
}

fn document(ctx: &Ctx, client: &Client, grants: &[&str]) -> Value {
    let issuer = client.issuer(ctx.app);
    let url = |name: &str| ctx.app.base.join(&format!("/application/o/{name}/"));
    let scopes: Vec<_> = scope::grantable(&client.provider.scopes).iter().map(str::to_owned).collect();
    let types = client.provider.response_types;
    // A provider that wants them signed and knows no key reads none.
    let reads_requests = client.provider.request_objects != RequestObjects::Off && !object_algs(client).is_empty();
    let fetches_requests =
        client.provider.request_objects != RequestObjects::Off && !client.provider.request_uris.is_empty();
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": url("authorize"),
        "token_endpoint": url("token"),
        "userinfo_endpoint": url("userinfo"),
        "end_session_endpoint": format!("{issuer}end-session/"),
        "revocation_endpoint": url("revoke"),
        "jwks_uri": format!("{issuer}jwks/"),
        "response_types_supported": types.permitted().map(ResponseType::as_str).collect::<Vec<_>>(),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": grants,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signing_algs(client),
        "token_endpoint_auth_methods_supported": client_auth_methods(&client.provider),
        "revocation_endpoint_auth_methods_supported": client_auth_methods(&client.provider),
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": scopes,
        "claims_supported": claims_supported(client),
        "claim_types_supported": ["normal"],
        "acr_values_supported": methods::ACRS,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_parameter_supported": true,
        "request_parameter_supported": reads_requests,
        // Only registered ones are fetched (Core section 6.2).
        "request_uri_parameter_supported": fetches_requests,
        "require_request_uri_registration": fetches_requests,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    });
    if client.provider.device_flow {
        document["device_authorization_endpoint"] = json!(url("device"));
    }
    if client.provider.sign_userinfo {
        let alg = client.provider.signing_alg.as_deref().unwrap_or(client.provider.key_alg());
        document["userinfo_signing_alg_values_supported"] = json!([alg]);
    }
    if client.provider.client_type == ClientType::Confidential {
        // Public clients may not ask there.
        document["introspection_endpoint"] = json!(url("introspect"));
        document["introspection_endpoint_auth_methods_supported"] = json!(client_auth_methods(&client.provider));
        // RFC 9126 section 5.
        document["pushed_authorization_request_endpoint"] = json!(ctx.app.base.join(par::PATH));
        document["require_pushed_authorization_requests"] = json!(client.provider.require_par);
    }
    // RFC 8414 section 2: where assertions are taken, and nowhere else.
    if let Some(algs) = assertion_algs(&client.provider) {
        for endpoint in ["token", "introspection", "revocation"] {
            document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")] = json!(algs);
        }
    }
    if client.provider.request_objects != RequestObjects::Off {
        document["request_object_signing_alg_values_supported"] = json!(object_algs(client));
    }
    document
}

/// How this client authenticates.
fn client_auth_methods(provider: &Provider) -> &'static [&'static str] {
    match (provider.client_type, provider.client_auth) {
        (ClientType::Public, _) => &["none"],
        (_, ClientAuth::Secret) => &["client_secret_basic", "client_secret_post"],
        (_, ClientAuth::SecretJwt) => &["client_secret_jwt"],
        (_, ClientAuth::PrivateKeyJwt) => &["private_key_jwt"],
    }
}

/// By what its assertions may be signed.
fn assertion_algs(provider: &Provider) -> Option<Vec<&'static str>> {
    match (provider.client_type, provider.client_auth) {
        (ClientType::Public, _) | (_, ClientAuth::Secret) => None,
        (_, ClientAuth::SecretJwt) => Some(vec![HS256]),
        (_, ClientAuth::PrivateKeyJwt) => Some(CLIENT_ALGS.to_vec()),
    }
}

/// By what its request objects may be signed.
fn object_algs(client: &Client) -> Vec<&'static str> {
    let provider = &client.provider;
    let by_keys = CLIENT_ALGS.into_iter().filter(|_| provider.has_keys());
    let by_secret = Some(HS256).filter(|_| provider.signs_requests_by_secret());
    let by_nothing = Some(UNSIGNED).filter(|_| provider.request_objects == RequestObjects::Any);
    by_keys.chain(by_secret).chain(by_nothing).collect()
}

/// OpenID Connect Dynamic Client Registration section 2 says which response type needs which grant.
fn grant_types(connection: &Connection, provider: &Provider, now: UnixSeconds) -> Result<Vec<&'static str>, Internal> {
    let mut types = match provider.response_types {
        ResponseTypes::Code => vec!["authorization_code", "refresh_token"],
        ResponseTypes::Hybrid | ResponseTypes::All => vec!["authorization_code", "implicit", "refresh_token"],
    };
    if provider.device_flow {
        types.push(device::GRANT_TYPE);
    }
    // Where the client may ask in an account's name, or there is an account that may ask by the client.
    let by_itself = provider.client_type == ClientType::Confidential && provider.service_account.is_some();
    if provider.client_credentials && (by_itself || app_passwords::any_good(connection, now)?) {
        types.push(client_credentials::GRANT_TYPE);
    }
    Ok(types)
}

/// RS256 is always there, as Discovery asks for; what else depends on the keys that there are.
fn signing_algs(client: &Client) -> Vec<String> {
    let mut algs = vec!["RS256".to_owned()];
    if let Some(alg) = client.provider.signing_alg.clone().filter(|a| a != "RS256") {
        algs.push(alg);
    }
    algs
}

/// The claims of every ID token, and those of the scopes that may be granted here.
fn claims_supported(client: &Client) -> Vec<&'static str> {
    let scopes = scope::grantable(&client.provider.scopes);
    let hash = (client.provider.response_types != ResponseTypes::Code).then_some("c_hash");
    OF_ID_TOKENS.iter().copied().chain(hash).chain(claims::of_scopes(&scopes)).collect()
}

/// Claims that an ID token has of itself.
const OF_ID_TOKENS: [&str; 13] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid", "at_hash", "jti"];

/// GET `/application/o/{slug}/jwks/`.
pub fn jwks(ctx: &Ctx) -> Answer {
    let slug = ctx.slug.unwrap_or_default();
    let keys = ctx.app.store.read(|c| {
        if Client::by_slug(c, slug)?.is_none() {
            return Ok::<_, Internal>(None);
        }
        Ok(Some(keys::published(c, ctx.now)?))
    })?;
    let Some(keys) = keys else { return Ok(not_found(ctx)) };
    let keys: Result<Vec<Value>, _> = keys.iter().map(|k| serde_json::from_str(&k.public_jwk)).collect();
    let keys = keys.map_err(Internal::fault)?;
    Ok(Response::json(200, &json!({ "keys": keys })).header("Cache-Control", FRESH))
}

fn not_found(ctx: &Ctx) -> Response {
    ctx.error(&ErrorPage::not_found(&ctx.req.id.to_string()))
}
