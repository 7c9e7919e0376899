//! Latchkey: a complete OpenID Connect provider for home servers, in one static binary.
//! Parses arguments, runs the command, ends with its exit code.

mod access;
mod acts;
mod app;
mod backup;
mod challenges;
mod cli;
mod clock;
mod config;
mod crypto;
mod domain;
mod endpoints;
mod error;
mod forwarding;
mod http;
mod keyring;
mod mail;
mod metrics;
mod pages;
mod recorder;
mod routes;
mod server;
mod settings;
mod store;
mod telling;
mod throttle;
mod tls;
mod words;

fn main() -> std::process::ExitCode {
    cli::run()
}
