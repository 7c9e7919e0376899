//! Invitations: what one may be like.

use super::problems::Problems;
use super::{UnixSeconds, duration};
use crate::domain::names::DisplayName;
use crate::words::Words;

/// Accounts that one link may make.
const MOST_USES: i64 = 100;
/// How long a link may work, in seconds: an hour to ninety days.
const SHORTEST: UnixSeconds = 3_600;
const LONGEST: UnixSeconds = 90 * 86_400;
/// What holds where nothing is said.
pub const DEFAULT_USES: i64 = 1;
pub const DEFAULT_VALID: UnixSeconds = 7 * 86_400;
/// Links that can be used at a time.
pub const MOST_OPEN: i64 = 100;

/// Terms that were understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// For administrators; may be empty.
    pub label: String,
    pub uses: i64,
    /// Seconds.
    pub valid_for: UnixSeconds,
}

/// What was typed; an empty text is nothing said. The fields: `label`, `uses`, `expires`.
pub fn parse(label: &str, uses: &str, expires: &str) -> Result<Terms, Problems> {
    let mut problems = Problems::default();
    let label = match label.trim() {
        "" => String::new(),
        text => problems.take("label", DisplayName::parse(text)).map(DisplayName::into_string).unwrap_or_default(),
    };
    let uses = match uses.trim() {
        "" => DEFAULT_USES,
        text => problems.take("uses", parse_uses(text)).unwrap_or_default(),
    };
    let valid_for = match expires.trim() {
        "" => DEFAULT_VALID,
        text => problems.take("expires", parse_valid(text)).unwrap_or_default(),
    };
    problems.none()?;
    Ok(Terms { label, uses, valid_for })
}

fn parse_uses(text: &str) -> Result<i64, Words> {
    let uses = text.parse().ok().filter(|n| (1..=MOST_USES).contains(n));
    uses.ok_or_else(|| Words::new("bad-invitation-uses").with("most", MOST_USES))
}

fn parse_valid(text: &str) -> Result<UnixSeconds, Words> {
    let seconds = duration::parse(text)?;
    let is_good = (SHORTEST..=LONGEST).contains(&seconds);
    if is_good { Ok(seconds) } else { Err(Words::new("bad-invitation-expires")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_one_use_within_a_week() {
        let terms = Terms { label: String::new(), uses: 1, valid_for: 604_800 };
        assert_eq!(parse("", " ", ""), Ok(terms));
        let terms = Terms { label: "The choir".into(), uses: 40, valid_for: 43_200 };
        assert_eq!(parse(" The choir ", " 40 ", "12h"), Ok(terms));
    }

    #[test]
    fn bounds_are_exact_and_every_problem_is_told() {
        for (uses, expires) in [("1", "1h"), ("100", "90d"), ("1", "3600")] {
            assert!(parse("", uses, expires).is_ok(), "{uses} {expires}");
        }
        for uses in ["0", "101", "-1", "1.5", "many", "99999999999999999999"] {
            assert!(parse("", uses, "").is_err_and(|p| p.at("uses").is_some()), "{uses}");
        }
        for expires in ["3599", "7776001s", "91d", "0", "soon"] {
            assert!(parse("", "", expires).is_err_and(|p| p.at("expires").is_some()), "{expires}");
        }
        let all = parse("a\nb", "0", "0").expect_err("three problems");
        assert_eq!(all.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["label", "uses", "expires"]);
    }
}
