//! How log lines look: for people at a terminal, for systemd's journal, or for programs. A line is a line: whatever a
//! value holds, it cannot begin another one, nor tell the terminal anything.

use std::fmt::{self, Write as _};
use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Config, LogFormat};

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Time, level in colour, message, fields.
    Terminal,
    /// The same without colours.
    Plain,
    /// A priority that journald understands (sd-daemon(3)), and no time: it has its own.
    Journal,
    /// A line of JSON.
    Json,
}

/// Where the lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stderr {
    Terminal,
    Journal,
    Other,
}

/// Begins to log to stderr. `level` is for what is our own.
pub fn start(config: &Config, level: Level, is_serve: bool) {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let wanted = Targets::new().with_target("latchkey", level).with_default(Level::WARN);
    match look(config.log_format, stderr(), is_serve) {
        Look::Json => tracing_subscriber::registry().with(lines.json().flatten_event(true).with_filter(wanted)).init(),
        look => tracing_subscriber::registry().with(lines.event_format(Lines(look)).with_filter(wanted)).init(),
    }
}

fn look(format: LogFormat, stderr: Stderr, is_serve: bool) -> Look {
    match (format, stderr) {
        (LogFormat::Json, _) => Look::Json,
        (LogFormat::Auto | LogFormat::Text, Stderr::Terminal) => Look::Terminal,
        (LogFormat::Auto, Stderr::Journal) => Look::Journal,
        // What a command has to say is for who typed it, or wrote the script.
        (LogFormat::Auto, Stderr::Other) if is_serve => Look::Json,
        (LogFormat::Auto | LogFormat::Text, _) => Look::Plain,
    }
}

fn stderr() -> Stderr {
    let stderr = std::io::stderr();
    if stderr.is_terminal() {
        return Stderr::Terminal;
    }
    // systemd.exec(5): the variable is inherited by children whose stderr leads elsewhere, so that it must be compared.
    let named = std::env::var("JOURNAL_STREAM").ok();
    let is = rustix::fs::fstat(&stderr).ok().map(|about| format!("{}:{}", about.st_dev, about.st_ino));
    if named.is_some() && named == is { Stderr::Journal } else { Stderr::Other }
}

/// Writes events as lines of text.
struct Lines(Look);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let level = *event.metadata().level();
        let is_coloured = self.0 == Look::Terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        match (self.0, is_coloured) {
            (Look::Journal, _) => write!(writer, "<{}>", priority(level))?,
            (_, true) => {
                writer.write_str(DIM)?;
                SystemTime.format_time(&mut writer)?;
                write!(writer, "{RESET} {}{level:>5}{RESET} ", colour(level))?;
            }
            (_, false) => {
                SystemTime.format_time(&mut writer)?;
                write!(writer, " {level:>5} ")?;
            }
        }
        let mut fields = Fields { writer: writer.by_ref(), is_coloured, is_first: true, result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writer.write_char('\n')
    }
}

const RESET: &str = "\u{1b}[0m";
const DIM: &str = "\u{1b}[2m";

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\u{1b}[31m",
        Level::WARN => "\u{1b}[33m",
        Level::INFO => "\u{1b}[32m",
        _ => "\u{1b}[34m",
    }
}

/// As syslog counts: error, warning, informational, debug.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// Writes the message, which comes first, and the fields as `name=value`.
struct Fields<'a> {
    writer: Writer<'a>,
    is_coloured: bool,
    is_first: bool,
    result: fmt::Result,
}

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: fmt::Arguments) -> fmt::Result {
        if !std::mem::take(&mut self.is_first) {
            self.writer.write_char(' ')?;
        }
        match (field.name(), self.is_coloured) {
            ("message", _) => {}
            (name, true) => write!(self.writer, "{DIM}{name}={RESET}")?,
            (name, false) => write!(self.writer, "{name}=")?,
        }
        Inert(&mut self.writer).write_fmt(value)
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.result = self.result.and_then(|()| match field.name() {
            "message" => self.put(field, format_args!("{value}")),
            _ => self.put(field, format_args!("{value:?}")),
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.result = self.result.and_then(|()| self.put(field, format_args!("{value:?}")));
    }
}

/// Lets nothing through that ends a line, moves a cursor or turns the direction of text.
struct Inert<'a, W>(&'a mut W);

