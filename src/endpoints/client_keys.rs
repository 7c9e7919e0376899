//! The keys of a client, as its provider has them or as the client publishes them.

use crate::client_keys::{NoKeys, Want};
use crate::crypto::jwt::{BadToken, ClientKeys};
use crate::outbound::{self, Wanted};

use super::clients::Client;
use super::context::Ctx;

/// Why something that a client signed is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Unverified {
    #[error("{0}")]
    Token(BadToken),
    /// For the administrator alone: it may tell where the client's keys are.
    #[error("the client's keys cannot be used: {0}")]
    Keys(String),
}

/// Verifies something with the client's keys.
pub fn verify<T>(
    ctx: &Ctx,
    client: &Client,
    check: impl Fn(&ClientKeys) -> Result<T, BadToken>,
) -> Result<T, Unverified> {
    let provider = &client.provider;
    if let Some(text) = &provider.jwks {
        let keys = ClientKeys::parse(text).map_err(|bad| Unverified::Keys(bad.to_string()))?;
        return check(&keys).map_err(Unverified::Token);
    }
    let Some(address) = &provider.jwks_uri else { return Err(Unverified::Keys("there are none".to_owned())) };
    let keys = |want| {
        let keys = ctx.app.client_keys.keys(address, want, ctx.now, || fetch(ctx, address));
        keys.map_err(Unverified::Keys)
    };
    match check(&*keys(Want::Known)?) {
        // OpenID Connect Core section 10.1.1: another key, or another one by the same name, and it may be new.
        Err(BadToken::UnknownKey | BadToken::Signature) => check(&*keys(Want::Newer)?).map_err(Unverified::Token),
        other => other.map_err(Unverified::Token),
    }
}

fn fetch(ctx: &Ctx, address: &str) -> Result<ClientKeys, NoKeys> {
    let fetched = outbound::get(ctx.app, Wanted::Keys, address, outbound::USUAL);
    let fetched = fetched.map_err(|error| NoKeys { was_asked: !error.is_busy, why: error.to_string() })?;
    let keys = std::str::from_utf8(&fetched).map_err(|_| NoKeys::of("what was fetched is not text"))?;
    ClientKeys::parse(keys).map_err(NoKeys::of)
}
