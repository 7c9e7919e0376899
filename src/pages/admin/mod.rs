//! The pages of the Admin interface.

mod dashboard;
mod events;
mod groups;

pub use dashboard::{Chart, Dashboard, KeyLine};
pub use events::{EventDetails, EventList};
pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};
