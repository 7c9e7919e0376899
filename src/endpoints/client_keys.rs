//! The keys of a client, as its provider has them.

use crate::crypto::jwt::{BadToken, ClientKeys};

use super::clients::Client;
use super::context::Ctx;

/// Verifies something with the client's keys. Why not is for the events.
pub fn verify<T>(_: &Ctx, client: &Client, check: impl Fn(&ClientKeys) -> Result<T, BadToken>) -> Result<T, String> {
    let Some(text) = &client.provider.jwks else { return Err("the client has no keys here".to_owned()) };
    let keys = ClientKeys::parse(text).map_err(|bad| bad.to_string())?;
    check(&keys).map_err(|bad| bad.to_string())
}
