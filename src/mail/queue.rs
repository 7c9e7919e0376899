//! The queue: bounded, in memory, and one thread that is there while there is something to do. What fails for a reason that
//! may pass is tried again for some minutes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, Weak};
use std::time::{Duration, Instant};

use super::letter::Letter;
use super::recovery;
use super::send::deliver;
use super::trouble::Trouble;
use crate::app::App;
use crate::recorder;
use crate::store::events::Event;
use crate::words::Lang;

/// Mails that wait at most.
const MOST_LETTERS: usize = 200;
/// Of them, those of one user: what somebody brings about with one account keeps no mail of others out.
const MOST_OF_ONE: usize = 10;
/// Wishes for a recovery mail that wait at most: strangers can make them, so they are apart from mails.
const MOST_REQUESTS: usize = 100;
/// Seconds until the next try, and as many tries.
const AGAIN_AFTER: [u64; 6] = [2, 10, 30, 60, 120, 240];

/// Somebody's wish, of which it is not known yet whether it leads to a mail. Looking is done by the thread, so that known
/// and unknown names are answered alike.
#[derive(Debug, Clone)]
pub struct Request {
    /// What was typed.
    pub login: String,
    /// The language of the page, for who has chosen none.
    pub lang: Lang,
    /// Where it came from.
    pub event: Event,
}

struct Waiting {
    letter: Letter,
    tries: usize,
    due: Instant,
}

#[derive(Default)]
struct State {
    letters: Vec<Waiting>,
    requests: VecDeque<Request>,
    /// Whether a mail was taken up last, and not a wish.
    letter_was_last: bool,
    /// Whether the thread is there.
    runs: bool,
    /// Whether the process is about to end: nothing is tried a second time.
    ending: bool,
}

/// Takes mails and sends them, in a server; in other commands it takes and drops them.
#[derive(Default)]
pub struct Mailer {
    app: OnceLock<Weak<App>>,
    state: Mutex<State>,
    bell: Condvar,
}

enum Work {
    Letter(Box<Waiting>),
    Request(Box<Request>),
    Wait(Option<Duration>),
    Nothing,
}

impl Mailer {
    /// From now on mails are sent.
    pub fn begin(&self, app: &Arc<App>) {
        // A second call changes nothing.
        _ = self.app.set(Arc::downgrade(app));
    }

    /// Takes a mail.
    pub fn post(&self, letter: Letter) {
        let Some(app) = self.app() else { return };
        let mut state = self.lock();
        if !state.has_room_for(&letter.username) {
            drop(state);
            tracing::error!(
                about = letter.about,
                username = letter.username,
                "too many mails wait; this one is not sent"
            );
            return;
        }
        state.letters.push(Waiting { letter, tries: 0, due: Instant::now() });
        self.see_to_it(state, app);
    }

    /// Takes a wish for a recovery mail. Costs the same whoever it is about.
    pub fn ask_recovery(&self, request: Request) {
        let Some(app) = self.app() else { return };
        let mut state = self.lock();
        if state.requests.len() >= MOST_REQUESTS {
            drop(state);
            tracing::warn!("too many wishes for a recovery mail wait; this one is forgotten");
            return;
        }
        state.requests.push_back(request);
        self.see_to_it(state, app);
    }

    fn see_to_it(&self, mut state: MutexGuard<State>, app: Arc<App>) {
        if !state.runs {
            let begun = std::thread::Builder::new().name("mail".into()).spawn(move || work(&app));
            // What waits is taken up with the next mail.
            if let Err(error) = begun {
                tracing::error!(%error, "no thread for mails");
                return;
            }
            state.runs = true;
        }
        self.bell.notify_all();
    }

