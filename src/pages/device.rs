//! The pages for the codes that devices show: where one is typed, and what it is about.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::domain::UnixSeconds;
use crate::words::Words;

/// Asks for the code.
#[derive(Debug, Template)]
#[template(path = "device_code.html")]
pub struct DeviceCode<'a> {
    pub ui: &'a Shell,
    pub username: &'a str,
    /// As it was typed, or as the address had it.
    pub code: &'a str,
    pub problem: Option<Words>,
    /// A drawing of this page's address, to go on with a phone.
    pub qr: Option<String>,
    pub form_token: &'a str,
}

/// What a device wants, for its user to allow or deny.
#[derive(Debug, Template)]
#[template(path = "device_ask.html")]
pub struct DeviceAsk<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub username: &'a str,
    /// The same as on the device, for comparing.
    pub code: &'a str,
    pub scopes: &'a [&'a str],
    /// What scope mappings say of scopes: the scope, and their description.
    pub described: &'a [(String, String)],
    /// What the device seems to be, in our words.
    pub device: String,
    pub address: &'a str,
    pub asked_at: UnixSeconds,
    pub form_token: &'a str,
}

impl DeviceCode<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

impl DeviceAsk<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn description(&self, scope: &str) -> Option<&str> {
        self.described.iter().find(|(of, _)| of == scope).map(|(_, description)| description.as_str())
    }
}
