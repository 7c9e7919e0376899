//! What the process counted since it started. Adding one is an atomic addition: no lock, nothing allocated. Every label
//! is one of a list written down here, and nothing that a stranger sends ever becomes one.

mod histogram;
mod requests;
pub mod text;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use histogram::Histogram;
pub use requests::{Place, Requests};

use crate::domain::UnixSeconds;

/// The counters of one server.
pub struct Metrics {
    /// When the process began.
    pub started_at: UnixSeconds,
    pub requests: Requests,
    /// Passwords sent to sign in, by what came of them. A name that nobody has and a wrong password are one: whoever may
    /// read the counters must not learn from them which names there are.
    pub sign_ins: Counts<4>,
    /// Answers of the authorization endpoint: a code (perhaps with tokens), tokens alone, an error to the client, or a
    /// page of ours.
    pub authorizations: Counts<18>,
    /// Answers with an access token, by grant; those of the authorization endpoint are `implicit`.
    pub issued: Counts<5>,
    /// Answers of the token endpoint with an error of RFC 6749.
    pub token_errors: Counts<11>,
}

impl Metrics {
    pub fn new(started_at: UnixSeconds) -> Self {
        Self {
            started_at,
            requests: Requests::default(),
            sign_ins: Counts::new(["success", "wrong_credentials", "throttled", "busy"]),
            authorizations: Counts::new([
                "code",
                "tokens",
                "access_denied",
                "consent_required",
                "invalid_request",
                "invalid_request_object",
                "invalid_request_uri",
                "invalid_scope",
                "login_required",
                "registration_not_supported",
                "request_not_supported",
                "request_uri_not_supported",
                "unauthorized_client",
                "unmet_authentication_requirements",
                "unsupported_response_type",
                "denied_page",
                "error_page",
                OTHER,
            ]),
            issued: Counts::new([
                "authorization_code",
                "refresh_token",
                "implicit",
                "device_code",
                "client_credentials",
            ]),
            token_errors: Counts::new([
                "invalid_request",
                "invalid_client",
                "invalid_grant",
                "invalid_scope",
                "unsupported_grant_type",
                "unauthorized_client",
                "authorization_pending",
                "slow_down",
                "access_denied",
                "expired_token",
                OTHER,
            ]),
        }
    }
}

/// What is counted under no name of its own.
const OTHER: &str = "other";

/// Counters of one name, one for each value of its label. A value that is not listed counts as the last one.
pub struct Counts<const N: usize> {
    values: [&'static str; N],
    counts: [AtomicU64; N],
}

impl<const N: usize> Counts<N> {
    pub const fn new(values: [&'static str; N]) -> Self {
        Self { values, counts: [const { AtomicU64::new(0) }; N] }
    }

    /// Counts one more.
    pub fn count(&self, value: &str) {
        let at = self.values.iter().position(|v| *v == value).unwrap_or(N - 1);
        self.counts[at].fetch_add(1, Relaxed);
    }

    /// Every value with its count.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.values.iter().zip(&self.counts).map(|(value, count)| (*value, count.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_counts_as_the_last() {
        let counts = Counts::new(["a", "b", OTHER]);
        for value in ["b", "x\"} 1", "b", OTHER] {
            counts.count(value);
        }
        assert_eq!(counts.read().collect::<Vec<_>>(), [("a", 0), ("b", 2), (OTHER, 2)]);
    }
}
