//! A look at the source beside the engine's: names that do not exist are found when an expression is saved, not when
//! it is first needed; and what would make structures that no amount of fuel accounts for is refused.

use std::collections::HashSet;

use super::error::{ExpressionError, Place, Wrong};
use super::language;

/// A word or a sign with its place. Text in quotes is one of them, and so is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    at: usize,
    text: &'a str,
}

impl Token<'_> {
    fn is_name(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    }
}

/// Splits as the engine does, as far as quotes, names and brackets go.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            quote @ (b'"' | b'\'') => quoted(&bytes[at..], quote),
            b if b.is_ascii_alphanumeric() || b == b'_' => {
                bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
            }
            _ => source[at..].chars().next().map_or(1, char::len_utf8),
        };
        tokens.push(Token { at, text: &source[at..at + length] });
        at += length;
    }
    tokens
}

/// The length of text in quotes, with its quotes; a missing one at the end is the engine's to complain of.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        match (escaped, *byte) {
            (true, _) => escaped = false,
            (false, b'\\') => escaped = true,
            (false, b) if b == quote => return index + 1,
            (false, _) => {}
        }
    }
    bytes.len()
}

/// Checks names and products. `undeclared` are the variables and functions that the engine found.
pub(super) fn check(source: &str, tokens: &[Token], undeclared: &HashSet<String>) -> Result<(), ExpressionError> {
    let at = |token: &Token, wrong| Err(ExpressionError { wrong, place: Some(Place::of(source, token.at)) });
    for (index, token) in tokens.iter().enumerate() {
        let before = |n: usize| index.checked_sub(n).and_then(|i| tokens.get(i)).map_or("", |t| t.text);
        if !token.is_name() || before(1) == "." {
            continue;
        }
        if before(1) == "|" {
            if !language::FILTERS.contains(&token.text) {
                return at(token, Wrong::UnknownFilter(token.text.to_owned()));
            }
        } else if (before(1) == "is" && token.text != "not") || (before(1) == "not" && before(2) == "is") {
            if !language::TESTS.contains(&token.text) {
                return at(token, Wrong::UnknownTest(token.text.to_owned()));
            }
        } else if undeclared.contains(token.text) && !language::NAMES.contains(&token.text) {
            return at(token, Wrong::UnknownVariable(token.text.to_owned()));
        }
    }
    // Whatever this reading missed: the engine's own list counts.
    if let Some(name) = undeclared.iter().find(|name| !language::NAMES.contains(&name.as_str())) {
        return Err(Wrong::UnknownVariable(name.clone()).into());
    }
    match nested_product(tokens) {
        Some(token) => at(token, Wrong::Product),
        None => Ok(()),
    }
}

/// A bracket that is open.
struct Open<'a> {
    /// Holds items of a list, a map or arguments; parentheses turn out to by a comma.
    holds_items: bool,
    product: Option<Token<'a>>,
}

/// The first `*` inside a list, a map or arguments. `[[[1] * 99] * 99] * 99` is a million values that are three: made
/// in no time, and compared for as long as a million take. Flat repetition is paid for with fuel.
fn nested_product<'a, 't>(tokens: &'t [Token<'a>]) -> Option<&'t Token<'a>> {
    let mut open: Vec<Open> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.text {
            "[" | "{" => open.push(Open { holds_items: true, product: None }),
            "(" => {
                let before = index.checked_sub(1).and_then(|i| tokens.get(i));
                let is_call = before.is_some_and(|t| {
                    let is_word = matches!(t.text, "and" | "or" | "not" | "in" | "is" | "if" | "else");
                    (t.is_name() && !is_word) || matches!(t.text, ")" | "]" | "}") || t.text.starts_with(['"', '\''])
                });
                open.push(Open { holds_items: is_call, product: None });
            }
            "," => open.last_mut().into_iter().for_each(|o| o.holds_items = true),
            "*" => open.iter_mut().for_each(|o| o.product = o.product.or(Some(*token))),
            ")" | "]" | "}" => {
                let closed = open.pop();
                if let Some(Open { holds_items: true, product: Some(product) }) = closed {
                    return tokens.iter().find(|t| t.at == product.at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<&str> {
        tokens(source).into_iter().map(|t| t.text).collect()
    }

    #[test]
    fn text_in_quotes_is_one_token_whatever_it_holds() {
        assert_eq!(
            words(r#"a.b2 in ["x*, \" y", 'it"s']"#),
            ["a", ".", "b2", "in", "[", r#""x*, \" y""#, ",", "'it\"s'", "]"]
        );
        assert_eq!(words("é + 'open"), ["é", "+", "'open"]);
    }

    #[test]
    fn a_product_is_found_where_it_would_be_an_item() {
        for refused in
            ["[1 * 2]", "{'a': (1 * 2)}", "f(2 * 3)", "(1 * 2, 3)", "x[2 * 3]", "(((1,) * 9,) * 9)", "not f(1*2)"]
        {
            assert_eq!(nested_product(&tokens(refused)).map(|t| t.text), Some("*"), "{refused}");
        }
        for fine in ["1 * 2", "(1 + 2) * 3", "(h * 60 + m) > 5 and ('*' in [1])", "not (h * 60 == 0)", "a in (b * 2)"] {
            assert_eq!(nested_product(&tokens(fine)), None, "{fine}");
        }
    }
}
