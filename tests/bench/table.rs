//! The printed table.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use crate::load::Load;
use crate::provider::Memory;

/// Rows in sections, printed when all is measured.
#[derive(Default)]
pub struct Table(String);

impl Table {
    pub fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub fn section(&mut self, name: &str) {
        let columns = format!(
            "{name:<44} {:>9} {:>9} {:>5} {:>8} {:>8} {:>7} {:>7}",
            "measured", "limit", "%", "p50 ms", "p99 ms", "CPU us", "RSS MB"
        );
        self.line(&format!("\n{columns}\n{}", "-".repeat(columns.len())));
    }

    /// A rate of the machine itself.
    pub fn limit(&mut self, what: &str, load: &Load) {
        let (p50, p99) = (milliseconds(load.p50), milliseconds(load.p99));
        self.line(&format!("{what:<44} {:>9} {:>9} {:>5} {p50:>8} {p99:>8}", number(load.per_second), "", ""));
    }

    /// A rate of the server, and beside it what the machine allows, and what one unit cost the server.
    pub fn rate(&mut self, what: &str, load: &Load, limit: f64, cpu: Duration, memory: Memory) {
        let (allowed, share) = (number(limit), 100.0 * load.per_second / limit);
        let (cpu, rss) = (cpu.as_micros() / load.count as u128, megabytes(memory.resident));
        let (p50, p99) = (milliseconds(load.p50), milliseconds(load.p99));
        let rate = number(load.per_second);
        self.line(&format!("{what:<44} {rate:>9} {allowed:>9} {share:>5.0} {p50:>8} {p99:>8} {cpu:>7} {rss:>7}"));
    }

    /// A single value in words.
    pub fn value(&mut self, what: &str, value: &str) {
        self.line(&format!("{what:<44} {value}"));
    }

    pub fn print(&self) {
        let mut out = std::io::stdout().lock();
        out.write_all(self.0.as_bytes()).and_then(|()| out.flush()).expect("standard output");
    }
}

pub fn number(n: f64) -> String {
    if n < 100.0 {
        return format!("{n:.1}");
    }
    let digits = format!("{n:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub fn milliseconds(d: Duration) -> String {
    let mut text = String::new();
    let ms = d.as_secs_f64() * 1000.0;
    write!(text, "{ms:.*}", if ms < 10.0 { 2 } else { 0 }).expect("memory");
    text
}

pub fn megabytes(kib: u64) -> String {
    format!("{:.1}", kib as f64 * 1024.0 / 1e6)
}
