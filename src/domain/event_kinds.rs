//! The kinds of events. Each has a name in the catalogue, under `event-` and its own word.

/// Every kind that is written.
pub const KINDS: &[&str] = &[
    "access_denied",
    "application_changed",
    "application_created",
    "application_deleted",
    "authorize_application",
    "authorize_refused",
    "binding_created",
    "binding_deleted",
    "client_refused",
    "client_secret_replaced",
    "client_secret_viewed",
    "consent_given",
    "group_changed",
    "group_created",
    "group_deleted",
    "group_member_added",
    "group_member_removed",
    "key_created",
    "key_revoked",
    "login",
    "login_failed",
    "logout",
    "password_set",
    "provider_connected",
    "provider_created",
    "provider_deleted",
    "recovery_link_created",
    "setup",
    "token_refused",
    "token_replayed",
    "token_revoked",
    "user_changed",
    "user_created",
    "user_deleted",
    "user_disabled",
    "user_enabled",
    "userinfo_refused",
];

/// The key of a kind's name in the catalogue. `None` for a kind from another version.
pub fn name_key(kind: &str) -> Option<String> {
    KINDS.contains(&kind).then(|| format!("event-{}", kind.replace('_', "-")))
}
