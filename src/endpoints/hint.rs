//! ID tokens that come back as `id_token_hint`: good when we signed them for this very client, however long ago
//! (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2).

use serde_json::{Map, Value};

use crate::crypto::jwt::{ExpectedTyp, SharedKey};
use crate::error::Internal;
use crate::keyring;

use super::clients::{self, Client};
use super::context::Ctx;

/// The claims of a hint. The client's own secret counts where the provider signs with it, and nowhere else.
pub fn claims(ctx: &Ctx, client: &Client, hint: &str) -> Result<Option<Map<String, Value>>, Internal> {
    let issuer = client.issuer(ctx.app);
    let keys = ctx.app.store.read(keyring::verifying)?;
    let mut found = keys.verify(hint, &issuer, ExpectedTyp::Id).ok();
    if found.is_none()
        && client.provider.signs_by_secret()
        && let Some(secret) = clients::secret(ctx.app, &client.provider)?
    {
        found = SharedKey::new(secret.as_bytes()).verify(hint, &issuer).ok();
    }
    Ok(found.filter(|c| c.get("aud").and_then(Value::as_str) == Some(&client.provider.client_id)))
}
