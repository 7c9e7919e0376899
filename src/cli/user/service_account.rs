//! Users that are programs, and the app passwords by which they prove it.

use serde_json::json;

use super::{Options, find};
use crate::acts::{ActError, Admin, service_accounts};
use crate::app::App;
use crate::cli::provider_options::add;
use crate::cli::{Outcome, output};
use crate::clock::rfc3339;
use crate::http::Params;
use crate::store::app_passwords::{self, AppPassword};
use crate::store::users;
pub fn create(app: &App, name: &str, options: &Options) -> Outcome {
    let mut said = Params::default();
    said.push("username", name);
    said.append(options.said());
    let id = service_accounts::create(app, &Admin::local(), &said, &options.groups)?;
    let user = app.store.read(|c| users::by_id(c, id))?.ok_or(ActError::NotFound)?;
    output::line(&format!("Created the service account {}.", user.username))?;
    output::note(&format!("latchkey user app-password {} prints an app password for it.", user.username));
    Ok(())
}

pub fn app_passwords(app: &App, login: &str, json: bool) -> Outcome {
    let user = find(app, login)?;
    let all = app.store.read(|c| app_passwords::of_user(c, user.id))?;
    let time = |at: Option<i64>| at.map(rfc3339);
    if json {
        let row = |p: &AppPassword| {
            json!({
                "id": p.id, "label": p.label, "created_by": p.created_by, "created_at": rfc3339(p.created_at),
                "expires_at": time(p.expires_at), "last_used_at": time(p.last_used_at),
            })
        };
        return output::json(&all.iter().map(row).collect::<Vec<_>>());
    }
    let row = |p: AppPassword| {
        let or = |at: Option<i64>, none: &str| time(at).unwrap_or_else(|| none.to_owned());
        vec![p.id.to_string(), p.label, or(p.last_used_at, "never"), or(p.expires_at, "never")]
    };
    output::table(&["ID", "LABEL", "LAST USED", "EXPIRES"], &all.into_iter().map(row).collect::<Vec<_>>())
}

pub fn new_app_password(app: &App, login: &str, label: String, valid_for: Option<&String>) -> Outcome {
    let mut said = Params::from_pairs([("label", label)]);
    add(&mut said, "valid_for", valid_for);
    output::line(&service_accounts::new_app_password(app, &Admin::local(), find(app, login)?.id, &said)?)
}

pub fn revoke_app_password(app: &App, login: &str, id: i64) -> Outcome {
    let label = service_accounts::revoke_app_password(app, &Admin::local(), find(app, login)?.id, id)?;
    output::line(&format!("The app password {label} has ended, and its tokens with it."))
}
