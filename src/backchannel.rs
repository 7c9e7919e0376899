//! Telling applications of sign-outs (OpenID Connect Back-Channel Logout 1.0). What is to be told waits in the database; one
//! thread tells it, and is there only while something is due.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, Weak};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::crypto::jwt::ExpectedTyp;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::event_kinds::{LOGOUT_TOLD, LOGOUT_UNTOLD};
use crate::endpoints::{Client, Signer};
use crate::error::Internal;
use crate::outbound::{OutboundError, post_form};
use crate::recorder;
use crate::store::Tx;
use crate::store::events::Event;
use crate::store::logouts::{self, Message};
use crate::words::Words;

/// Back-Channel Logout section 2.4: preferably at most two minutes.
const VALID: UnixSeconds = 120;
/// The member of `events` that makes it a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Seconds until the next try, and as many more tries: an hour in all.
const AGAIN_AFTER: [i64; 4] = [5, 60, 600, LONGEST];
const LONGEST: i64 = 2_700;
/// Applications that are told at once: a slow one keeps few others waiting, and those not for long.
const AT_ONCE: usize = 4;

#[derive(Default)]
struct State {
    /// Whether the thread is there.
    runs: bool,
    /// Whether something was queued since it looked.
    rung: bool,
    /// Whether the process is about to end. What waits is told after the next start.
    ending: bool,
}

/// Tells, in a server; in other commands nothing is told, and the server finds what they have queued.
#[derive(Default)]
pub struct Teller {
    app: OnceLock<Weak<App>>,
    state: Mutex<State>,
    bell: Condvar,
}

impl Teller {
    /// From now on applications are told.
    pub fn begin(&self, app: &Arc<App>) {
        let weak = Arc::downgrade(app);
        // A second call changes nothing.
        _ = self.app.set(weak.clone());
        app.store.when_queued(move || {
            if let Some(app) = weak.upgrade() {
                app.teller.ring();
            }
        });
    }

    /// Looks for what has become due: after a try in vain, or queued by a command or an earlier process.
    pub fn look(&self, app: &App) -> Result<(), Internal> {
        let now = app.clock.now();
        if app.store.read(|c| logouts::is_due(c, now))? {
            self.ring();
        }
        Ok(())
    }

    fn ring(&self) {
        let Some(app) = self.app.get().and_then(Weak::upgrade) else { return };
        let mut state = self.lock();
        state.rung = true;
        if state.runs || state.ending {
            return;
        }
        match std::thread::Builder::new().name("back-channel".into()).spawn(move || work(&app)) {
            Ok(_) => state.runs = true,
            // What waits is found by the next look.
            Err(error) => tracing::error!(%error, "no thread that tells applications of sign-outs"),
        }
    }

