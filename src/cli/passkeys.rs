//! What commands say of passkeys that stop working, best before they do.

use crate::domain::base_url::BaseUrl;
use crate::store::passkeys::Elsewhere;

/// Passkeys that are named.
pub const NAMED: usize = 20;

/// In words: which passkeys do not work under a base URL, and what to do. `None` when all do.
pub fn stranded(elsewhere: &Elsewhere, base: &BaseUrl) -> Option<String> {
    let host = elsewhere.some.first().map(|(_, _, host)| host)?;
    let names: Vec<_> = elsewhere.some.iter().map(|(user, name, host)| format!("{user} ({name:?}, {host})")).collect();
    let more = match elsewhere.all - names.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let count = match elsewhere.all {
        1 => "one passkey was made for another host and does".to_owned(),
        n => format!("{n} passkeys were made for another host and do"),
    };
    Some(format!(
        "{count} not work at {}: {}{more}. Before the base URL changes, their users should see to another way in: an \
         authenticator app or recovery codes (User settings > MFA devices), and afterwards they add a new passkey. Or keep \
         the passkeys: set passkey-rp-id = \"{host}\", and go on answering at https://{host}/.well-known/webauthn",
        base.as_str(),
        names.join(", ")
    ))
}
