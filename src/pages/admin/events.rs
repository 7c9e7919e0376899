//! System > Events.

use askama::Template;
use serde_json::Value;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use crate::domain::event_kinds::name_key;
use crate::store::events::Event;

/// What was looked for, newest first.
#[derive(Debug, Template)]
#[template(path = "admin/events.html")]
pub struct EventList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    /// What is looked for.
    pub form: &'a Form,
    pub kinds: Vec<Choice>,
    pub is_filtered: bool,
    pub events: Vec<Event>,
    /// The addresses of the pages with older events and with the newest, where there are any.
    pub older: Option<String>,
    pub newest: Option<String>,
    pub export: String,
    /// Events in one exported file at most.
    pub most: usize,
    /// Days that events are kept.
    pub days: i64,
}

/// All that is known of one event.
#[derive(Debug, Template)]
#[template(path = "admin/event.html")]
pub struct EventDetails<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub event: &'a Event,
}

impl EventList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl EventDetails<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    /// Names and values, but what has a line of its own.
    fn details(&self) -> Vec<(&str, String)> {
        let details = self.event.details.as_object().into_iter().flatten();
        let own =
            |name: &str, value: &Value| name == "application" && value.as_str() == self.event.application.as_deref();
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        details.filter(|(name, value)| !own(name, value)).map(|(name, value)| (name.as_str(), text(value))).collect()
    }
}

impl Shell {
    /// The name of a kind of event. One from a version that knew more is said as it stands.
    pub fn event(&self, kind: &str) -> String {
        name_key(kind).map_or_else(|| kind.to_owned(), |key| self.say(&key))
    }
}
