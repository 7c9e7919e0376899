//! Regex registrations: a literal origin, and a pattern that is matched in full against path and query only.

use regex::bytes::{Regex, RegexBuilder};

use super::register::BadUri;
use crate::domain::percent;

/// A bound on the compiled pattern, so that no registration can make matching slow or large.
const SIZE_LIMIT: usize = 64 * 1024;

/// Where the pattern begins: at the first `/` after `scheme://`, or at a group that begins with it.
pub fn start(text: &str) -> Option<usize> {
    let host = text.find("://")? + 3;
    let rest = &text[host..];
    let end = ["/", "(/", "(?:/"].iter().filter_map(|opening| rest.find(opening)).min().unwrap_or(rest.len());
    Some(host + end)
}

/// The literal origin and the pattern of a registered text.
pub fn split(registered: &str) -> Option<(&str, &str)> {
    start(registered).map(|at| registered.split_at(at))
}

/// Compiles a pattern so that it must match in full. It is compiled by itself first: a pattern such as `a)|(?:b`
/// is only whole, and then not anchored, within the brackets that we put around it.
pub fn compile(pattern: &str) -> Result<Regex, BadUri> {
    build(pattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
}

/// Whether a requested URI has the registered origin, byte for byte, and a path and query that match in full.
pub fn matches(registered: &str, requested: &str) -> bool {
    let Some((origin, pattern)) = split(registered) else { return false };
    let Some(target) = requested.strip_prefix(origin) else { return false };
    is_harmless(target) && compile(pattern).is_ok_and(|p| p.is_match(target.as_bytes()))
}

/// What follows the origin must begin as a path or a query, or the host or port would go on; and nothing in it may
/// be read differently by the browser or by the client's server than by the pattern.
fn is_harmless(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    (target.is_empty() || target.starts_with(['/', '?']))
        && target.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'#' | b'\\'))
        && !percent::decode_fully(target).iter().any(u8::is_ascii_control)
        && !percent::decode_fully(path).contains(&b'\\')
        && !percent::has_dot_segment(path)
}

fn build(pattern: &str) -> Result<Regex, BadUri> {
    // ASCII classes: a requested URI is ASCII, and Unicode tables would use up the size limit.
    RegexBuilder::new(pattern).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(2 * SIZE_LIMIT).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => BadUri::PatternTooLarge,
            other => BadUri::BadPattern(other.to_string().lines().last().unwrap_or_default().to_owned()),
        },
    )
}
