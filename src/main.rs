//! Latchkey: a complete OpenID Connect provider for home servers, in one static binary.

mod crypto;
mod http;
mod pages;

fn main() {}
