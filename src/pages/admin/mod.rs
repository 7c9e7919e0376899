//! The pages of the Admin interface.

mod applications;
mod events;
mod fields;
mod groups;

pub use events::{EventDetails, EventList};
pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};

mod wizard;

pub use applications::{ApplicationList, ApplicationRow, CreateApplication, Pages};
pub use fields::{BindingRow, ProviderFields, UriRow};
pub use wizard::{Step, Wizard};
