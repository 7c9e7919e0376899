//! `latchkey user`.

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::{CliError, Outcome, output};
use crate::acts::administrators;
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::names::{DisplayName, Email, Username};
use crate::domain::password::NewPassword;
use crate::endpoints::{recovery, sign_out_everywhere};
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::users::{self, Profile, Taken, User};
use crate::store::{groups, links};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a user
    Create {
        /// The username, to sign in with
        #[arg(value_name = "NAME")]
        username: String,
        #[command(flatten)]
        options: Options,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List all users
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one user
    Show {
        user: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a user
    Set {
        user: String,
        /// A new username
        #[arg(long, value_name = "NAME")]
        username: Option<String>,
        #[command(flatten)]
        options: Options,
        /// Take the administrator right away
        #[arg(long, conflicts_with = "admin")]
        no_admin: bool,
        /// Read a new password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Keep a user from signing in; ends all sessions and tokens
    Disable { user: String },
    /// Let a disabled user sign in again
    Enable { user: String },
    /// Delete a user; the name is not given to anybody else
    Delete { user: String },
    /// Set a password; ends all sessions and tokens
    SetPassword {
        user: String,
        /// Read the password from standard input (on a terminal it is asked for otherwise)
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a link that works once, for 30 minutes, to choose a new password
    RecoveryLink { user: String },
}

#[derive(Debug, Args)]
pub struct Options {
    /// The full name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The given name, where the full name does not tell
    #[arg(long, value_name = "NAME")]
    given_name: Option<String>,
    /// The family name, where the full name does not tell
    #[arg(long, value_name = "NAME")]
    family_name: Option<String>,
    /// The e-mail address; the user may sign in with it too
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The address is known to be the user's
    #[arg(long)]
    email_verified: bool,
    /// Make the user an administrator
    #[arg(long)]
    admin: bool,
    /// Add the user to a group; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create { username, options, password_stdin } => create(app, &username, &options, password_stdin),
        Command::List { json } => list(app, json),
        Command::Show { user, json } => show(app, &user, json),
        Command::Set { user, username, options, no_admin, password_stdin } => {
            set(app, &user, username.as_deref(), &options, no_admin, password_stdin)
        }
        Command::Disable { user } => set_active(app, &user, false),
        Command::Enable { user } => set_active(app, &user, true),
        Command::Delete { user } => delete(app, &user),
        Command::SetPassword { user, .. } => set_password(app, &user),
        Command::RecoveryLink { user } => {
            let user = find(app, &user)?;
            if !user.active {
                return Err(CliError::refused(format!(
                    "{0} is disabled; first: latchkey user enable {0}",
                    user.username
                )));
            }
            let (link, now) = (recovery::new_link(app, user.id)?, app.clock.now());
            app.store.write(move |tx| local_event("recovery_link_created", now).user(&user.username).store(tx))?;
            output::line(&link)
        }
    }
}

/// A refusal or a fault inside a transaction.
impl From<Taken> for CliError {
    fn from(taken: Taken) -> Self {
        Self::refused(taken)
    }
}

/// Finds a user by username or e-mail address.
pub fn find(app: &App, login: &str) -> Result<User, CliError> {
    let user = app.store.read(|c| users::by_login(c, login))?;
    user.ok_or_else(|| CliError::refused(format!("there is no user {login:?}. `latchkey user list` shows all")))
}

fn named(option: &Option<String>) -> Result<Option<String>, CliError> {
    let parsed = option.as_deref().map(DisplayName::parse).transpose().map_err(CliError::usage)?;
    Ok(parsed.map(DisplayName::into_string))
}

fn email(text: &str) -> Result<Option<String>, CliError> {
    match text.trim() {
        "" => Ok(None),
        text => Ok(Some(Email::parse(text).map_err(CliError::usage)?.as_str().to_owned())),
    }
}

fn group_ids(app: &App, names: &[String]) -> Result<Vec<i64>, CliError> {
    names.iter().map(|name| super::group::find(app, name).map(|g| g.id)).collect()
}

fn create(app: &App, name: &str, options: &Options, password_stdin: bool) -> Outcome {
    let username = Username::parse(name).map_err(CliError::usage)?.as_str().to_owned();
    let profile = Profile {
        name: named(&options.name)?.unwrap_or_else(|| username.clone()),
        given_name: named(&options.given_name)?,
        family_name: named(&options.family_name)?,
        email: options.email.as_deref().map_or(Ok(None), email)?,
        email_verified: options.email_verified,
        administrator: options.admin,
        username,
    };
    let group_ids = group_ids(app, &options.groups)?;
    let password_hash = match password_stdin {
        true => Some(hash(app, &read_password()?)?),
        false => None,
    };
    let now = app.clock.now();
    let uuid = uuid::Uuid::from_bytes(random::bytes()).to_string();
    let (username, admin) = (profile.username.clone(), profile.administrator);
    app.store.write(move |tx| {
        let id = users::insert(tx, &profile, &uuid, password_hash.as_deref(), now)??;
        for group in group_ids {
            groups::add_member(tx, group, id)?;
        }
        administrators::settle(tx, 0, now)?;
        local_event("user_created", now).user(&profile.username).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    let what = if admin { "administrator" } else { "user" };
    output::line(&format!("Created the {what} {username}."))?;
    if !password_stdin {
        output::note(&format!(
            "{username} has no password yet: latchkey user recovery-link {username} prints a link to choose one."
        ));
    }
    Ok(())
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(|c| {
        let with_right = |u: User| users::is_administrator(c, u.id).map(|admin| (u, admin));
        users::list(c)?.into_iter().map(with_right).collect::<Result<Vec<_>, Internal>>()
    })?;
    if json {
        let rows: Vec<_> = all.iter().map(|(u, admin)| summary(u, *admin)).collect();
        return output::json(&rows);
    }
    if all.is_empty() {
        return output::line(
            "There is no user yet. `latchkey user create NAME --admin --password-stdin` makes the first administrator.",
        );
    }
    let rows: Vec<Vec<String>> = all
        .into_iter()
        .map(|(u, admin)| {
            let state = match (u.active, admin) {
                (false, _) => "disabled",
                (true, true) => "administrator",
                (true, false) => "",
            };
            vec![u.username, u.name, u.email.unwrap_or_default(), state.into()]
        })
        .collect();
    output::table(&["USERNAME", "NAME", "EMAIL", "STATE"], &rows)
}

fn summary(u: &User, administrator: bool) -> serde_json::Value {
    json!({
        "username": u.username, "name": u.name, "given_name": u.given_name, "family_name": u.family_name,
        "email": u.email, "email_verified": u.email_verified, "active": u.active, "administrator": administrator,
        "uuid": u.uuid, "created_at": rfc3339(u.created_at), "has_password": u.password_hash.is_some(),
    })
}

fn show(app: &App, login: &str, json: bool) -> Outcome {
    let user = find(app, login)?;
    let (groups, admin) =
        app.store.read(|c| Ok::<_, Internal>((groups::of_user(c, user.id)?, users::is_administrator(c, user.id)?)))?;
    let groups: Vec<String> = groups.into_iter().map(|g| g.name).collect();
    if json {
        let mut value = summary(&user, admin);
        if let Some(object) = value.as_object_mut() {
            object.insert("groups".into(), json!(groups));
        }
        return output::json(&value);
    }
    let yes = |b: bool| if b { "yes" } else { "no" };
    let email = match (&user.email, user.email_verified) {
        (Some(e), true) => format!("{e} (verified)"),
        (Some(e), false) => format!("{e} (not verified)"),
        (None, _) => "(none)".into(),
    };
    output::fields(&[
        ("Username", &user.username),
        ("Name", &user.name),
        ("E-mail", &email),
        ("Active", yes(user.active)),
        ("Administrator", yes(admin)),
        ("Groups", &groups.join(", ")),
        ("Has a password", yes(user.password_hash.is_some())),
        ("Created", &rfc3339(user.created_at)),
    ])
}

fn set(
    app: &App,
    login: &str,
    username: Option<&str>,
    options: &Options,
    no_admin: bool,
    password_stdin: bool,
) -> Outcome {
    let user = find(app, login)?;
    let email = match &options.email {
        Some(text) => email(text)?,
        None => user.email.clone(),
    };
    let same_email = email == user.email;
    let profile = Profile {
        username: match username {
            Some(name) => Username::parse(name).map_err(CliError::usage)?.as_str().to_owned(),
            None => user.username.clone(),
        },
        name: named(&options.name)?.unwrap_or(user.name),
        given_name: named(&options.given_name)?.or(user.given_name),
        family_name: named(&options.family_name)?.or(user.family_name),
        // A new address is not verified until somebody says so.
        email_verified: options.email_verified || (same_email && user.email_verified),
        email,
        administrator: (user.administrator || options.admin) && !no_admin,
    };
    let group_ids = group_ids(app, &options.groups)?;
    let (id, now) = (user.id, app.clock.now());
    let username = profile.username.clone();
    app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        users::update(tx, id, &profile, now)??;
        for group in group_ids {
            groups::add_member(tx, group, id)?;
        }
        administrators::settle(tx, before, now)?;
        local_event("user_changed", now).user(&profile.username).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    output::line(&format!("Changed {username}."))?;
    if password_stdin { set_password(app, &username) } else { Ok(()) }
}

fn set_active(app: &App, login: &str, active: bool) -> Outcome {
    let user = find(app, login)?;
    let now = app.clock.now();
    let username = user.username.clone();
    app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        users::set_active(tx, user.id, active, now)?;
        if !active {
            administrators::settle(tx, before, now)?;
            sign_out_everywhere(tx, user.id)?;
            links::delete_of_user(tx, user.id)?;
        }
        let kind = if active { "user_enabled" } else { "user_disabled" };
        local_event(kind, now).user(&user.username).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    output::line(&match active {
        true => format!("{username} may sign in again."),
        false => format!("{username} is disabled; all sessions and tokens have ended."),
    })
}

fn delete(app: &App, login: &str) -> Outcome {
    let user = find(app, login)?;
    let now = app.clock.now();
    let username = user.username.clone();
    app.store.write(move |tx| {
        let before = users::administrators(tx)?;
        users::delete(tx, user.id)?;
        administrators::settle(tx, before, now)?;
        local_event("user_deleted", now).user(&user.username).store(tx)?;
        Ok::<_, CliError>(())
    })?;
    output::line(&format!("Deleted {username}. The name stays reserved, so that nobody inherits accounts under it."))
}

fn set_password(app: &App, login: &str) -> Outcome {
    let user = find(app, login)?;
    let password_hash = hash(app, &read_password()?)?;
    store_password(app, &user, password_hash, app.clock.now())?;
    output::line(&format!("Set the password of {}; all sessions and tokens have ended.", user.username))
}

fn store_password(app: &App, user: &User, password_hash: String, now: UnixSeconds) -> Result<(), CliError> {
    let (id, username) = (user.id, user.username.clone());
    app.store.write(move |tx| {
        users::set_password(tx, id, &password_hash, now)?;
        sign_out_everywhere(tx, id)?;
        links::delete_of_user(tx, id)?;
        local_event("password_set", now).user(&username).store(tx)?;
        Ok::<_, CliError>(())
    })
}

fn hash(app: &App, password: &NewPassword) -> Result<String, CliError> {
    // Before the first start of the server nobody has measured yet.
    app.tune_passwords()?;
    app.passwords.hash(password.as_str()).map_err(|_| CliError::refused("too many passwords are being set; try again"))
}

/// One line of standard input.
fn read_password() -> Result<NewPassword, CliError> {
    use std::io::IsTerminal;
    if std::io::stdin().is_terminal() {
        output::note("Type the password, then Enter (it is shown as you type):");
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
    NewPassword::parse(line.trim_end_matches(['\n', '\r'])).map_err(CliError::usage)
}
