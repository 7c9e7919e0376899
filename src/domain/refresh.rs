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

#[cfg(test)]
mod tests {
    use super::ClientType::{Confidential, Public};
    use super::*;
    use proptest::prelude::*;

    fn token() -> Stored {
        Stored {
            provider_id: 1,
            issued_at: 1_000,
            idle_expires_at: 2_000,
            absolute_expires_at: 3_000,
            used_at: None,
            successor_used: false,
        }
    }

    #[test]
    fn a_fresh_token_is_rotated_by_its_own_client_only() {
        for client in [Confidential, Public] {
            assert_eq!(decide(&token(), 1, client, 1_500), Ok(RefreshDecision::Rotate));
            assert_eq!(decide(&token(), 2, client, 1_500), Err(RefreshError::OtherClient));
        }
    }

    #[test]
    fn a_token_ends_by_idleness_or_by_age_whichever_is_first() {
        assert_eq!(decide(&token(), 1, Confidential, 1_999), Ok(RefreshDecision::Rotate));
        assert_eq!(decide(&token(), 1, Confidential, 2_000), Err(RefreshError::Expired));
        let old = Stored { idle_expires_at: 9_000, ..token() };
        assert_eq!(decide(&old, 1, Confidential, 2_999), Ok(RefreshDecision::Rotate));
        assert_eq!(decide(&old, 1, Confidential, 3_000), Err(RefreshError::Expired));
    }

    #[test]
    fn a_token_from_the_future_is_void_but_for_a_moment_s_tolerance() {
        assert_eq!(decide(&token(), 1, Confidential, 994), Err(RefreshError::FromTheFuture));
        assert_eq!(decide(&token(), 1, Confidential, 995), Ok(RefreshDecision::Rotate));
    }

    #[test]
    fn a_lost_answer_is_given_again_to_a_confidential_client_for_ten_seconds() {
        let used = Stored { used_at: Some(1_500), ..token() };
        for now in [1_500, 1_510] {
            assert_eq!(decide(&used, 1, Confidential, now), Ok(RefreshDecision::RepeatSuccessor));
            assert_eq!(decide(&used, 1, Public, now), Ok(RefreshDecision::Replayed));
            assert_eq!(decide(&used, 2, Confidential, now), Err(RefreshError::OtherClient));
        }
        assert_eq!(decide(&used, 1, Confidential, 1_511), Ok(RefreshDecision::Replayed));
        let gone_on = Stored { successor_used: true, ..used.clone() };
        assert_eq!(decide(&gone_on, 1, Confidential, 1_501), Ok(RefreshDecision::Replayed));
        // A clock that jumped back does not open the window again.
        assert_eq!(decide(&used, 1, Confidential, 1_200), Ok(RefreshDecision::Replayed));
    }

    #[test]
    fn a_used_token_that_comes_back_after_its_end_is_a_replay_all_the_same() {
        let used = Stored { used_at: Some(1_500), ..token() };
        assert_eq!(decide(&used, 1, Confidential, 5_000), Ok(RefreshDecision::Replayed));
    }

    #[test]
    fn a_scope_can_be_narrowed_and_never_widened() {
        let granted = ScopeSet::from_store("openid email offline_access");
        assert_eq!(narrow(&granted, None), Ok(granted.clone()));
        assert_eq!(narrow(&granted, Some("")), Ok(granted.clone()));
        assert_eq!(narrow(&granted, Some("email openid")), Ok(ScopeSet::from_store("email openid")));
        assert_eq!(narrow(&granted, Some("openid profile")), Err(ScopeTooWide("profile".to_owned())));
    }

    proptest! {
        #[test]
        fn narrowing_gives_a_part_of_what_was_granted(granted in "[a-e ]{0,10}", asked in "[a-g, ]{0,10}") {
            let granted = ScopeSet::from_store(&granted);
            if let Ok(narrowed) = narrow(&granted, Some(&asked)) {
                prop_assert!(narrowed.is_subset_of(&granted));
            }
        }

        /// A family as the store keeps it: tokens in a row, each the successor of the one before.
        #[test]
        fn in_any_sequence_each_token_is_rotated_once_and_a_replay_ends_the_family(
            tries in prop::collection::vec((any::<prop::sample::Index>(), 0..8_i64), 1..30),
            client in prop_oneof![Just(Confidential), Just(Public)],
        ) {
            let mut family = vec![token()];
            let mut revoked = false;
            let mut now = 1_000;
            for (pick, later) in tries {
                now += later;
                let index = pick.index(family.len());
                if revoked {
                    break;
                }
                let successor_used = family.get(index + 1).is_some_and(|next| next.used_at.is_some());
                let stored = Stored { successor_used, ..family[index].clone() };
                match decide(&stored, 1, client, now).unwrap() {
                    RefreshDecision::Rotate => {
                        prop_assert_eq!(index, family.len() - 1);
                        family[index].used_at = Some(now);
                        family.push(Stored { issued_at: now, ..token() });
                    }
                    RefreshDecision::RepeatSuccessor => {
                        // Only ever the newest token, to the client that proved who it is, and soon.
                        prop_assert_eq!(index, family.len() - 2);
                        prop_assert!(client == Confidential && now - family[index].used_at.unwrap() <= REPEAT_WITHIN);
                    }
                    RefreshDecision::Replayed => {
                        prop_assert!(index < family.len() - 1);
                        revoked = true;
                    }
                }
                prop_assert_eq!(family.iter().filter(|t| t.used_at.is_none()).count(), 1);
            }
        }
    }
}
