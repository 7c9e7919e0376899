//! What the pages of policies and scope mappings share: trying an expression out, examples, the reference.

use super::super::form::Choice;
use crate::domain::expression::reference::{Example, VARIABLES, Variable};

/// What came of a trial.
#[derive(Debug)]
pub enum Tried {
    Passes,
    DoesNotPass,
    /// Claims as JSON, and what is said of those that are left out.
    Tells(String, Option<String>),
    Failed(String),
}

/// Beside the expression.
#[derive(Debug)]
pub struct Help {
    pub tried: Option<Tried>,
    /// To choose from where it is tried.
    pub applications: Vec<Choice>,
    pub examples: &'static [Example],
}

impl Help {
    pub fn variables(&self) -> &'static [Variable] {
        &VARIABLES
    }
}
