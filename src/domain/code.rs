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
    check(stored, by_provider, now)?;
    // RFC 6749 section 4.1.3: required, as every authorization request here has one, and identical.
    match redirect_uri {
        None => return Err(CodeError::RedirectUriMissing),
        Some(uri) if uri != stored.redirect_uri => return Err(CodeError::RedirectUriDiffers),
        Some(_) => {}
    }
    Ok(pkce::verify(stored.challenge.as_ref(), verifier)?)
}

/// What holds of a device's code too, which comes with neither redirect URI nor challenge.
pub fn check(stored: &Stored, by_provider: i64, now: UnixSeconds) -> Result<(), CodeError> {
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
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const URI: &str = "https://portainer.company/";

    fn code() -> Stored {
        Stored {
            provider_id: 1,
            redirect_uri: URI.to_owned(),
            challenge: None,
            issued_at: 1_000,
            expires_at: 1_060,
            redeemed: false,
        }
    }

    fn code_with_challenge() -> Stored {
        Stored { challenge: Some(Challenge::from_store(CHALLENGE.to_owned())), ..code() }
    }

    #[test]
    fn a_code_is_redeemed_by_its_client_at_its_address_in_its_time() {
        assert_eq!(redeem(&code(), 1, Some(URI), None, 1_000), Ok(()));
        assert_eq!(redeem(&code(), 1, Some(URI), None, 1_059), Ok(()));
        assert_eq!(redeem(&code_with_challenge(), 1, Some(URI), Some(VERIFIER), 1_001), Ok(()));
    }

    #[test]
    fn a_code_is_worth_nothing_to_another_client_elsewhere_or_later() {
        assert_eq!(redeem(&code(), 2, Some(URI), None, 1_001), Err(CodeError::OtherClient));
        assert_eq!(redeem(&code(), 1, None, None, 1_001), Err(CodeError::RedirectUriMissing));
        for other in ["https://portainer.company", "https://portainer.company/x", "https://Portainer.company/", ""] {
            assert_eq!(redeem(&code(), 1, Some(other), None, 1_001), Err(CodeError::RedirectUriDiffers), "{other}");
        }
        assert_eq!(redeem(&code(), 1, Some(URI), None, 1_060), Err(CodeError::Expired));
    }

    #[test]
    fn the_proof_must_fit_what_was_asked_for() {
        let wrong = VERIFIER.replacen('d', "e", 1);
        for (stored, verifier, expected) in [
            (code_with_challenge(), None, PkceError::VerifierMissing),
            (code_with_challenge(), Some(""), PkceError::VerifierMissing),
            (code_with_challenge(), Some(wrong.as_str()), PkceError::VerifierWrong),
            (code(), Some(VERIFIER), PkceError::VerifierUnexpected),
        ] {
            assert_eq!(redeem(&stored, 1, Some(URI), verifier, 1_001), Err(CodeError::Pkce(expected)));
        }
    }

    #[test]
    fn a_code_from_the_future_is_void_but_for_a_moment_s_tolerance() {
        assert_eq!(redeem(&code(), 1, Some(URI), None, 994), Err(CodeError::FromTheFuture));
        assert_eq!(redeem(&code(), 1, Some(URI), None, 995), Ok(()));
    }

    #[test]
    fn a_replay_is_told_from_a_mistake_and_a_stranger_s_try_is_no_replay() {
        let used = Stored { redeemed: true, ..code() };
        assert_eq!(redeem(&used, 1, Some(URI), None, 1_001), Err(CodeError::Replayed));
        assert_eq!(redeem(&used, 1, None, None, 9_999), Err(CodeError::Replayed));
        assert_eq!(redeem(&used, 2, Some(URI), None, 1_001), Err(CodeError::OtherClient));
    }

    proptest! {
        #[test]
        fn of_any_sequence_of_tries_at_most_one_succeeds_and_no_mistake_burns_the_code(
            tries in prop::collection::vec((1..3_i64, any::<bool>(), any::<bool>(), 0..3_i64), 1..20),
        ) {
            let mut stored = code_with_challenge();
            let mut now = stored.issued_at;
            let mut successes = 0;
            for (client, right_uri, right_verifier, later) in tries {
                now += later;
                let uri = if right_uri { URI } else { "https://evil.example/" };
                let verifier = right_verifier.then_some(VERIFIER);
                let all_right = client == 1 && right_uri && right_verifier && now < stored.expires_at;
                let outcome = redeem(&stored, client, Some(uri), verifier, now);
                prop_assert_eq!(outcome.is_ok(), all_right && successes == 0);
                prop_assert_eq!(outcome == Err(CodeError::Replayed), client == 1 && successes > 0);
                if outcome.is_ok() {
                    stored.redeemed = true;
                    successes += 1;
                }
            }
            prop_assert!(successes <= 1);
        }
    }
}
