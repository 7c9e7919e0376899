//! `latchkey user`.

mod service_account;

use clap::{Args, Subcommand};
use serde_json::json;
use zeroize::Zeroizing;

use super::person_options::PersonOptions;
use super::provider_options::add;
use super::{CliError, Outcome, output, terminal};
use crate::acts::{ActError, Admin, factors as factor_acts, throttle, users as acts};
use crate::app::App;
use crate::clock::rfc3339;
use crate::domain::password::{NewPassword, PasswordRule};
use crate::error::Internal;
use crate::http::Params;
use crate::store::factors;
use crate::store::groups;
use crate::store::links::Factors;
use crate::store::users::{self, User};

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
        /// An account of a program, which signs in on no page; see `app-password`
        #[arg(long, conflicts_with_all = ["password_stdin", "admin", "email", "email_verified"])]
        service_account: bool,
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
    RecoveryLink {
        user: String,
        /// It takes the second factors away too: for who lost everything
        #[arg(long)]
        drop_factors: bool,
    },
    /// Take a user's second factors away, and recovery codes with them; ends all sessions and tokens
    RemoveFactors { user: String },
    /// Forget a user's failed sign-ins: the next try is looked at at once
    Unthrottle { user: String },
    /// Make an app password for a service account and print it, this once
    AppPassword {
        user: String,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "command line")]
        label: String,
        /// How long it works (s, m, h or d) [default: until it is revoked]
        #[arg(long, value_name = "DURATION")]
        valid_for: Option<String>,
    },
    /// List the app passwords of a service account
    AppPasswords {
        user: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// End an app password, by its number in the list, and every token that came of it
    RevokeAppPassword { user: String, id: i64 },
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
    /// Boxed: they are many, and most commands have none of them.
    #[command(flatten)]
    person: Box<PersonOptions>,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Create { username, options, service_account: true, .. } => {
            service_account::create(app, &username, &options)
        }
        Command::Create { username, options, password_stdin, .. } => create(app, &username, &options, password_stdin),
        Command::List { json } => list(app, json),
        Command::Show { user, json } => show(app, &user, json),
        Command::Set { user, username, options, no_admin, password_stdin } => {
            set(app, &user, username.as_deref(), &options, no_admin, password_stdin)
        }
        Command::Disable { user } => set_active(app, &user, false),
        Command::Enable { user } => set_active(app, &user, true),
        Command::Delete { user } => delete(app, &user),
        Command::SetPassword { user, .. } => set_password(app, &user),
        Command::RecoveryLink { user, drop_factors } => {
            let factors = Factors::of(drop_factors);
            output::line(&acts::recovery_link(app, &Admin::local(), find(app, &user)?.id, factors)?)
        }
        Command::RemoveFactors { user } => {
            let user = factor_acts::remove_all(app, &Admin::local(), find(app, &user)?.id)?;
            output::line(&format!("{} signs in with the password alone from now on", user.username))
        }
        Command::AppPassword { user, label, valid_for } => {
            service_account::new_app_password(app, &user, label, valid_for.as_ref())
        }
        Command::AppPasswords { user, json } => service_account::app_passwords(app, &user, json),
        Command::RevokeAppPassword { user, id } => service_account::revoke_app_password(app, &user, id),
        Command::Unthrottle { user } => {
            let user = throttle::clear(app, &Admin::local(), find(app, &user)?.id)?;
            output::line(&format!(
                "Failed sign-ins of {} are forgotten: the next try is looked at at once.",
                user.username
            ))
        }
    }
}

/// Finds a user by username or e-mail address.
pub fn find(app: &App, login: &str) -> Result<User, CliError> {
    let user = app.store.read(|c| users::by_login(c, login))?;
    user.ok_or_else(|| CliError::refused(format!("there is no user {login:?}. `latchkey user list` shows all")))
}

impl Options {
    /// What was said, by field.
    fn said(&self) -> Params {
        let mut said = Params::default();
        add(&mut said, "name", self.name.as_ref());
        add(&mut said, "given_name", self.given_name.as_ref());
        add(&mut said, "family_name", self.family_name.as_ref());
        add(&mut said, "email", self.email.as_ref());
        if self.email_verified {
            said.push("email_verified", "on");
        }
        if self.admin {
            said.push("admin", "on");
        }
        self.person.add_to(&mut said);
        said
    }
}

fn in_words(has: factors::Has) -> String {
    let count = |n: i64, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let mut all = Vec::new();
    if has.totp {
        all.push("authenticator app".to_owned());
    }
    if has.passkeys > 0 {
        all.push(count(has.passkeys, "passkey"));
    }
    if all.is_empty() {
        return "(none)".to_owned();
    }
    all.push(count(has.recovery_codes, "recovery code"));
    all.join(", ")
}

