//! What an expression can ask: the variables `user`, `application` and `request`.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Value};
use minijinja::{Error, ErrorKind};

use super::result;
use crate::domain::circumstances::Circumstances;
use crate::domain::claims::UserClaims;
use crate::domain::names;

/// The variables of an evaluation. Cheap to copy; `at` puts another application in.
#[derive(Debug, Clone)]
pub struct Facts {
    user: Value,
    application: Value,
    request: Value,
}

impl Facts {
    /// A user under circumstances, at no application yet.
    pub fn new(user: &UserClaims, is_administrator: bool, circumstances: &Circumstances) -> Self {
        Self {
            user: user_value(user, is_administrator),
            application: Value::UNDEFINED,
            request: request_value(circumstances),
        }
    }

    /// The same at an application.
    #[must_use]
    pub fn at(&self, name: &str, slug: &str, group: &str) -> Self {
        let application = Record::value(
            "application",
            vec![("name", Value::from(name)), ("slug", Value::from(slug)), ("group", Value::from(group))],
        );
        Self { application, ..self.clone() }
    }

    pub(super) fn variables(&self) -> Value {
        let variables = [("user", &self.user), ("application", &self.application), ("request", &self.request)];
        Value::from_pairs(variables.map(|(name, value)| (name, value.clone())))
    }
}

fn user_value(user: &UserClaims, is_administrator: bool) -> Value {
    let (given, family) = names::split_name(&user.name);
    Record::value(
        "user",
        vec![
            ("username", Value::from(&user.username)),
            ("name", Value::from(&user.name)),
            ("given_name", Value::from(user.given_name.as_deref().unwrap_or(given))),
            ("family_name", Value::from(user.family_name.as_deref().unwrap_or(family))),
            ("email", user.email.as_ref().map_or_else(|| Value::from(()), Value::from)),
            ("email_verified", Value::from(user.email_verified)),
            ("uuid", Value::from(&user.uuid)),
            ("groups", user.groups.iter().map(Value::from).collect()),
            ("attributes", result::map_from_json(&user.attributes)),
            ("is_administrator", Value::from(is_administrator)),
            ("claims", result::map_from_json(&user.person.claims())),
        ],
    )
}

fn request_value(c: &Circumstances) -> Value {
    let local = c.now.saturating_add(i64::from(c.utc_offset));
    let (day, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let unknown = || {
        let words =
            "request.address is not known here: the sign-in is from before addresses were kept, or nobody named one";
        Value::from(Error::new(ErrorKind::UndefinedError, words))
    };
    Record::value(
        "request",
        vec![
            ("address", c.address.map_or_else(unknown, |a| Value::from(a.to_string()))),
            ("amr", c.amr.iter().map(Value::from).collect()),
            ("timestamp", Value::from(c.now)),
            ("date", Value::from(date(day))),
            ("time", Value::from(format!("{:02}:{:02}", second / 3_600, second / 60 % 60))),
            ("hour", Value::from(second / 3_600)),
            ("minute", Value::from(second / 60 % 60)),
            // 1 January 1970 was a Thursday; Monday is 1.
            ("weekday", Value::from((day + 3).rem_euclid(7) + 1)),
        ],
    )
}

/// A day since 1970 as `2026-11-22`.
fn date(day: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    let days = i32::try_from(day).ok().and_then(|d| epoch.checked_add(jiff::Span::new().try_days(d).ok()?).ok());
    days.unwrap_or(epoch).to_string()
}

/// A variable with fixed fields: another one is a mistake of who wrote the expression, never just undefined.
#[derive(Debug)]
struct Record {
    name: &'static str,
    fields: Vec<(&'static str, Value)>,
}

impl Record {
    fn value(name: &'static str, fields: Vec<(&'static str, Value)>) -> Value {
        Value::from_object(Self { name, fields })
    }
}

impl Object for Record {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = key.as_str().and_then(|key| self.fields.iter().find(|(name, _)| *name == key));
        Some(match found {
            Some((_, value)) => value.clone(),
            None => {
                let fields: Vec<&str> = self.fields.iter().map(|(name, _)| *name).collect();
                let words = format!("{} has no {key}; it has {}", self.name, fields.join(", "));
                Value::from(Error::new(ErrorKind::UndefinedError, words))
            }
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.fields.iter().map(|(name, _)| Value::from(*name)).collect())
    }
}
