//! Latchkey: a complete OpenID Connect provider for home servers, in one static binary. A library only so that fuzz
//! targets can reach what reads strangers' bytes.

mod access;
mod acts;
mod app;
mod backchannel;
mod backup;
mod challenges;
mod cli;
mod client_keys;
mod clock;
mod config;
mod crypto;
mod domain;
mod endpoints;
mod error;
mod forwarding;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod http;
mod keyring;
mod mail;
mod metrics;
mod outbound;
mod pages;
mod polls;
mod recorder;
mod routes;
mod server;
mod settings;
mod store;
mod telling;
mod throttle;
mod tls;
mod words;

/// Parses arguments, runs the command, gives its exit code.
pub fn main() -> std::process::ExitCode {
    cli::run()
}