fn create(app: &App, name: &str, options: &Options, password_stdin: bool) -> Outcome {
    let mut said = Params::default();
    said.push("username", name);
    said.append(options.said());
    let password = match password_stdin {
        true => {
            let rule = acts::password_rule(app, name, options.email.as_deref())?;
            Some(read_password(&rule.named(options.name.as_deref().unwrap_or_default()))?)
        }
        false => None,
    };
    let id = acts::create(app, &Admin::local(), &said, password.as_ref(), &options.groups)?;
    let user = app.store.read(|c| users::by_id(c, id))?.ok_or(ActError::NotFound)?;
    let what = if user.administrator { "administrator" } else { "user" };
    output::line(&format!("Created the {what} {}.", user.username))?;
    if !password_stdin {
        output::note(&format!(
            "{0} has no password yet: latchkey user recovery-link {0} prints a link to choose one.",
            user.username
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
                (true, false) if u.service_account => "service account",
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
        "uuid": u.uuid, "locale": u.locale, "created_at": rfc3339(u.created_at), "has_password": u.password_hash.is_some(),
        "service_account": u.service_account,
    })
}

fn show(app: &App, login: &str, json: bool) -> Outcome {
    let user = find(app, login)?;
    let (groups, admin, has) = app.store.read(|c| {
        let groups = groups::of_user(c, user.id)?;
        Ok::<_, Internal>((groups, users::is_administrator(c, user.id)?, factors::of_user(c, user.id)?))
    })?;
    let groups: Vec<String> = groups.into_iter().map(|g| g.name).collect();
    if json {
        let mut value = summary(&user, admin);
        if let Some(object) = value.as_object_mut() {
            object.insert("groups".into(), json!(groups));
            let factors = json!({ "totp": has.totp, "passkeys": has.passkeys, "recovery_codes": has.recovery_codes });
            object.insert("second_factors".into(), factors);
            object.insert("claims".into(), json!(user.person.claims()));
        }
        return output::json(&value);
    }
    let yes = |b: bool| if b { "yes" } else { "no" };
    let email = match (&user.email, user.email_verified) {
        (Some(e), true) => format!("{e} (verified)"),
        (Some(e), false) => format!("{e} (not verified)"),
        (None, _) => "(none)".into(),
    };
    let created = rfc3339(user.created_at);
    let groups = groups.join(", ");
    let factors = in_words(has);
    let mut fields = vec![
        ("Username", user.username.as_str()),
        ("Name", &user.name),
        ("E-mail", &email),
        ("Active", yes(user.active)),
        ("Administrator", yes(admin)),
        ("Groups", &groups),
        ("Has a password", yes(user.password_hash.is_some())),
        ("Service account", yes(user.service_account)),
        ("Second factors", &factors),
        ("Created", &created),
    ];
    let person: Vec<_> = user.person.lines().collect();
    fields.extend(person.iter().map(|(name, text)| (*name, text.as_str())));
    output::fields(&fields)
}

fn set(
    app: &App,
    login: &str,
    username: Option<&str>,
    options: &Options,
    no_admin: bool,
    password_stdin: bool,
) -> Outcome {
    let mut said = options.said();
    if let Some(username) = username {
        said.push("username", username);
    }
    if no_admin {
        said.push("admin", "off");
    }
    let user = acts::update(app, &Admin::local(), find(app, login)?.id, said, &options.groups)?;
    output::line(&format!("Changed {}.", user.username))?;
    if password_stdin { set_password(app, &user.username) } else { Ok(()) }
}

fn set_active(app: &App, login: &str, active: bool) -> Outcome {
    let username = acts::set_active(app, &Admin::local(), find(app, login)?.id, active)?.username;
    output::line(&match active {
        true => format!("{username} may sign in again."),
        false => format!("{username} is disabled; all sessions and tokens have ended."),
    })
}

fn delete(app: &App, login: &str) -> Outcome {
    let username = acts::delete(app, &Admin::local(), find(app, login)?.id)?.username;
    output::line(&format!("Deleted {username}. The name stays reserved, so that nobody inherits accounts under it."))
}

fn set_password(app: &App, login: &str) -> Outcome {
    let user = find(app, login)?;
    let rule = acts::password_rule(app, &user.username, user.email.as_deref())?.named(&user.name);
    let password = read_password(&rule)?;
    acts::set_password(app, &Admin::local(), user.id, &password)?;
    output::line(&format!("Set the password of {}; all sessions and tokens have ended.", user.username))
}

/// One line of standard input; from somebody at a terminal, unseen.
fn read_password(rule: &PasswordRule) -> Result<NewPassword, CliError> {
    let line = if terminal::can_ask() {
        terminal::ask_secret("Password (not shown)")?
    } else {
        let mut line = Zeroizing::new(String::new());
        std::io::stdin().read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
        line
    };
    NewPassword::parse(line.trim_end_matches(['\n', '\r']), rule).map_err(CliError::usage)
}
