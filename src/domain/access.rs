//! THE one function that decides who may use an application. Everything that lets a user reach one asks it:
//! authorize, code redemption, refresh, userinfo, introspection, device approval, launch and the list of
//! applications.

use std::fmt;

use crate::words::Words;

/// How the bindings of an application are taken together ("policy engine mode").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineMode {
    /// One binding that passes is enough.
    Any,
    /// Every enabled binding must pass.
    All,
}

impl EngineMode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::All => "all",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Any, Self::All].into_iter().find(|m| m.as_str() == text)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct User<'a> {
    pub id: i64,
    pub active: bool,
    /// Direct groups and all their ancestors, as `expand_groups` gives them.
    pub groups: &'a [i64],
}

/// What a binding names. `None` when it has been deleted since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Group(Option<i64>),
    User(Option<i64>),
    Policy(Option<i64>),
}

/// Asks a policy. `None` when it failed: its expression is wrong, or it was too much work.
pub type AskPolicy<'a> = dyn FnMut(i64) -> Option<bool> + 'a;

impl Target {
    /// Whether what it named was deleted.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Group(None) | Self::User(None) | Self::Policy(None))
    }
}

/// One binding of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub target: Target,
    pub order: i64,
    pub enabled: bool,
    pub negate: bool,
}

/// All that an application says about who may use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The explicit setting that everybody may; it yields to any enabled binding.
    pub everybody: bool,
    pub mode: EngineMode,
    pub bindings: Vec<Binding>,
}

/// The answer, with the reason that an administrator or the event log is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allowed(Why),
    Denied(Why),
}

/// The reason of a decision. A number is an index into the bindings as they were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    UserDisabled,
    Everybody,
    NoBinding,
    /// Mode any: this binding passed.
    Passed(usize),
    /// Mode any: no binding passed.
    NonePassed,
    /// Mode all: every enabled binding passed.
    AllPassed,
    /// Mode all: this binding did not pass.
    Failed(usize),
    /// Mode all: what this binding names was deleted.
    TargetDeleted(usize),
    /// Mode all: the policy of this binding failed.
    PolicyFailed(usize),
}

/// What one binding says about a user. The last two could not be asked: that counts as a failure under negate too, or
/// deleting a group or breaking an expression would let in whoever it kept out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    /// What it names was deleted.
    Deleted,
    /// Its policy failed.
    Failed,
}

impl Decision {
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    pub fn why(self) -> Why {
        match self {
            Self::Allowed(why) | Self::Denied(why) => why,
        }
    }
}

impl Why {
    /// The reason in a sentence.
    pub fn words(self) -> Words {
        let of = |key, index: usize| Words::new(key).with("n", index + 1);
        match self {
            Self::UserDisabled => Words::new("why-user-disabled"),
            Self::Everybody => Words::new("why-everybody"),
            Self::NoBinding => Words::new("why-no-binding"),
            Self::Passed(i) => of("why-passed", i),
            Self::NonePassed => Words::new("why-none-passed"),
            Self::AllPassed => Words::new("why-all-passed"),
            Self::Failed(i) => of("why-failed", i),
            Self::TargetDeleted(i) => of("why-target-deleted", i),
            Self::PolicyFailed(i) => of("why-policy-failed", i),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words().fmt(f)
    }
}

/// Decides whether a user may use an application. Policies are asked in the order of their bindings, and only while
/// the answer is open.
pub fn decide(user: &User<'_>, rules: &Rules, ask: &mut AskPolicy<'_>) -> Decision {
    if !user.active {
        return Decision::Denied(Why::UserDisabled);
    }
    let mut enabled: Vec<(usize, &Binding)> = rules.bindings.iter().enumerate().filter(|(_, b)| b.enabled).collect();
    if enabled.is_empty() {
        return if rules.everybody { Decision::Allowed(Why::Everybody) } else { Decision::Denied(Why::NoBinding) };
    }
    enabled.sort_by_key(|(_, binding)| binding.order);
    let verdicts = enabled.into_iter().map(|(index, binding)| (index, verdict(user, binding, ask)));
    match rules.mode {
        EngineMode::Any => one_passes(verdicts),
        EngineMode::All => every_one_passes(verdicts),
    }
}

fn one_passes(mut verdicts: impl Iterator<Item = (usize, Verdict)>) -> Decision {
    match verdicts.find(|(_, v)| *v == Verdict::Pass) {
        Some((index, _)) => Decision::Allowed(Why::Passed(index)),
        None => Decision::Denied(Why::NonePassed),
    }
}

fn every_one_passes(verdicts: impl Iterator<Item = (usize, Verdict)>) -> Decision {
    for (index, verdict) in verdicts {
        match verdict {
            Verdict::Pass => {}
            Verdict::Fail => return Decision::Denied(Why::Failed(index)),
            Verdict::Deleted => return Decision::Denied(Why::TargetDeleted(index)),
            Verdict::Failed => return Decision::Denied(Why::PolicyFailed(index)),
        }
    }
    Decision::Allowed(Why::AllPassed)
}

/// What one binding says by itself, whether it is enabled or not.
pub fn verdict(user: &User<'_>, binding: &Binding, ask: &mut AskPolicy<'_>) -> Verdict {
    let matched = match binding.target {
        Target::Group(Some(id)) => user.groups.contains(&id),
        Target::User(Some(id)) => user.id == id,
        Target::Policy(Some(id)) => match ask(id) {
            Some(passes) => passes,
            None => return Verdict::Failed,
        },
        Target::Group(None) | Target::User(None) | Target::Policy(None) => return Verdict::Deleted,
    };
    if matched != binding.negate { Verdict::Pass } else { Verdict::Fail }
}

/// The groups that a user counts as a member of: the direct ones and all their ancestors, each once. A member of a
/// child is a member of its parents, never the reverse. Ends even if the groups form a cycle.
pub fn expand_groups(direct: &[i64], parent_of: impl Fn(i64) -> Option<i64>) -> Vec<i64> {
    let mut found = Vec::new();
    for start in direct {
        let mut next = Some(*start);
        while let Some(group) = next.filter(|g| !found.contains(g)) {
            found.push(group);
            next = parent_of(group);
        }
    }
    found
}

#[cfg(test)]
mod tests;
