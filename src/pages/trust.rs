//! How devices and programs learn to trust the own certificate authority. Open to anybody, and over http too: who does
//! not trust it yet cannot read it otherwise.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::domain::UnixSeconds;

/// The page of a root.
#[derive(Debug, Template)]
#[template(path = "trust.html")]
pub struct Trust<'a> {
    pub ui: &'a Shell,
    /// The root's own name, by which devices list it.
    pub name: &'a str,
    /// Names and addresses that it may vouch for.
    pub permitted: &'a str,
    pub fingerprint: &'a str,
    pub until: UnixSeconds,
    /// Whether people will have to install another one.
    pub is_to_be_replaced: bool,
}

/// A kind of device or program: the key of its name, those of the steps, and what is typed there.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    steps: &'static [&'static str],
    typed: Option<&'static str>,
}

const fn kind(name: &'static str, steps: &'static [&'static str]) -> Kind {
    Kind { name, steps, typed: None }
}

const fn typing(name: &'static str, steps: &'static [&'static str], typed: &'static str) -> Kind {
    Kind { name, steps, typed: Some(typed) }
}

/// Programs in other languages take Portainer's way too: the variable is OpenSSL's.
const PORTAINER: &str = "\
services:
  portainer:
    environment:
      SSL_CERT_FILE: /certs/latchkey-ca.crt
    volumes:
      - ./latchkey-ca.crt:/certs/latchkey-ca.crt:ro";
const DEBIAN: &str = "\
sudo cp latchkey-ca.crt /usr/local/share/ca-certificates/
sudo update-ca-certificates";
const JAVA: &str = "\
keytool -importcert -noprompt -alias latchkey \\
  -file latchkey-ca.crt -cacerts -storepass changeit";

const DEVICES: &[Kind] = &[
    kind("trust-ios", &["trust-ios-1", "trust-ios-2", "trust-ios-3"]),
    kind("trust-android", &["trust-android-1", "trust-android-2", "trust-android-3"]),
    kind("trust-windows", &["trust-windows-1", "trust-windows-2", "trust-windows-3"]),
    kind("trust-macos", &["trust-macos-1", "trust-macos-2"]),
    typing("trust-linux", &["trust-linux-1", "trust-linux-2"], DEBIAN),
    kind("trust-firefox", &["trust-firefox-1", "trust-firefox-2"]),
];

const PROGRAMS: &[Kind] = &[
    typing("trust-portainer", &["trust-portainer-1", "trust-portainer-2"], PORTAINER),
    typing("trust-java", &["trust-java-1", "trust-java-2"], JAVA),
];

impl Trust<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}
