//! Printing: results to stdout, errors and warnings to stderr. The only place that prints.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use super::{CliError, Outcome};
use crate::error::Internal;

/// Prints text as it is.
pub fn text(text: &str) -> Outcome {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        // `latchkey events | head`: the reader has what it wanted.
        Err(e) if e.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(e) => Err(CliError::Internal(Internal::fault(format!("stdout: {e}")))),
    }
}

/// Prints what is good to know but not the result: whether somebody reads it or not.
pub fn announce(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Prints a line.
pub fn line(line: &str) -> Outcome {
    text(&format!("{line}\n"))
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> Outcome {
    let text = serde_json::to_string_pretty(value).map_err(Internal::fault)?;
    line(&text)
}

/// Prints columns under headings, as wide as they need to be.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> Outcome {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count());
        cells.chain(headings.get(column).map(|h| h.len())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let render = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(c, w)| format!("{}{}", c, " ".repeat(w - c.chars().count())));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let headings: Vec<String> = headings.iter().map(|h| (*h).to_owned()).collect();
    let mut out = render(&headings);
    rows.iter().for_each(|r| out.push_str(&render(r)));
    text(&out)
}

/// Prints fields, a line each, the values aligned.
pub fn fields(fields: &[(&str, &str)]) -> Outcome {
    let width = fields.iter().map(|(n, _)| n.chars().count()).max().unwrap_or(0);
    let lines = fields.iter().map(|(n, v)| format!("  {n}{}  {v}\n", " ".repeat(width - n.chars().count())));
    text(&lines.collect::<String>())
}

/// Says something beside the result, on stderr.
pub fn note(words: &str) {
    drop(writeln!(std::io::stderr(), "{words}"));
}

/// Says why the command failed.
pub fn error(words: &str) {
    note(&format!("latchkey: {words}"));
}
