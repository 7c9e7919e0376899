//! Customization > Policies.

use askama::Template;

use super::super::filters;
use super::super::form::Form;
use super::super::shell::{Frame, Shell};
use super::expressions::{Help, Tried};
use crate::domain::policy_kind::PolicyKind;
use crate::store::policies::Policy;

/// All policies.
#[derive(Debug, Template)]
#[template(path = "admin/policies.html")]
pub struct PolicyList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    /// Each with the names of the applications that it is bound to.
    pub policies: Vec<(Policy, Vec<String>)>,
}

impl PolicyList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// A policy that is made or changed.
#[derive(Debug, Template)]
#[template(path = "admin/policy.html")]
pub struct PolicyEditor<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// Absent while it is made.
    pub policy: Option<&'a Policy>,
    /// Names of the applications that it is bound to.
    pub bound_to: Vec<String>,
    pub help: Help,
}

/// The kinds of policies, with the keys of their names.
const KINDS: &[(&str, &str)] = &[
    (PolicyKind::Expression.as_str(), "policy-kind-expression"),
    (PolicyKind::SecondFactor.as_str(), "policy-kind-second-factor"),
    (PolicyKind::Passkey.as_str(), "policy-kind-passkey"),
];

impl PolicyEditor<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// The question before a policy is deleted.
#[derive(Debug, Template)]
#[template(path = "admin/policy_delete.html")]
pub struct DeletePolicy<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub policy: &'a Policy,
    pub bound_to: Vec<String>,
}

impl DeletePolicy<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
