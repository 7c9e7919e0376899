//! Latchkey: a complete OpenID Connect provider for home servers, in one static binary.

mod http;
mod server;

fn main() {}
