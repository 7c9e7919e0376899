//! The text format of Prometheus, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/

use std::fmt::{Display, Write as _};

use super::{Counts, Histogram};

/// The media type.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What kind of numbers a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A scrape's answer, as it is written.
#[derive(Debug, Default)]
pub struct Text {
    out: String,
    name: &'static str,
}

/// A label and its value.
pub type Label<'a> = (&'static str, &'a str);

impl Text {
    /// Begins a name (a metric family). What follows are its numbers.
    pub fn family(&mut self, name: &'static str, kind: Kind, help: &str) -> &mut Self {
        self.name = name;
        self.put(format_args!("# HELP {name} "));
        self.escaped(help, false);
        self.put(format_args!("\n# TYPE {name} {}\n", kind.as_str()));
        self
    }

    /// One number.
    pub fn value(&mut self, labels: &[Label], value: impl Display) -> &mut Self {
        self.sample("", labels, value)
    }

    /// A name with one number that may not be known.
    pub fn gauge(&mut self, name: &'static str, help: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.family(name, Kind::Gauge, help).value(&[], value);
        }
    }

    /// A name with one number that only grows.
    pub fn counter(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, Kind::Counter, help).value(&[], value);
    }

    /// A name with one counter for each value of its label.
    pub fn counts<const N: usize>(&mut self, name: &'static str, help: &str, label: &'static str, counts: &Counts<N>) {
        self.family(name, Kind::Counter, help);
        for (value, count) in counts.read() {
            self.value(&[(label, value)], count);
        }
    }

    /// The lines of one histogram.
    pub fn histogram(&mut self, labels: &[Label], histogram: &Histogram) {
        let reading = histogram.read();
        let mut count = 0;
        for (bound, up_to) in reading.up_to {
            let with_bound: Vec<Label> = labels.iter().copied().chain([("le", bound)]).collect();
            self.sample("_bucket", &with_bound, up_to);
            count = up_to;
        }
        self.sample("_sum", labels, reading.sum);
        self.sample("_count", labels, count);
    }

    pub fn into_string(self) -> String {
        self.out
    }

    fn sample(&mut self, suffix: &str, labels: &[Label], value: impl Display) -> &mut Self {
        let name = self.name;
        self.put(format_args!("{name}{suffix}"));
        for (n, (label, text)) in labels.iter().enumerate() {
            let before = if n == 0 { '{' } else { ',' };
            self.put(format_args!("{before}{label}=\""));
            self.escaped(text, true);
            self.out.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        self.put(format_args!("{end} {value}\n"));
        self
    }

    /// In help texts backslash and line feed are escaped, in label values the quote too.
    fn escaped(&mut self, text: &str, is_quoted: bool) {
        for c in text.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '"' if is_quoted => self.out.push_str("\\\""),
                c => self.out.push(c),
            }
        }
    }

    fn put(&mut self, text: std::fmt::Arguments) {
        // Writing to a String cannot fail.
        _ = self.out.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn names_kinds_labels_and_numbers_are_written_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.family("a_total", Kind::Counter, "How many.").value(&[], 3_u64).value(&[("x", "1"), ("y", "2")], 4_i64);
        text.gauge("b_seconds", "How long.", Some(0.25));
        text.gauge("c_seconds", "Nobody knows.", None::<u64>);
        let expected = "# HELP a_total How many.\n# TYPE a_total counter\na_total 3\na_total{x=\"1\",y=\"2\"} 4\n\
                        # HELP b_seconds How long.\n# TYPE b_seconds gauge\nb_seconds 0.25\n";
        assert_eq!(text.into_string(), expected);
    }

    #[test]
    fn a_label_cannot_end_early_or_begin_a_line() {
        let mut text = Text::default();
        text.family("a", Kind::Gauge, "back\\slash\nline \"quoted\"").value(&[("x", "q\"} 1\nb 2\\")], 1);
        let expected = "# HELP a back\\\\slash\\nline \"quoted\"\n# TYPE a gauge\na{x=\"q\\\"} 1\\nb 2\\\\\"} 1\n";
        assert_eq!(text.into_string(), expected);
    }

    #[test]
    fn a_histogram_has_cumulative_buckets_a_sum_and_a_count() {
        let histogram = Histogram::default();
        histogram.observe(Duration::from_millis(2));
        histogram.observe(Duration::from_secs(9));
        let mut text = Text::default();
        text.family("t_seconds", Kind::Histogram, "Time.").histogram(&[("route", "/login")], &histogram);
        let text = text.into_string();
        for line in [
            "t_seconds_bucket{route=\"/login\",le=\"0.001\"} 0\n",
            "t_seconds_bucket{route=\"/login\",le=\"0.0025\"} 1\n",
            "t_seconds_bucket{route=\"/login\",le=\"5\"} 1\n",
            "t_seconds_bucket{route=\"/login\",le=\"+Inf\"} 2\n",
            "t_seconds_sum{route=\"/login\"} 9.002\n",
            "t_seconds_count{route=\"/login\"} 2\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
    }
}
