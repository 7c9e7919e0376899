//! Events and their log lines. What succeeded is stored in the transaction that made it so; what was refused waits in
//! bounded memory, because strangers must not be able to make us write to the disk.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::domain::UnixSeconds;
use crate::domain::event_kinds::REFUSALS;
use crate::error::Internal;
use crate::http::Request;
use crate::metrics::Counts;
use crate::store::events::{self, Event};
use crate::store::{Store, Tx};
use crate::throttle::Throttle;

/// Refusals kept until they are written; more are counted, not kept.
const WAITING: usize = 200;
/// Refusals cause a commit of their own this often at most.
const FLUSH_EVERY: Duration = Duration::from_secs(60);
/// How long the same thing is not said again.
const SAY_AGAIN: Duration = Duration::from_secs(600);

/// Begins an event of a request.
pub fn event(kind: &str, request: &Request, now: UnixSeconds) -> Event {
    Event {
        id: 0,
        at: now,
        kind: kind.into(),
        username: None,
        client_id: None,
        application: None,
        address: Some(request.client.to_string()),
        request_id: Some(request.id.to_string()),
        details: json!({}),
        is_refusal: false,
    }
}

/// Begins an event of a command on this machine.
pub fn local_event(kind: &str, now: UnixSeconds) -> Event {
    Event {
        id: 0,
        at: now,
        kind: kind.into(),
        username: None,
        client_id: None,
        application: None,
        address: None,
        request_id: None,
        details: json!({ "by": "command line" }),
        is_refusal: false,
    }
}

impl Event {
    #[must_use]
    pub fn user(mut self, username: &str) -> Self {
        self.username = Some(clip(username));
        self
    }

    #[must_use]
    pub fn client(mut self, client_id: &str) -> Self {
        self.client_id = Some(clip(client_id));
        self
    }

    /// Adds a detail. Long ones are cut: they may come from a stranger.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Value::Object(details) = &mut self.details {
            details.insert(name.into(), Value::String(clip(&value.into())));
        }
        self
    }

    /// Stores the event with the transaction it belongs to, and logs it.
    pub fn store(self, tx: &Tx) -> Result<(), Internal> {
        log(&self);
        events::insert(tx, &self)
    }
}

fn clip(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// An event for programs: its row, and the time as people write it.
pub fn as_json(event: &Event) -> Value {
    let mut value = json!(event);
    value["time"] = rfc3339(event.at).into();
    value
}

/// Details as `name=value`, a space between.
pub fn in_words(details: &Value) -> String {
    let Some(details) = details.as_object() else { return String::new() };
    let pair = |(name, value): (&String, &Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), inert);
        format!("{name}={value}")
    };
    details.iter().map(pair).collect::<Vec<_>>().join(" ")
}

/// Text from outside cannot move the cursor, start a line of its own or pass for another field.
pub fn inert(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '"');
    if plain { text.to_owned() } else { format!("{text:?}") }
}

fn log(e: &Event) {
    // As text: each look escapes line breaks and other controls in its own way (`cli::logging`).
    tracing::info!(
        kind = e.kind,
        username = e.username,
        client_id = e.client_id,
        address = e.address,
        request_id = e.request_id,
        details = %in_words(&e.details),
        "event"
    );
}

/// Refusals that wait to be stored.
pub struct Recorder {
    waiting: Mutex<Waiting>,
    /// How many there were of each kind, kept or not.
    refusals: Counts<{ REFUSALS.len() }>,
}

struct Waiting {
    events: VecDeque<Event>,
    dropped: u64,
    last_flush: Option<Instant>,
    /// What was said lately by [`Recorder::refused_seldom`].
    said: VecDeque<(String, Instant)>,
}

impl Default for Recorder {
    fn default() -> Self {
        let waiting = Waiting { events: VecDeque::new(), dropped: 0, last_flush: None, said: VecDeque::new() };
        Self { waiting: Mutex::new(waiting), refusals: Counts::new(REFUSALS) }
    }
}

impl Recorder {
    /// How many refusals there were since the process began, by kind.
    pub fn refusals(&self) -> &Counts<{ REFUSALS.len() }> {
        &self.refusals
    }

    /// Counts a refusal that was recorded at once, and not by [`Recorder::refused`].
    pub fn count(&self, kind: &str) {
        self.refusals.count(kind);
    }

