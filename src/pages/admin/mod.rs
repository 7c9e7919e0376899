//! The pages of the Admin interface.

mod application;
mod applications;
mod dashboard;
mod events;
mod expressions;
mod fields;
mod groups;
mod invitations;
mod keys;
mod mail;
mod policies;
mod providers;
mod scope_mappings;
mod settings;
mod users;
mod wizard;

pub use application::{ApplicationPage, BoundLine, DeleteApplication};
pub use applications::{ApplicationList, ApplicationRow, CreateApplication, Pages};
pub use dashboard::{Chart, Dashboard, KeyLine};
pub use events::{EventDetails, EventList};
pub use expressions::{Help, Tried};
pub use fields::{
    ADVANCED, BindingRow, CLAIMS, CLIENT_AUTH, CLIENT_CREDENTIALS, CLIENT_TYPES, DEVICE_FLOW, DEVICES_AND_PROGRAMS,
    FLOWS, KEYS_AND_REQUESTS, MODES, PKCE, ProviderFields, REQUEST_OBJECTS, REQUIRE_PAR, RESPONSE_TYPES, SIGN_OUT,
    SIGNING_OUT, SUBJECT_MODES, USERINFO, UriRow, VALIDITIES,
};
pub use groups::{DeleteGroup, GroupEditor, GroupList, GroupRow};
pub use invitations::{GroupPick, InvitationList, InvitationRow, NewInvitation};
pub use keys::{EndKey, KeyFacts, KeyList, KeyPage, NewKey, Signing, Standing, Way};
pub use mail::{MailPage, MailPassword};
pub use policies::{DeletePolicy, PolicyEditor, PolicyList};
pub use providers::{
    Asked, Copied, ProviderAsk, ProviderEditor, ProviderEnd, ProviderHead, ProviderList, ProviderPage, ProviderRow,
    Tab, Value,
};
pub use scope_mappings::{DeleteScopeMapping, ScopeMappingEditor, ScopeMappingList};
pub use settings::{SettingLine, SettingsPage, StartLine};
pub use users::{
    DeleteUser, InheritedGroup, NewServiceAccount, NewUser, SlowedLine, SlowedSource, UserList, UserPage, UserRow,
};
pub use wizard::{Step, Wizard};
