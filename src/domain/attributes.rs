//! The free attributes of users and groups: a JSON object that policies and claims may look at.

use serde_json::{Map, Value};

use crate::words::Words;

/// The longest text, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// Reads what was typed. Nothing at all is an empty object.
pub fn parse(text: &str) -> Result<Map<String, Value>, Words> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    if text.len() > MAX_BYTES {
        return Err(Words::new("bad-attributes-too-long"));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Words::new("bad-attributes-no-object")),
        // What the parser says of nesting it does not follow; nothing else of it begins so.
        Err(error) if error.to_string().starts_with("recursion limit") => Err(Words::new("bad-attributes-too-deep")),
        Err(error) => {
            Err(Words::new("bad-attributes-malformed").with("line", error.line()).with("column", error.column()))
        }
    }
}

/// For the form: one attribute a line; empty when there are none.
pub fn write(attributes: &Map<String, Value>) -> String {
    if attributes.is_empty() {
        return String::new();
    }
    serde_json::to_string_pretty(attributes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_read_back_as_it_was_written() {
        let map = parse(r#" {"zoneinfo": "Europe/Berlin", "n": [1, null]} "#).unwrap();
        assert_eq!(Value::Object(map.clone()), json!({"zoneinfo": "Europe/Berlin", "n": [1, null]}));
        assert_eq!(parse(&write(&map)), Ok(map));
        assert_eq!((parse("  "), write(&Map::new())), (Ok(Map::new()), String::new()));
    }

    #[test]
    fn anything_else_is_refused_with_the_place() {
        for text in ["[]", "1", "\"x\"", "null"] {
            assert_eq!(parse(text), Err(Words::new("bad-attributes-no-object")), "{text}");
        }
        let error = parse("{\n \"a\": }").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
        assert!(parse(&format!("{{\"a\": \"{}\"}}", "x".repeat(MAX_BYTES))).is_err());
        let nested = |depth: usize| format!("{{\"a\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(parse(&nested(200)), Err(Words::new("bad-attributes-too-deep")));
        assert_eq!(parse(&"[".repeat(10_000)), Err(Words::new("bad-attributes-too-deep")));
        assert!(parse(&nested(100)).is_ok());
    }
}
