//! Kinds of policies. One that asks for a way of signing in is an expression too, whose text is ours: so it is asked, tried out
//! and shown like any other.

/// What a policy is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PolicyKind {
    /// What somebody wrote.
    #[default]
    Expression,
    /// The user signed in with two factors.
    SecondFactor,
    /// The user signed in with a passkey.
    Passkey,
}

impl PolicyKind {
    pub const ALL: [Self; 3] = [Self::Expression, Self::SecondFactor, Self::Passkey];

    /// As it is stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expression => "expression",
            Self::SecondFactor => "second-factor",
            Self::Passkey => "passkey",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The expression of a kind that brings one. The methods are those of RFC 8176 (`domain::methods`).
    pub fn expression(self) -> Option<&'static str> {
        match self {
            Self::Expression => None,
            Self::SecondFactor => Some("'mfa' in request.amr"),
            Self::Passkey => Some("'hwk' in request.amr or 'swk' in request.amr"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::expression::Policy;

    #[test]
    fn every_kind_is_read_back_and_its_expression_is_one() {
        for kind in PolicyKind::ALL {
            assert_eq!(PolicyKind::parse(kind.as_str()), Some(kind));
            assert!(kind.expression().is_none_or(|text| Policy::parse(text).is_ok()), "{kind:?}");
        }
        assert_eq!(PolicyKind::parse("second_factor"), None);
    }
}
