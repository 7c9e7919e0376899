//! The black-box tests: the real binary over HTTP, acting as its clients and its attackers would.

mod edge;
mod first_run;
mod forms;
mod gravitee;
mod pages;
mod portainer;
mod sessions;
mod support;
