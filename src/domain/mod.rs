//! The rules of the provider as pure functions: no I/O, no clock, no database, no randomness. An endpoint loads what
//! a rule needs, the rule decides, the endpoint saves.

pub mod access;
pub mod assertion;
pub mod attributes;
pub mod authorize;
pub mod backup;
pub mod base_url;
pub mod brand;
pub mod built_in_icons;
pub mod circumstances;
pub mod claims;
pub mod client;
pub mod clock;
pub mod code;
pub mod day;
pub mod device;
pub mod duration;
pub mod event_kinds;
pub mod expression;
pub mod forwarding;
pub mod grant_type;
pub mod health;
pub mod icon;
pub mod invitation;
pub mod local_path;
pub mod mail;
pub mod methods;
pub mod names;
pub mod outbound;
pub mod passkey_place;
pub mod password;
pub mod percent;
pub mod person;
pub mod pkce;
pub mod policy_kind;
pub mod preset;
pub mod problems;
pub mod proxy_config;
pub mod recovery_code;
pub mod redirect_uri;
pub mod refresh;
pub mod request_object;
pub mod scope;
pub mod search;
pub mod settings;
pub mod sign_out;
pub mod strength;
pub mod symptom;
pub mod throttle;
pub mod tls;
pub mod user_code;

/// Time as the clock module gives it: seconds since 1970, UTC.
pub type UnixSeconds = i64;

/// How far in the future a row may have been issued before it counts as forged by a clock that jumped.
pub const FUTURE_TOLERANCE: UnixSeconds = 5;
