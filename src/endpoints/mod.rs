//! The endpoints and pages: each handler reads like a checklist. What they share: the context of a request, and how
//! a refusal becomes an answer.

pub mod admin;
pub mod assets;
pub mod authorize;
mod bearer;
pub mod brand;
mod client_auth;
mod client_credentials;
mod client_keys;
mod clients;
mod confirm;
pub mod consent;
mod consent_page;
mod context;
pub mod cors;
pub mod device;
pub mod device_page;
pub mod discovery;
pub mod end_session;
mod factor_check;
mod failure;
mod flow;
mod goal;
pub mod guard;
pub mod health;
pub mod help;
mod hint;
pub mod home;
pub mod icons;
pub mod introspect;
pub mod invitation;
mod issue;
mod known_device;
pub mod login;
pub mod logout;
pub mod lost_passkey;
pub mod metrics;
mod notice;
mod notices;
pub mod par;
mod passkey;
mod pending;
pub mod recovery;
pub mod recovery_request;
mod refusal;
pub mod related_origins;
mod request_object;
pub mod revoke;
pub mod second_factor;
pub mod session;
pub mod setup;
mod step;
mod step_up;
pub mod token;
pub mod trust;
pub mod uploads;
pub mod user;
pub mod userinfo;
pub mod verify_email;

pub use clients::Client;
pub use context::Ctx;
pub use failure::{Audience, Failure};
pub use guard::{Get, Post};
pub use home::launch_url;
pub use issue::Signer;

use crate::http::Response;

/// For pages: nothing from elsewhere, nothing inline, no frame around them.
pub const PAGE_CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
                        form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every handler returns.
pub type Answer = Result<Response, Failure>;
