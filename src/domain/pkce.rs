//! Proof Key for Code Exchange (RFC 7636), S256 only.

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::client::ClientType;

/// Whether a client may leave PKCE out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PkcePolicy {
    Optional,
    Required,
}

impl PkcePolicy {
    /// The policy that holds for a client. Public clients always need PKCE, even when they send some secret
    /// (RFC 8252 section 8.1).
    pub fn of(client_type: ClientType, configured: Self) -> Self {
        match client_type {
            ClientType::Public => Self::Required,
            ClientType::Confidential => configured,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Optional, Self::Required].into_iter().find(|p| p.as_str() == text)
    }
}

/// An S256 challenge: 43 base64url characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge(String);

impl Challenge {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A challenge that we stored ourselves.
    pub fn from_store(text: String) -> Self {
        Self(text)
    }
}

/// Why a challenge or a verifier was refused. At authorize it is `invalid_request`, at token `invalid_grant`
/// (RFC 7636 sections 4.4.1 and 4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    #[error("this client must send a code_challenge (PKCE with S256)")]
    ChallengeMissing,
    #[error("code_challenge_method was sent without a code_challenge")]
    MethodWithoutChallenge,
    #[error("only code_challenge_method S256 is supported; a challenge without a method would be plain")]
    NotS256,
    #[error("the code_challenge is not 43 base64url characters")]
    ChallengeMalformed,
    #[error("the code_verifier is missing")]
    VerifierMissing,
    #[error("a code_verifier was sent for a code that was asked for without a code_challenge")]
    VerifierUnexpected,
    #[error("the code_verifier is not 43 to 128 unreserved characters")]
    VerifierMalformed,
    #[error("the code_verifier does not match the code_challenge")]
    VerifierWrong,
}

/// Reads the PKCE part of an authorization request. Empty values count as not sent.
pub fn from_request(
    challenge: Option<&str>,
    method: Option<&str>,
    policy: PkcePolicy,
) -> Result<Option<Challenge>, PkceError> {
    let (challenge, method) = (challenge.filter(|c| !c.is_empty()), method.filter(|m| !m.is_empty()));
    match (challenge, method) {
        (None, Some(_)) => Err(PkceError::MethodWithoutChallenge),
        (None, None) if policy == PkcePolicy::Required => Err(PkceError::ChallengeMissing),
        (None, None) => Ok(None),
        // RFC 7636 section 4.3: without a method the challenge is plain.
        (Some(challenge), Some("S256")) => parse_challenge(challenge).map(Some),
        (Some(_), _) => Err(PkceError::NotS256),
    }
}

/// RFC 7636 section 4.6, and the rule of RFC 9700 section 2.1.1 that a verifier without a challenge is refused: it
/// is the mark of a challenge that somebody stripped on the way.
pub fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), PkceError> {
    // A parameter without a value counts as not sent (RFC 6749 section 3.1).
    let verifier = verifier.filter(|v| !v.is_empty());
    let Some(challenge) = challenge else {
        return if verifier.is_none() { Ok(()) } else { Err(PkceError::VerifierUnexpected) };
    };
    let verifier = verifier.ok_or(PkceError::VerifierMissing)?;
    // RFC 7636 section 4.1: 43*128unreserved.
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_unreserved) {
        return Err(PkceError::VerifierMalformed);
    }
    constant_time::verify_slices_are_equal(s256(verifier).as_bytes(), challenge.0.as_bytes())
        .map_err(|_| PkceError::VerifierWrong)
}

fn parse_challenge(text: &str) -> Result<Challenge, PkceError> {
    // Decoding also refuses a 43rd character with stray bits, which no SHA-256 can give.
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.len() == digest::SHA256_OUTPUT_LEN => Ok(Challenge(text.to_owned())),
        _ => Err(PkceError::ChallengeMalformed),
    }
}

fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn challenge() -> Challenge {
        from_request(Some(CHALLENGE), Some("S256"), PkcePolicy::Required).unwrap().unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_verifies_and_another_verifier_does_not() {
        assert_eq!(verify(Some(&challenge()), Some(VERIFIER)), Ok(()));
        let other = VERIFIER.replacen('d', "e", 1);
        assert_eq!(verify(Some(&challenge()), Some(&other)), Err(PkceError::VerifierWrong));
        // The plain method is no way round.
        assert_eq!(verify(Some(&challenge()), Some(CHALLENGE)), Err(PkceError::VerifierWrong));
    }

    #[test]
    fn a_verifier_that_is_missing_empty_or_malformed_is_refused() {
        assert_eq!(verify(Some(&challenge()), None), Err(PkceError::VerifierMissing));
        assert_eq!(verify(Some(&challenge()), Some("")), Err(PkceError::VerifierMissing));
        for malformed in [&VERIFIER[..42], &"a".repeat(129), &VERIFIER.replace('-', "+"), &VERIFIER.replace('-', " ")] {
            assert_eq!(verify(Some(&challenge()), Some(malformed)), Err(PkceError::VerifierMalformed), "{malformed}");
        }
    }

    #[test]
    fn a_verifier_without_a_challenge_is_refused_and_neither_is_fine() {
        assert_eq!(verify(None, Some(VERIFIER)), Err(PkceError::VerifierUnexpected));
        assert_eq!(verify(None, None), Ok(()));
        assert_eq!(verify(None, Some("")), Ok(()));
    }

    #[test]
    fn a_challenge_is_optional_or_required_by_policy_and_always_for_public_clients() {
        assert_eq!(from_request(None, None, PkcePolicy::Optional), Ok(None));
        assert_eq!(from_request(Some(""), Some(""), PkcePolicy::Optional), Ok(None));
        assert_eq!(from_request(None, None, PkcePolicy::Required), Err(PkceError::ChallengeMissing));
        assert_eq!(from_request(Some(""), Some(""), PkcePolicy::Required), Err(PkceError::ChallengeMissing));
        assert_eq!(PkcePolicy::of(ClientType::Public, PkcePolicy::Optional), PkcePolicy::Required);
        assert_eq!(PkcePolicy::of(ClientType::Confidential, PkcePolicy::Optional), PkcePolicy::Optional);
    }

    #[test]
    fn only_s256_is_taken_and_a_half_request_is_refused() {
        for policy in [PkcePolicy::Optional, PkcePolicy::Required] {
            for method in [None, Some("plain"), Some("s256"), Some("S512"), Some("")] {
                assert_eq!(from_request(Some(CHALLENGE), method, policy), Err(PkceError::NotS256), "{method:?}");
            }
            assert_eq!(from_request(None, Some("S256"), policy), Err(PkceError::MethodWithoutChallenge));
        }
    }

    #[test]
    fn a_challenge_that_no_hash_can_give_is_refused() {
        let padded = format!("{CHALLENGE}=");
        for bad in ["x", &CHALLENGE[..42], &padded, &CHALLENGE.replace('-', "+"), &CHALLENGE.replace('M', "N")] {
            let parsed = from_request(Some(bad), Some("S256"), PkcePolicy::Optional);
            assert_eq!(parsed, Err(PkceError::ChallengeMalformed), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_verifier_satisfies_its_own_challenge_and_no_other(
            verifier in "[A-Za-z0-9._~-]{43,128}",
            other in "[A-Za-z0-9._~-]{43,128}",
        ) {
            let challenge = from_request(Some(&s256(&verifier)), Some("S256"), PkcePolicy::Required).unwrap();
            prop_assert_eq!(verify(challenge.as_ref(), Some(&verifier)), Ok(()));
            prop_assert_eq!(verify(challenge.as_ref(), Some(&other)).is_ok(), verifier == other);
        }
    }
}
