//! The pages of the Admin interface.

mod groups;

pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};
