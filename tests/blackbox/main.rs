//! The black-box tests: the real binary over HTTP, acting as its clients and its attackers would.

mod admin_groups;
mod admin_rights;
mod authorize;
mod browser_accounts;
mod browser_interfaces;
mod browser_pages;
mod browser_sign_in;
mod browser_sign_out;
mod cli;
mod cli_accounts;
mod disk_full;
mod edge;
mod faults;
mod first_run;
mod forms;
mod gravitee;
mod openidconnect_crate;
mod pages;
mod portainer;
mod recovery;
mod sessions;
mod sign_in;
mod storage;
mod strangers;
mod support;
mod tokens;