impl<W: fmt::Write> fmt::Write for Inert<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_active = |c: char| {
            c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        for part in text.split_inclusive(is_active) {
            match part.chars().next_back().filter(|c| is_active(*c)) {
                None => self.0.write_str(part)?,
                Some(last) => {
                    self.0.write_str(&part[..part.len() - last.len_utf8()])?;
                    write!(self.0, "{}", last.escape_default())?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::util::SubscriberInitExt;

    use super::*;

    /// What is written, for a look.
    fn written(look: Look, say: impl FnOnce()) -> String {
        #[derive(Clone, Default)]
        struct Sink(Arc<Mutex<Vec<u8>>>);
        impl Write for Sink {
            fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::DEBUG)
            .with_writer(move || writer.clone())
            .event_format(Lines(look));
        let guard = subscriber.finish().set_default();
        say();
        drop(guard);
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn each_level() {
        tracing::error!(n = 1, "a");
        tracing::warn!(text = "x y", "b");
        tracing::info!(shown = %"z", "c");
        tracing::debug!("d");
    }

    #[test]
    fn the_journal_gets_priorities_and_no_time() {
        let lines = written(Look::Journal, each_level);
        assert_eq!(lines, "<3>a n=1\n<4>b text=\"x y\"\n<6>c shown=z\n<7>d\n");
    }

    #[test]
    fn a_terminal_gets_colours_and_a_file_none() {
        let (terminal, plain) = (written(Look::Terminal, each_level), written(Look::Plain, each_level));
        assert!(terminal.contains("\u{1b}[31mERROR\u{1b}[0m a \u{1b}[2mn=\u{1b}[0m1\n"), "{terminal:?}");
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
        let ends: Vec<_> = plain.lines().map(|l| l.split_once('Z').expect("a time").1).collect();
        assert_eq!(ends, [" ERROR a n=1", "  WARN b text=\"x y\"", "  INFO c shown=z", " DEBUG d"]);
    }

    #[test]
    fn no_value_begins_a_line_or_talks_to_the_terminal() {
        let hostile = "a\n<0>b\r\u{1b}[2J\u{9b}c\u{202e}d\u{2028}e\0";
        for look in [Look::Terminal, Look::Plain, Look::Journal] {
            let line = written(look, || {
                tracing::info!(quoted = hostile, shown = %hostile, debugged = ?Some(hostile), "{hostile}");
            });
            assert_eq!(line.matches('\n').count(), 1, "{line:?}");
            let ours = line.replace(RESET, "").replace(DIM, "").replace("\u{1b}[32m", "");
            let is_plain = |c: char| c == '\n' || !(c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c));
            assert!(ours.chars().all(is_plain), "{line:?}");
            assert!(line.contains(r"a\n<0>b\r\u{1b}[2J\u{9b}c\u{202e}d\u{2028}e\u{0}"), "{line:?}");
        }
    }

    #[test]
    fn the_look_follows_from_where_the_lines_go_unless_it_was_said() {
        use LogFormat::{Auto, Json, Text};
        for (format, stderr, is_serve, expected) in [
            (Auto, Stderr::Terminal, true, Look::Terminal),
            (Auto, Stderr::Journal, true, Look::Journal),
            (Auto, Stderr::Other, true, Look::Json),
            (Auto, Stderr::Other, false, Look::Plain),
            (Text, Stderr::Terminal, true, Look::Terminal),
            (Text, Stderr::Journal, true, Look::Plain),
            (Text, Stderr::Other, true, Look::Plain),
            (Json, Stderr::Terminal, false, Look::Json),
            (Json, Stderr::Journal, true, Look::Json),
        ] {
            assert_eq!(look(format, stderr, is_serve), expected, "{format:?} {stderr:?} {is_serve}");
        }
    }
}
