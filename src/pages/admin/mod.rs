//! The pages of the Admin interface.

mod events;
mod expressions;
mod groups;
mod policies;
mod scope_mappings;

pub use events::{EventDetails, EventList};
pub use expressions::{Help, Tried};
pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};
pub use policies::{DeletePolicy, PolicyEditor, PolicyList};
pub use scope_mappings::{DeleteScopeMapping, ScopeMappingEditor, ScopeMappingList};
