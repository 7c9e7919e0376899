//! The black-box tests: the real binary over HTTP, acting as its clients and its attackers would.

mod cli;
mod cli_accounts;
mod disk_full;
mod faults;
mod first_run;
mod gravitee;
mod portainer;
mod recovery;
mod sessions;
mod sign_in;
mod storage;
mod support;
