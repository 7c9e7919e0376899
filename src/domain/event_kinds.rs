//! The kinds of events. Each has a name in the catalogue, under `event-` and its own word.

/// A policy could not say yes or no. Its name is the detail `policy`.
pub const POLICY_FAILED: &str = "policy_failed";
/// A scope mapping gave no claims. Its name is the detail `scope_mapping`.
pub const SCOPE_MAPPING_FAILED: &str = "scope_mapping_failed";

/// A backup was not made. Why is the detail `reason`.
pub const BACKUP_FAILED: &str = "backup_failed";
/// A backup was made, and proven before it was encrypted.
pub const BACKUP_MADE: &str = "backup_made";
/// This database came out of a backup.
pub const BACKUP_RESTORED: &str = "backup_restored";

/// A passkey was refused because its counter did not move on: there may be two of it.
pub const PASSKEY_CLONED: &str = "passkey_cloned";

/// A code or refresh token came twice.
pub const TOKEN_REPLAYED: &str = "token_replayed";

/// An application was told of a sign-out.
pub const LOGOUT_TOLD: &str = "logout_told";
/// An application could not be told of a sign-out, and is not told any more. Why is the detail `reason`.
pub const LOGOUT_UNTOLD: &str = "logout_untold";

/// The kinds that tell of a refusal, and are counted by kind; one that is not among them as the last.
pub const REFUSALS: [&str; 11] = [
    "access_denied",
    "authorize_refused",
    "client_refused",
    "login_failed",
    PASSKEY_CLONED,
    POLICY_FAILED,
    SCOPE_MAPPING_FAILED,
    "token_refused",
    TOKEN_REPLAYED,
    "userinfo_refused",
    "other",
];

/// Every kind that is written.
pub const KINDS: &[&str] = &[
    "access_denied",
    "user_signed_out",
    "session_ended",
    "account_changed",
    "access_revoked",
    "app_password_created",
    "app_password_revoked",
    "application_changed",
    "application_created",
    "application_deleted",
    "application_icon_removed",
    "application_icon_set",
    "authorize_application",
    "authorize_refused",
    BACKUP_FAILED,
    BACKUP_MADE,
    BACKUP_RESTORED,
    "binding_changed",
    "binding_created",
    "binding_deleted",
    "certificate_authority_created",
    "certificate_created",
    "client_refused",
    "clock_reset",
    "client_secret_replaced",
    "client_secret_viewed",
    "consent_given",
    "device_forgotten",
    "email_verified",
    "factors_removed",
    "group_changed",
    "group_created",
    "group_deleted",
    "group_member_added",
    "group_member_removed",
    "invitation_created",
    "invitation_deleted",
    "invitation_used",
    "key_created",
    "key_imported",
    "key_renamed",
    "key_retired",
    "key_revoked",
    "login",
    "login_failed",
    "logo_removed",
    "logo_set",
    "logout",
    LOGOUT_TOLD,
    LOGOUT_UNTOLD,
    PASSKEY_CLONED,
    "passkey_added",
    "passkey_removed",
    "passkey_renamed",
    "mail_failed",
    "password_set",
    "picture_removed",
    "picture_set",
    "policy_changed",
    "policy_created",
    "policy_deleted",
    POLICY_FAILED,
    "provider_changed",
    "provider_connected",
    "provider_created",
    "provider_deleted",
    "recovery_codes_made",
    "recovery_link_created",
    "scope_mapping_changed",
    "scope_mapping_created",
    "scope_mapping_deleted",
    SCOPE_MAPPING_FAILED,
    "settings_changed",
    "setup",
    "throttle_cleared",
    "token_refused",
    TOKEN_REPLAYED,
    "token_revoked",
    "totp_added",
    "totp_removed",
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
