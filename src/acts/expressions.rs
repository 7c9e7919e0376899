//! What policies and scope mappings share: trying an expression out, saved or not, with a user's own data.

use super::{Act, ActError, groups};
use crate::app::App;
use crate::domain::circumstances::Circumstances;
use crate::domain::expression::Facts;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::store::{applications, users};
use crate::telling;
use crate::words::Words;

/// What an expression is tried with, as it was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Try<'a> {
    pub expression: &'a str,
    /// A user name or e-mail address.
    pub user: &'a str,
    /// A slug; empty for none.
    pub application: &'a str,
    /// Where the user would be; empty for nowhere known.
    pub address: &'a str,
}

/// A trial is always of a sign-in by password.
const AMR: &str = "pwd";

/// What the expression can ask.
pub(super) fn facts(app: &App, trial: &Try, mut problems: Problems) -> Act<Facts> {
    let (login, slug) = (trial.user.trim().to_owned(), trial.application.trim().to_owned());
    let circumstances = circumstances(app, trial.address, &mut problems);
    if login.is_empty() {
        problems.add("user", Words::new("try-user-missing"));
        return Err(ActError::Refused(problems));
    }
    let found = app.store.read(|c| {
        let Some(user) = users::by_login(c, &login)? else {
            problems.add("user", groups::no_user(&login));
            return Ok(None);
        };
        let facts = telling::facts(c, &user, &circumstances)?;
        if slug.is_empty() {
            return Ok(Some(facts));
        }
        match applications::by_slug(c, &slug)? {
            Some(a) => Ok(Some(facts.at(&a.name, &a.slug, &a.group))),
            None => {
                problems.add("application", Words::new("application-not-there").with("name", &slug));
                Ok::<_, Internal>(None)
            }
        }
    })?;
    match found {
        Some(facts) if problems.is_empty() => Ok(facts),
        _ => Err(ActError::Refused(problems)),
    }
}

/// The circumstances that an administrator asks about.
pub fn circumstances(app: &App, address: &str, problems: &mut Problems) -> Circumstances {
    let (now, address) = (app.clock.now(), address.trim());
    if !address.is_empty() && address.parse::<std::net::IpAddr>().is_err() {
        problems.add("address", Words::new("bad-address").with("address", address));
    }
    Circumstances::new(address, AMR, now, app.clock.utc_offset(now))
}