    /// Gives what waits one try, no longer than this, and records what could not be sent.
    pub fn end(&self, app: &App, patience: Duration) {
        let mut state = self.lock();
        state.ending = true;
        self.bell.notify_all();
        let until = Instant::now() + patience;
        while state.runs {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|l| !l.is_zero()) else { break };
            state = self.bell.wait_timeout(state, left).unwrap_or_else(|e| e.into_inner()).0;
        }
        let rest: Vec<Waiting> = state.letters.drain(..).collect();
        drop(state);
        for waiting in rest {
            failed(app, &waiting.letter, &Trouble::stopped());
        }
    }

    fn app(&self) -> Option<Arc<App>> {
        self.app.get()?.upgrade()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl State {
    fn has_room_for(&self, username: &str) -> bool {
        let of_user = self.letters.iter().filter(|w| w.letter.username == username).count();
        self.letters.len() < MOST_LETTERS && of_user < MOST_OF_ONE
    }

    /// Mails and wishes in turn: neither keeps the other waiting.
    fn next(&mut self) -> Work {
        let now = Instant::now();
        let ending = self.ending;
        let is_due = |w: &Waiting| if ending { w.tries == 0 } else { w.due <= now };
        let due = self.letters.iter().position(is_due);
        if (self.letter_was_last || due.is_none())
            && let Some(request) = self.requests.pop_front()
        {
            self.letter_was_last = false;
            return Work::Request(Box::new(request));
        }
        if let Some(at) = due {
            self.letter_was_last = true;
            return Work::Letter(Box::new(self.letters.remove(at)));
        }
        match self.letters.iter().map(|w| w.due).min() {
            Some(due) if !self.ending => Work::Wait(due.checked_duration_since(now)),
            _ => Work::Nothing,
        }
    }
}

/// The thread. It ends when there is nothing to do.
fn work(app: &App) {
    let mailer = &app.mailer;
    loop {
        let mut state = mailer.lock();
        match state.next() {
            Work::Letter(waiting) => {
                drop(state);
                attempt(app, *waiting);
            }
            Work::Request(request) => {
                drop(state);
                if let Err(error) = recovery::answer(app, &request) {
                    tracing::error!(%error, "a wish for a recovery mail was not looked at");
                }
            }
            Work::Wait(time) => {
                let time = time.unwrap_or(Duration::from_millis(1));
                drop(mailer.bell.wait_timeout(state, time));
            }
            Work::Nothing => {
                state.runs = false;
                mailer.bell.notify_all();
                return;
            }
        }
    }
}

fn attempt(app: &App, waiting: Waiting) {
    let sent = match app.mail_ready() {
        Ok(Some(ready)) => deliver(app, &ready, &waiting.letter),
        Ok(None) => Err(Trouble::no_server()),
        Err(trouble) => Err(trouble),
    };
    let Waiting { letter, tries, .. } = waiting;
    match sent {
        Ok(()) => tracing::info!(about = letter.about, username = letter.username, "mail sent"),
        Err(trouble) => match AGAIN_AFTER.get(tries).filter(|_| trouble.may_pass) {
            Some(seconds) => {
                tracing::warn!(about = letter.about, username = letter.username, reason = %trouble, again_in = seconds, "mail not sent yet");
                let due = Instant::now() + Duration::from_secs(*seconds);
                app.mailer.lock().letters.push(Waiting { letter, tries: tries + 1, due });
            }
            None => failed(app, &letter, &trouble),
        },
    }
}

/// A mail is given up: an event says so.
fn failed(app: &App, letter: &Letter, trouble: &Trouble) {
    let event = recorder::local_event("mail_failed", app.clock.now());
    let event = Event { details: serde_json::json!({}), ..event }.user(&letter.username);
    let event = event.detail("about", letter.about).detail("reason", trouble.to_string());
    if let Err(error) = app.store.write(move |tx| event.store(tx)) {
        tracing::error!(%error, "that a mail was not sent could not be recorded");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    fn letter(username: &str) -> Letter {
        Letter {
            to: format!("{username}@example.com"),
            username: username.into(),
            lang: Lang::english(),
            subject: Words::new("mail-test-subject"),
            body: Vec::new(),
            about: "test",
            secret: None,
        }
    }

    fn with(letters: &[&str], requests: &[&str]) -> State {
        let waiting = |username: &&str| Waiting { letter: letter(username), tries: 0, due: Instant::now() };
        let request = |login: &&str| Request {
            login: (*login).to_owned(),
            lang: Lang::english(),
            event: recorder::local_event("recovery_link_created", 1),
        };
        State {
            letters: letters.iter().map(waiting).collect(),
            requests: requests.iter().map(request).collect(),
            ..State::default()
        }
    }

    #[test]
    fn mails_and_wishes_are_taken_up_in_turn() {
        let mut state = with(&["a", "b", "c"], &["x", "y"]);
        let order: Vec<String> = std::iter::from_fn(|| match state.next() {
            Work::Letter(waiting) => Some(waiting.letter.username),
            Work::Request(request) => Some(request.login),
            Work::Wait(_) | Work::Nothing => None,
        })
        .collect();
        assert_eq!(order, ["a", "x", "b", "y", "c"]);
    }

    #[test]
    fn a_mail_that_is_not_due_keeps_no_wish_waiting() {
        let mut state = with(&["a"], &["x"]);
        state.letters[0].due = Instant::now() + Duration::from_secs(60);
        assert!(matches!(state.next(), Work::Request(_)) && matches!(state.next(), Work::Wait(Some(_))));
    }

    #[test]
    fn one_users_mails_leave_room_for_others() {
        let state = with(&["mal"; MOST_OF_ONE], &[]);
        assert!(!state.has_room_for("mal") && state.has_room_for("carl"));
        assert!(with(&["mal"; MOST_OF_ONE - 1], &[]).has_room_for("mal"));
        let names: Vec<String> = (0..MOST_LETTERS).map(|n| n.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(!with(&names, &[]).has_room_for("carl") && with(&names[1..], &[]).has_room_for("carl"));
    }
}
