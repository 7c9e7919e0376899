//! What pages with a passkey button need, and the lists of passkeys.

use askama::Template;

use super::filters;
use super::form::Form;
use super::shell::Shell;
use crate::domain::UnixSeconds;
use crate::store::passkeys::Passkey;

/// A ceremony that a page offers. The script in `static/passkeys.js` shows its button where the browser can.
#[derive(Debug)]
pub struct PasskeyAsk {
    /// For the browser, as JSON.
    pub options: String,
    /// On its way back to us, sealed.
    pub state: String,
    /// The field that the answer comes in; the state comes in the one with `_state` behind it.
    pub field: &'static str,
}

/// Somebody whose recovery code was right makes a passkey in place of a lost one.
#[derive(Debug, Template)]
#[template(path = "lost_passkey.html")]
pub struct LostPasskey<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form: &'a Form,
    pub username: &'a str,
    pub ask: PasskeyAsk,
}

impl LostPasskey<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

/// A passkey in a list.
#[derive(Debug)]
pub struct PasskeyLine {
    pub id: i64,
    pub name: String,
    pub is_synced: bool,
    pub added: UnixSeconds,
    pub used: Option<UnixSeconds>,
    /// The host it was made for, where that is not the present one: it does not work here.
    pub elsewhere: Option<String>,
}

impl PasskeyLine {
    /// `rp_id` is the present host, if passkeys work here at all.
    pub fn of(passkey: Passkey, rp_id: Option<&str>) -> Self {
        let Passkey { id, name, is_synced, created_at: added, last_used_at: used, .. } = passkey;
        let elsewhere = (rp_id != Some(passkey.rp_id.as_str())).then_some(passkey.rp_id);
        Self { id, name, is_synced, added, used, elsewhere }
    }
}
