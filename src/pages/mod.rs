//! The pages people see: typed structs, each with its template beside it.
//!
//! A page is plain data and `render`: it decides nothing and asks nobody. Templates are escaped by askama
//! (every `.html` is); text from outside also passes the `shown` or `revealed` filter, so that control and
//! direction characters cannot dress one name up as another. No page holds inline script or style, and each
//! works without JavaScript. Forms post `form_token` back to the path they are given.

pub mod admin;
pub mod assets;
mod choose_account;
mod consent;
mod denied;
mod device;
mod error_page;
mod filters;
mod form;
pub mod help;
mod icon_choice;
mod invitation;
mod my_applications;
mod notice;
mod onward;
mod passkey;
mod people;
pub mod qr;
mod recovery;
mod recovery_request;
mod second_factor;
mod setup;
mod shell;
mod sign_in;
mod sign_out;
mod time;
mod trust;
mod upload;
mod verify_email;

pub mod user;

#[cfg(test)]
mod gallery;

pub use choose_account::ChooseAccount;
pub use consent::Consent;
pub use denied::{AccessDenied, Denial};
pub use device::{DeviceAsk, DeviceCode};
pub use error_page::{ErrorPage, Mend};
pub use form::{Choice, Form};
pub use help::Help;
pub use icon_choice::{IconChoice, icon_name, icon_value};
pub use invitation::{InvitationPage, InvitationPasskey, Welcome};
pub use my_applications::{MyApplications, Tile, TileGroup};
pub use notice::Notice;
pub use onward::{Continue, FormPost};
pub use passkey::{LostPasskey, PasskeyAsk, PasskeyLine};
pub use people::{ConnectedLine, ConsentLine, DeviceLine, Most, SessionLine, TokenLine};
pub use recovery::{Recovery, RecoveryProblems};
pub use recovery_request::RecoveryRequest;
pub use second_factor::{Confirm, SecondFactor};
pub use setup::{Setup, SetupProblems};
pub use shell::{Frame, Place, Shell, style_name};
pub use sign_in::{SignIn, SignInProblem};
pub use sign_out::{EndSession, Ended, LoggedOut, Logout};
pub use trust::Trust;
pub use upload::{Upload, UploadPage, UploadSubject};
pub use verify_email::VerifyEmail;

/// Writes a page into a string. Writing to a string cannot fail; should a template ever say so, the log hears
/// it and the visitor gets words instead of an empty window.
fn html(page: &impl askama::Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, page = std::any::type_name_of_val(page), "a page could not be written");
        "<!doctype html><html lang=\"en\"><title>Latchkey</title><h1>This page could not be shown</h1>\
         <p>Go back and try again. If it happens again, tell your administrator.</p>"
            .to_owned()
    })
}