    /// Lets what is under way come to its end, no longer than this.
    pub fn end(&self, patience: Duration) {
        let mut state = self.lock();
        state.ending = true;
        let until = Instant::now() + patience;
        while state.runs {
            let Some(left) = until.checked_duration_since(Instant::now()).filter(|l| !l.is_zero()) else { break };
            state = self.bell.wait_timeout(state, left).unwrap_or_else(|e| e.into_inner()).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// The thread. It ends when nothing is due.
fn work(app: &App) {
    loop {
        app.teller.lock().rung = false;
        let told = round(app).unwrap_or_else(|error| {
            // Not at once again: the next look may find the disk better.
            tracing::error!(%error, "applications were not told of sign-outs");
            false
        });
        let mut state = app.teller.lock();
        if state.ending || !(told || state.rung) {
            state.runs = false;
            app.teller.bell.notify_all();
            return;
        }
    }
}

/// What became of a message.
enum Outcome {
    Told,
    Failed(OutboundError),
    /// There was no room for it.
    NoRoom,
    /// The provider has no application or no address any more.
    Nobody,
}

/// Tells what is due, a few messages of each application, and notes what became of them in one transaction. False when
/// nothing was due.
fn round(app: &App) -> Result<bool, Internal> {
    let now = app.clock.now();
    let mut by_provider: BTreeMap<i64, Vec<Message>> = BTreeMap::new();
    for message in app.store.read(|c| logouts::due(c, now))? {
        by_provider.entry(message.provider_id).or_default().push(message);
    }
    if by_provider.is_empty() {
        return Ok(false);
    }
    let (threads, groups) = (by_provider.len().min(AT_ONCE), Mutex::new(by_provider.into_values()));
    let results = Mutex::new(Vec::new());
    let tell = || {
        loop {
            let Some(group) = groups.lock().unwrap_or_else(|e| e.into_inner()).next() else { return };
            let told = tell_one(app, group);
            results.lock().unwrap_or_else(|e| e.into_inner()).extend(told);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(tell);
        }
        tell();
    });
    let results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    let now = app.clock.now();
    app.store.write(move |tx| results.into_iter().try_for_each(|(m, client_id, o)| note(tx, m, &client_id, o, now)))?;
    Ok(true)
}

/// Tells one application. An answer is about its own message alone. Where nothing is answered, the others are not sent: it
/// would keep us waiting at each.
fn tell_one(app: &App, group: Vec<Message>) -> Vec<(Message, String, Outcome)> {
    let provider = group.first().map(|m| m.provider_id).unwrap_or_default();
    let found = app.store.read(|c| Client::by_provider(c, provider));
    let client = match found {
        Ok(client) => client,
        Err(error) => {
            let failed = |m| (m, String::new(), Outcome::Failed(error.clone().into()));
            return group.into_iter().map(failed).collect();
        }
    };
    let Some((client, uri)) = client.and_then(|c| c.provider.backchannel_logout_uri.clone().map(|uri| (c, uri))) else {
        return group.into_iter().map(|m| (m, String::new(), Outcome::Nobody)).collect();
    };
    let mut results = Vec::new();
    for message in group {
        if message.untold > 0 {
            results.push((message, client.provider.client_id.clone(), Outcome::NoRoom));
            continue;
        }
        let delivered = deliver(app, &client, &uri, &message);
        let is_silence = delivered.as_ref().is_err_and(|error| error.is_silence);
        let outcome = delivered.map_or_else(Outcome::Failed, |()| Outcome::Told);
        results.push((message, client.provider.client_id.clone(), outcome));
        if is_silence {
            break;
        }
    }
    results
}

fn deliver(app: &App, client: &Client, uri: &str, message: &Message) -> Result<(), OutboundError> {
    let token = token(app, client, message)?;
    post_form(app, uri, &[("logout_token", &token)])
}

/// The logout token (section 2.4), made when it is sent: it is short-lived, and the key may have changed since.
fn token(app: &App, client: &Client, message: &Message) -> Result<String, Internal> {
    let now = app.clock.now();
    let key = app.store.read(|c| app.keyring.signing(c, app.sealer(), &client.provider, now))?;
    let mut claims = Map::new();
    let mut insert = |name: &str, value: Value| claims.insert(name.into(), value);
    insert("iss", json!(client.issuer(app)));
    insert("aud", json!(client.provider.client_id));
    insert("iat", json!(now));
    insert("exp", json!(now + VALID));
    insert("jti", json!(random::token()));
    insert("events", json!({ LOGOUT: {} }));
    insert("sid", json!(message.sid));
    if let Some(sub) = &message.sub {
        insert("sub", json!(sub));
    }
    Signer::of(app, client, &key)?.sign(ExpectedTyp::Logout, &claims)
}

/// Writes down what became of a message.
fn note(tx: &Tx, message: Message, client_id: &str, outcome: Outcome, now: UnixSeconds) -> Result<(), Internal> {
    let event = |kind| {
        let event = Event { details: json!({}), ..recorder::local_event(kind, now) };
        event.user(&message.username).client(client_id).detail("tries", (message.tries + 1).to_string())
    };
    let again = usize::try_from(message.tries).ok().and_then(|n| AGAIN_AFTER.get(n));
    if let Outcome::Failed(error) = &outcome
        && error.is_silence
    {
        // The others at this application were not sent: they wait as long, and have lost no try.
        logouts::hold(tx, message.provider_id, now + again.unwrap_or(&LONGEST))?;
    }
    match (outcome, again) {
        (Outcome::Nobody, _) => logouts::delete(tx, message.id),
        (Outcome::NoRoom, _) => {
            logouts::delete(tx, message.id)?;
            let event = Event { details: json!({}), ..recorder::local_event(LOGOUT_UNTOLD, now) };
            let event = event.user(&message.username).client(client_id).detail("messages", message.untold.to_string());
            event.detail("reason", Words::new("outbound-no-room").to_string()).store(tx)
        }
        (Outcome::Told, _) => {
            logouts::delete(tx, message.id)?;
            logouts::release(tx, message.provider_id)?;
            event(LOGOUT_TOLD).store(tx)
        }
        (Outcome::Failed(error), Some(seconds)) if error.may_pass => {
            tracing::warn!(client_id, reason = %error, again_in = seconds, "an application was not told of a sign-out yet");
            logouts::postpone(tx, message.id, now + seconds)
        }
        (Outcome::Failed(error), _) => {
            logouts::delete(tx, message.id)?;
            event(LOGOUT_UNTOLD).detail("reason", error.to_string()).store(tx)
        }
    }
}
