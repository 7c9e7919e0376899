//! The Admin interface: every handler asks for evidence of an administrator, and does what it does through `acts`.

pub mod events;
pub mod groups;
