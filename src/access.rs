//! Who may use an application: loads what the rule in `domain::access` needs, and asks it. Everything that lets a user
//! reach an application comes by here: authorize, every use of a code or token, launch, the list of applications, and
//! the check that administrators make.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::domain::access::{self, Binding, Decision, Rules, Target, Verdict};
use crate::domain::circumstances::Circumstances;
use crate::domain::expression::{ExpressionError, Facts, Policy};
use crate::error::Internal;
use crate::store::applications::Application;
use crate::store::users::User;
use crate::store::{bindings, groups, policies};
use crate::telling;

/// The answer, and which policies failed on the way to it.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub decision: Decision,
    pub failures: Vec<Failure>,
}

/// A policy that could not say yes or no.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The policy's name.
    pub policy: String,
    pub error: ExpressionError,
}

/// What one binding says of a user, for administrators.
#[derive(Debug, Clone)]
pub struct Told {
    pub verdict: Verdict,
    /// Why its policy failed.
    pub error: Option<ExpressionError>,
}

/// Decides whether a user may use an application.
pub fn decide(
    connection: &Connection,
    application: &Application,
    user: &User,
    circumstances: &Circumstances,
) -> Result<Ruling, Internal> {
    let rules = bindings::of_application(connection, application.id)?.into_iter().map(|b| b.rule).collect();
    Asker::new(connection, user, circumstances).decide(application, rules)
}

/// What each binding of an application says by itself, in their order, whether it is enabled or not.
pub fn verdicts(
    connection: &Connection,
    application: &Application,
    user: &User,
    circumstances: &Circumstances,
) -> Result<Vec<Told>, Internal> {
    let mut asker = Asker::new(connection, user, circumstances);
    let bound = bindings::of_application(connection, application.id)?;
    let told = |rule: Binding| {
        asker.load([&rule])?;
        let (verdict, mut failures) = asker.ask(application, |user, ask| access::verdict(user, &rule, ask));
        Ok(Told { verdict, error: failures.pop().map(|f| f.error) })
    };
    bound.into_iter().map(|b| b.rule).map(told).collect()
}

/// Asks about one user and many applications: groups, policies and facts are loaded once, and only when they are needed.
pub struct Asker<'a> {
    connection: &'a Connection,
    user: &'a User,
    circumstances: &'a Circumstances,
    groups: Option<Vec<i64>>,
    facts: Option<Facts>,
    policies: HashMap<i64, Compiled>,
}

/// A policy that was loaded.
struct Compiled {
    name: String,
    policy: Result<Policy, ExpressionError>,
}

impl<'a> Asker<'a> {
    pub fn new(connection: &'a Connection, user: &'a User, circumstances: &'a Circumstances) -> Self {
        Self { connection, user, circumstances, groups: None, facts: None, policies: HashMap::new() }
    }

    /// Decides about one application, whose bindings these are.
    pub fn decide(&mut self, application: &Application, bindings: Vec<Binding>) -> Result<Ruling, Internal> {
        self.load(bindings.iter().filter(|b| b.enabled))?;
        let rules = Rules { everybody: application.everybody, mode: application.mode, bindings };
        let (decision, failures) = self.ask(application, |user, ask| access::decide(user, &rules, ask));
        Ok(Ruling { decision, failures })
    }

    /// Loads what these bindings ask for and was not loaded yet.
    fn load<'b>(&mut self, bindings: impl IntoIterator<Item = &'b Binding>) -> Result<(), Internal> {
        for binding in bindings {
            match binding.target {
                Target::Group(Some(_)) if self.groups.is_none() => {
                    let groups = groups::of_user(self.connection, self.user.id)?;
                    self.groups = Some(groups.into_iter().map(|g| g.id).collect());
                }
                Target::Policy(Some(id)) if !self.policies.contains_key(&id) => self.load_policy(id)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn load_policy(&mut self, id: i64) -> Result<(), Internal> {
        if self.facts.is_none() {
            self.facts = Some(telling::facts(self.connection, self.user, self.circumstances)?);
        }
        if let Some(stored) = policies::by_id(self.connection, id)? {
            self.policies.insert(id, Compiled { policy: Policy::parse(&stored.expression), name: stored.name });
        }
        Ok(())
    }

    /// Puts a question to the rule, with policies answered from what was loaded.
    fn ask<T>(
        &self,
        application: &Application,
        question: impl FnOnce(&access::User<'_>, &mut access::AskPolicy<'_>) -> T,
    ) -> (T, Vec<Failure>) {
        let mut failures = Vec::new();
        let mut ask = |id: i64| {
            // One that is not there was deleted since its binding was read: it cannot be asked.
            let (Compiled { name, policy }, facts) = (self.policies.get(&id)?, self.facts.as_ref()?);
            let facts = facts.at(&application.name, &application.slug, &application.group);
            match policy.as_ref().map_err(ExpressionError::clone).and_then(|policy| policy.passes(&facts)) {
                Ok(passes) => Some(passes),
                Err(error) => {
                    failures.push(Failure { policy: name.clone(), error });
                    None
                }
            }
        };
        let groups = self.groups.as_deref().unwrap_or_default();
        let user = access::User { id: self.user.id, active: self.user.active, groups };
        let answer = question(&user, &mut ask);
        (answer, failures)
    }
}