    /// Logs a refusal and keeps it for the next flush.
    pub fn refused(&self, event: Event) {
        self.count(&event.kind);
        self.keep(event);
    }

    fn keep(&self, event: Event) {
        let event = Event { is_refusal: true, ..event };
        log(&event);
        let mut waiting = self.lock();
        if waiting.events.len() < WAITING {
            waiting.events.push_back(event);
        } else {
            waiting.dropped += 1;
        }
    }

    /// The same for what repeats itself: a client may ask every second about a user whose policy fails. Said again
    /// after ten minutes.
    pub fn refused_seldom(&self, event: Event) {
        self.count(&event.kind);
        let identity = format!("{} {:?} {}", event.kind, event.username, event.details);
        {
            let mut waiting = self.lock();
            waiting.said.retain(|(_, at)| at.elapsed() < SAY_AGAIN);
            if waiting.said.iter().any(|(said, _)| *said == identity) {
                return;
            }
            if waiting.said.len() >= WAITING {
                waiting.said.pop_front();
            }
            waiting.said.push_back((identity, Instant::now()));
        }
        self.keep(event);
    }

    /// Takes what waits, to be stored along with something that is written anyway.
    pub fn take(&self) -> Vec<Event> {
        let mut waiting = self.lock();
        let mut events: Vec<_> = waiting.events.drain(..).collect();
        if waiting.dropped > 0
            && let Some(last) = events.last_mut()
            && let Value::Object(details) = &mut last.details
        {
            details.insert(events::NOT_KEPT.into(), waiting.dropped.into());
            waiting.dropped = 0;
        }
        events
    }

    /// Writes what waits and what the throttle counts, unless that was done less than a minute ago.
    pub fn flush_if_due(&self, store: &Store, throttle: &Throttle, now: UnixSeconds) {
        {
            let mut waiting = self.lock();
            let is_early = waiting.last_flush.is_some_and(|t| t.elapsed() < FLUSH_EVERY);
            if is_early || (waiting.events.is_empty() && !throttle.is_changed(now)) {
                return;
            }
            waiting.last_flush = Some(Instant::now());
        }
        self.flush(store, throttle, now);
    }

    /// Writes them now: at the end of the process.
    pub fn flush(&self, store: &Store, throttle: &Throttle, now: UnixSeconds) {
        let (events, changes) = (self.take(), throttle.changes(now));
        if events.is_empty() && changes.is_empty() {
            return;
        }
        let failures = changes.clone();
        let result: Result<(), Internal> = store.write(move |tx| {
            events.iter().try_for_each(|e| events::insert(tx, e))?;
            failures.store(tx)
        });
        throttle.written(&changes, result.is_ok());
        if let Err(error) = result {
            tracing::error!(%error, "refusals could not be stored; they are in this log only");
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_stays_on_its_line() {
        let details = json!({ "reason": "a\nb\u{1b}[2J\u{202e}c", "n": 3, "plain": "x" });
        assert_eq!(in_words(&details), r#"n=3 plain=x reason="a\nb\u{1b}[2J\u{202e}c""#);
    }

    #[test]
    fn what_repeats_itself_is_said_once_and_what_differs_each_time() {
        let recorder = Recorder::default();
        for policy in ["a", "a", "b", "a"] {
            recorder.refused_seldom(local_event("policy_failed", 1).user("bob").detail("policy", policy));
        }
        recorder.refused_seldom(local_event("policy_failed", 1).user("eve").detail("policy", "a"));
        assert_eq!(recorder.take().len(), 3);
        for n in 0..3 * WAITING {
            recorder.refused_seldom(local_event("policy_failed", 1).detail("policy", n.to_string()));
        }
        assert!(recorder.lock().said.len() <= WAITING);
    }

    #[test]
    fn memory_is_bounded_and_what_was_dropped_is_counted() {
        let recorder = Recorder::default();
        for _ in 0..WAITING + 5 {
            recorder.refused(local_event("login_failed", 1));
        }
        let events = recorder.take();
        assert_eq!(events.len(), WAITING);
        assert_eq!(events.last().map(|e| &e.details["and_refusals_not_kept"]), Some(&json!(5)));
        assert!(recorder.take().is_empty());
    }
}
