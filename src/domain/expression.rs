//! Expressions that administrators write: policies and scope mappings, in the language of Jinja's expressions. Owns
//! their bounds. Nothing in an expression reads, writes or calls out, and whatever it says, it ends within
//! milliseconds.

mod error;
mod facts;
mod language;
pub mod reference;
mod result;
mod source;

use serde_json::{Map, Value as Json};

pub use error::{ExpressionError, Wrong};
pub use facts::Facts;

/// Bytes of source.
pub const MAX_SOURCE: usize = 4 * 1024;
/// Words and signs of source: compiling takes time by their square.
pub const MAX_TOKENS: usize = 1_000;
/// What an evaluation may do: a unit each instruction, and one for each 64 bytes that it makes or reads.
pub const FUEL: u64 = 20_000;
/// What it may yield, as bytes of JSON.
pub const MAX_RESULT: usize = 8 * 1024;
/// How deeply what it yields may be nested.
pub const MAX_DEPTH: usize = 8;

/// A compiled expression.
struct Expression {
    compiled: minijinja::Expression<'static, 'static>,
    source: String,
}

impl Expression {
    fn parse(source: &str) -> Result<Self, ExpressionError> {
        let source = source.trim();
        if source.is_empty() {
            return Err(Wrong::Empty.into());
        }
        if source.len() > MAX_SOURCE {
            return Err(Wrong::TooLong(source.len()).into());
        }
        let tokens = source::tokens(source);
        if tokens.len() > MAX_TOKENS {
            return Err(Wrong::TooManyParts(tokens.len()).into());
        }
        let compiled = language::environment()
            .compile_expression_owned(source.to_owned())
            .map_err(|e| ExpressionError::of_engine(&e, source))?;
        source::check(source, &tokens, &compiled.undeclared_variables(false))?;
        Ok(Self { compiled, source: source.to_owned() })
    }

    fn evaluate(&self, facts: &Facts) -> Result<minijinja::Value, ExpressionError> {
        self.compiled.eval(facts.variables()).map_err(|e| ExpressionError::of_engine(&e, &self.source))
    }
}

/// An expression that says whether somebody may pass.
pub struct Policy(Expression);

impl Policy {
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        Expression::parse(source).map(Self)
    }

    /// Anything but true and false is an error: what a number or an empty list means for a door is guesswork.
    pub fn passes(&self, facts: &Facts) -> Result<bool, ExpressionError> {
        let value = self.0.evaluate(facts)?;
        match (value.kind(), value.is_true()) {
            (minijinja::value::ValueKind::Bool, passes) => Ok(passes),
            (kind, _) => Err(result::wrong_kind(&value, kind, Wrong::NotTrueOrFalse)),
        }
    }
}

/// An expression that says which claims a scope tells.
pub struct Mapping(Expression);

impl Mapping {
    pub fn parse(source: &str) -> Result<Self, ExpressionError> {
        Expression::parse(source).map(Self)
    }

    /// The claims. What is `none` is left out: OpenID Connect Core section 5.3.2 knows no null.
    pub fn claims(&self, facts: &Facts) -> Result<Map<String, Json>, ExpressionError> {
        match result::to_json(&self.0.evaluate(facts)?)? {
            Json::Object(claims) => Ok(claims.into_iter().filter(|(_, value)| !value.is_null()).collect()),
            other => Err(Wrong::NotAMap(result::kind_of(&other)).into()),
        }
    }
}

#[cfg(test)]
mod tests;
