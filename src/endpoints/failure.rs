//! Refusals and faults, and the answers they become.

use serde_json::json;

use crate::crypto::password::Busy;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Duplicate, RequestId, Response};
use crate::pages::ErrorPage;
use crate::words::Words;

use super::context::Ctx;

/// Why a handler has no answer of its own.
pub enum Failure {
    /// A page or redirect that was built where the reason is known.
    Answer(Box<Response>),
    /// For a client, as JSON (RFC 6749 section 5.2).
    OAuth(OAuthError),
    Internal(Internal),
    /// An act was refused, and there is no form to show it at.
    Refused(Problems),
    /// What the address names is not there.
    NotFound,
    /// All password hashers are in use.
    Busy,
}

/// An error of an OAuth endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthError {
    pub status: u16,
    pub error: &'static str,
    /// For the client's developer: what was expected. The true reason stands in the events.
    pub description: &'static str,
    /// The value of WWW-Authenticate, where the status asks for one.
    pub challenge: Option<String>,
}

impl OAuthError {
    pub fn bad_request(error: &'static str, description: &'static str) -> Self {
        Self { status: 400, error, description, challenge: None }
    }

    fn into_response(self, id: &RequestId) -> Response {
        let body = json!({
            "error": self.error,
            "error_description": self.description,
            "request_id": id.to_string(),
        });
        let response = Response::json(self.status, &body);
        match self.challenge {
            Some(challenge) => response.header("WWW-Authenticate", challenge),
            None => response,
        }
    }
}

/// What a failure looks like: to a person, or to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Person,
    Program,
}

impl Failure {
    /// What the browser or the program is answered.
    pub fn into_response(self, ctx: &Ctx, audience: Audience) -> Response {
        let id = &ctx.req.id;
        let id_text = id.to_string();
        let error_page = |page: &ErrorPage| ctx.error(page);
        match (self, audience) {
            (Self::Answer(response), _) => *response,
            (Self::OAuth(error), _) => error.into_response(id),
            (Self::Refused(problems), _) => {
                let why =
                    problems.iter().next().map_or_else(|| Words::new("error-refused"), |(_, words)| words.clone());
                error_page(&ErrorPage::refused(why, &id_text))
            }
            (Self::NotFound, _) => error_page(&ErrorPage::not_found(&id_text)),
            (Self::Busy, _) => error_page(&ErrorPage::busy(&id_text)).header("Retry-After", "5"),
            (Self::Internal(error), audience) => {
                tracing::error!(request_id = id_text, %error, "a request failed");
                let unavailable = matches!(error, Internal::Unavailable(_));
                let response = match audience {
                    Audience::Person if unavailable => error_page(&ErrorPage::busy(&id_text)),
                    Audience::Person => error_page(&ErrorPage::internal(&id_text)),
                    Audience::Program => {
                        let (status, error) =
                            if unavailable { (503, "temporarily_unavailable") } else { (500, "server_error") };
                        let description = "the provider could not answer; its log has the reason under this request id";
                        OAuthError { status, error, description, challenge: None }.into_response(id)
                    }
                };
                if unavailable { response.header("Retry-After", "5") } else { response }
            }
        }
    }
}

impl From<Internal> for Failure {
    fn from(error: Internal) -> Self {
        Self::Internal(error)
    }
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<Busy> for Failure {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<Response> for Failure {
    fn from(response: Response) -> Self {
        Self::Answer(Box::new(response))
    }
}

impl From<Duplicate> for Failure {
    fn from(_: Duplicate) -> Self {
        Self::OAuth(OAuthError::bad_request("invalid_request", "a parameter was sent more than once"))
    }
}
