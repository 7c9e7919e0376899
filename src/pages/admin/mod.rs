//! The pages of the Admin interface.

mod events;
mod groups;

pub use events::{EventDetails, EventList};
pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};
