//! The keys of a client, as its provider has them or as the client publishes them.

use crate::client_keys::Want;
use crate::crypto::jwt::{BadToken, ClientKeys};
use crate::outbound;

use super::clients::Client;
use super::context::Ctx;

/// Verifies something with the client's keys. Why not is for the events.
pub fn verify<T>(ctx: &Ctx, client: &Client, check: impl Fn(&ClientKeys) -> Result<T, BadToken>) -> Result<T, String> {
    let provider = &client.provider;
    if let Some(text) = &provider.jwks {
        let keys = ClientKeys::parse(text).map_err(|bad| bad.to_string())?;
        return check(&keys).map_err(|bad| bad.to_string());
    }
    let Some(address) = &provider.jwks_uri else { return Err("the client has no keys here".to_owned()) };
    let keys = |want| ctx.app.client_keys.keys(address, want, ctx.now, || fetch(ctx, address));
    match check(&*keys(Want::Known)?) {
        // OpenID Connect Core section 10.1.1: another key, or another one by the same name, and it may be new.
        Err(BadToken::UnknownKey | BadToken::Signature) => check(&*keys(Want::Newer)?).map_err(|bad| bad.to_string()),
        other => other.map_err(|bad| bad.to_string()),
    }
}

fn fetch(ctx: &Ctx, address: &str) -> Result<ClientKeys, String> {
    let fetched = outbound::get(ctx.app, address, outbound::USUAL).map_err(|error| error.to_string())?;
    let keys = std::str::from_utf8(&fetched).map_err(|_| "the keys are not text".to_owned());
    let keys = keys.and_then(|text| ClientKeys::parse(text).map_err(|bad| bad.to_string()));
    keys.inspect_err(|why| tracing::warn!(address, why, "the keys of a client could not be used"))
}
