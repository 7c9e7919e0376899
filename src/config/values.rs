//! How the values of settings are written.

use std::net::SocketAddr;

use ipnet::IpNet;

use crate::crypto::envelope::{BadRecipient, Recipient};
use crate::domain::backup::TimeOfDay;
use crate::domain::duration;

pub(super) fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(s) => Some(s.clone()),
        toml::Value::Integer(i) => Some(i.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(|i| i.as_str()).collect();
            items.map(|i| i.join(","))
        }
        _ => None,
    }
}

pub(super) fn list<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(parse).collect()
}

pub(super) fn addresses(text: &str) -> Result<Vec<SocketAddr>, String> {
    let all = list(text, |t| t.parse().map_err(|_| format!("{t:?} is no address and port, such as 127.0.0.1:8410")))?;
    if all.is_empty() { Err("expected an address and port, such as 127.0.0.1:8410".into()) } else { Ok(all) }
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    list(text, |t| {
        let single = t.parse::<std::net::IpAddr>().map(IpNet::from);
        t.parse().or(single).map_err(|_| format!("{t:?} is no network, such as 172.16.0.0/12"))
    })
}

pub(super) fn recipients(text: &str) -> Result<Vec<Recipient>, String> {
    list(text, |t| t.parse().map_err(|e: BadRecipient| e.to_string()))
}

pub(super) fn time_of_day(text: &str) -> Result<TimeOfDay, String> {
    TimeOfDay::parse(text).ok_or("expected a time of day, such as 03:30".into())
}

pub(super) fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let n = text.parse().ok().filter(|n| (least..=most).contains(n));
    n.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

/// A duration such as `90`, `90s`, `15m`, `12h` or `7d`, in seconds.
pub fn seconds(text: &str) -> Result<i64, String> {
    duration::parse(text).map_err(|words| words.to_string())
}
