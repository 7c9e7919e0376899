//! Latchkey: a complete OpenID Connect provider for home servers, in one static binary.

mod domain;
mod http;

fn main() {}
