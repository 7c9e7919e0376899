//! The black-box tests: the real binary over HTTP, acting as its clients and its attackers would.

mod authorize;
mod gravitee;
mod openidconnect_crate;
mod portainer;
mod support;
mod tokens;
