//! The Admin interface: every handler asks for evidence of an administrator, and does what it does through `acts`.

pub mod application;
pub mod applications;
pub mod dashboard;
pub mod events;
pub mod expressions;
mod fields;
pub mod groups;
pub mod invitations;
pub mod keys;
pub mod mail;
pub mod policies;
pub mod provider_asks;
pub mod providers;
mod review;
pub mod scope_mappings;
pub mod service_accounts;
pub mod settings;
pub mod slowed;
pub mod user_holdings;
pub mod users;
pub mod wizard;
