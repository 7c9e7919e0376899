//! Rotating refresh tokens (RFC 9700 section 4.14.2), and narrowing their scope.

use super::client::ClientType;
use super::scope::ScopeSet;
use super::{FUTURE_TOLERANCE, UnixSeconds};

/// How long after its use a confidential client may present a token again, because the answer got lost.
pub const REPEAT_WITHIN: UnixSeconds = 10;

/// A refresh token as the store has it, found by the hash of what was presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub provider_id: i64,
    pub issued_at: UnixSeconds,
    pub idle_expires_at: UnixSeconds,
    pub absolute_expires_at: UnixSeconds,
    pub used_at: Option<UnixSeconds>,
    /// Whether the token that replaced this one was used already.
    pub successor_used: bool,
}

/// What to do with a token that belongs to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshDecision {
    /// Mark it used and give its successor.
    Rotate,
    /// Give the same successor again: the first answer seems to be lost.
    RepeatSuccessor,
    /// Revoke the whole family and answer `invalid_grant`: one of two holders is a thief.
    Replayed,
}

/// Why a refresh was refused without further ado. To the client it is `invalid_grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    #[error("the refresh token was issued to another client")]
    OtherClient,
    #[error("the refresh token was issued in the future: the clock went back")]
    FromTheFuture,
    #[error("the refresh token has expired")]
    Expired,
}

/// The scope asked for at refresh is not within the one granted: `invalid_scope` (RFC 6749 section 6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the scope {0} was not granted")]
pub struct ScopeTooWide(pub String);

/// Decides what a presented refresh token is worth.
pub fn decide(
    stored: &Stored,
    by_provider: i64,
    client_type: ClientType,
    now: UnixSeconds,
) -> Result<RefreshDecision, RefreshError> {
    // Before the replay: a stranger must not be able to revoke another client's tokens.
    if stored.provider_id != by_provider {
        return Err(RefreshError::OtherClient);
    }
    let repeat = stored.used_at.is_some_and(|used_at| may_repeat(stored, used_at, client_type, now));
    // Before the expiry: a used token that is played again late was stolen all the same.
    if stored.used_at.is_some() && !repeat {
        return Ok(RefreshDecision::Replayed);
    }
    if stored.issued_at > now.saturating_add(FUTURE_TOLERANCE) {
        return Err(RefreshError::FromTheFuture);
    }
    if stored.idle_expires_at.min(stored.absolute_expires_at) <= now {
        return Err(RefreshError::Expired);
    }
    Ok(if repeat { RefreshDecision::RepeatSuccessor } else { RefreshDecision::Rotate })
}

/// A public client cannot prove that it is the one that lost the answer; a used successor proves that it did not.
fn may_repeat(stored: &Stored, used_at: UnixSeconds, client_type: ClientType, now: UnixSeconds) -> bool {
    let since = now.saturating_sub(used_at);
    client_type == ClientType::Confidential
        && !stored.successor_used
        && (-FUTURE_TOLERANCE..=REPEAT_WITHIN).contains(&since)
}

/// The scope of the new access token: what was granted, or the part of it that was asked for (RFC 6749 section 6).
pub fn narrow(granted: &ScopeSet, requested: Option<&str>) -> Result<ScopeSet, ScopeTooWide> {
    let Some(requested) = requested.filter(|r| !r.is_empty()) else { return Ok(granted.clone()) };
    let requested = ScopeSet::parse(requested, granted);
    match requested.unknown(granted).into_iter().next() {
        None if requested.is_empty() => Ok(granted.clone()),
        None => Ok(requested),
        Some(token) => Err(ScopeTooWide(token)),
    }
}
