//! What the black-box tests share: the real binary on a fresh folder, a plain HTTP client, a browser with cookies.

pub mod browser;
pub mod chromium;
pub mod client;
pub mod device;
pub mod disk;
pub mod host;
pub mod html_form;
pub mod http;
pub mod inspect;
pub mod oauth;
pub mod process;
pub mod raw;
pub mod server;
pub mod signer;
pub mod site;
pub mod smtp;
pub mod strace;
pub mod totp;
pub mod virtual_key;

pub use browser::Browser;
pub use client::{App, Tokens};
pub use host::Host;
pub use html_form::HtmlForm;
pub use http::{Answer, Http};
pub use server::{Cli, Server};

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";
