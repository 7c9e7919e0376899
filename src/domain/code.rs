//! Redeeming an authorization code (RFC 6749 section 4.1.3).

use super::pkce::{self, Challenge, PkceError};
use super::{FUTURE_TOLERANCE, UnixSeconds};

/// A code as the store has it, found by the hash of what was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub provider_id: i64,
    /// The redirect URI of the authorization request, as it was requested.
    pub redirect_uri: String,
    pub challenge: Option<Challenge>,
    pub issued_at: UnixSeconds,
    pub expires_at: UnixSeconds,
    pub redeemed: bool,
}

/// Why a code was not redeemed. To the client all are `invalid_grant`; the sentence is for the event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("the code was issued to another client")]
    OtherClient,
    /// The caller revokes every token of the grant (RFC 6749 section 4.1.2).
    #[error("the code was redeemed before")]
    Replayed,
    #[error("the code was issued in the future: the clock went back")]
    FromTheFuture,
    #[error("the code has expired")]
    Expired,
    #[error("the redirect_uri is missing")]
    RedirectUriMissing,
    #[error("the redirect_uri differs from the one of the authorization request")]
    RedirectUriDiffers,
    #[error(transparent)]
    Pkce(#[from] PkceError),
}

/// Decides whether a code may be redeemed; only on `Ok` does the caller mark it redeemed, so that no mistake of a
/// client burns it.
pub fn redeem(
    stored: &Stored,
    by_provider: i64,
    redirect_uri: Option<&str>,
    verifier: Option<&str>,
    now: UnixSeconds,
) -> Result<(), CodeError> {
    // Before the replay: a stranger must not be able to revoke another client's tokens.
    if stored.provider_id != by_provider {
        return Err(CodeError::OtherClient);
    }
    // Before the expiry: a code that is played again late was stolen all the same.
    if stored.redeemed {
        return Err(CodeError::Replayed);
    }
    if stored.issued_at > now.saturating_add(FUTURE_TOLERANCE) {
        return Err(CodeError::FromTheFuture);
    }
    if stored.expires_at <= now {
        return Err(CodeError::Expired);
    }
    // RFC 6749 section 4.1.3: required, as every authorization request here has one, and identical.
    match redirect_uri {
        None => return Err(CodeError::RedirectUriMissing),
        Some(uri) if uri != stored.redirect_uri => return Err(CodeError::RedirectUriDiffers),
        Some(_) => {}
    }
    Ok(pkce::verify(stored.challenge.as_ref(), verifier)?)
}
