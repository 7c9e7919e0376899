//! What the pages of policies and scope mappings share.

use crate::acts::expressions::Try;
use crate::domain::expression::reference::Example;
use crate::domain::policy_kind::PolicyKind;
use crate::error::Internal;
use crate::http::Params;
use crate::pages::Choice;
use crate::pages::admin::{Help, Tried};
use crate::store::applications;

use crate::endpoints::guard::Administrator;
use crate::endpoints::{Ctx, Failure};

/// Whether the button was "Try it".
pub fn is_trial(form: &Params) -> bool {
    form.first("act") == Some("try")
}

/// Whether what was typed is to be kept, and to decide or tell something.
pub fn is_saved(_: &Ctx, _: &Administrator, form: &Params) -> Result<bool, Failure> {
    Ok(!is_trial(form))
}

/// The trial that a form asks for.
pub fn trial(form: &Params) -> Try<'_> {
    let field = |name| form.first(name).unwrap_or_default();
    Try {
        // A policy of another kind than an expression is tried by its own.
        expression: PolicyKind::parse(field("kind")).and_then(PolicyKind::expression).unwrap_or(field("expression")),
        user: field("user"),
        application: field("application"),
        address: field("address"),
    }
}

/// What stands beside an expression.
pub fn help(ctx: &Ctx, examples: &'static [Example], tried: Option<Tried>) -> Result<Help, Internal> {
    let all = ctx.app.store.read(applications::list)?;
    let none = Choice::new("", ctx.lang.say("try-application-none"));
    let applications = std::iter::once(none).chain(all.into_iter().map(|a| Choice::new(a.slug, a.name))).collect();
    Ok(Help { tried, applications, examples })
}
