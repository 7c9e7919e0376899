//! An authorization request that waits for its user: sealed in a cookie of its own, so that strangers write nothing
//! to the database. Only its id is in the URL, and every check is made again when it is taken up.

use serde::{Deserialize, Serialize};

use crate::crypto::digest::Hash;
use crate::crypto::random;
use crate::domain::UnixSeconds;
use crate::domain::authorize::{AuthorizationRequest, Done};
use crate::http::Response;

use super::context::Ctx;

/// How long a user may take, in seconds.
const VALID: UnixSeconds = 600;
/// Tabs that may wait side by side; the oldest makes room.
const MOST: usize = 5;
/// What all waiting requests may add to the head of every request.
const MOST_BYTES: usize = 8 * 1024;
const PREFIX: &str = "latchkey-flow-";

/// A waiting request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flow {
    pub request: AuthorizationRequest,
    /// Whether the client pushed it (RFC 9126).
    #[serde(default)]
    pub is_pushed: bool,
    created_at: UnixSeconds,
    /// What the user did for it, and in which session: acts of one session count for no other.
    done: Done,
    done_in: Option<Hash>,
}

impl Flow {
    pub fn new(request: AuthorizationRequest, is_pushed: bool, now: UnixSeconds) -> Self {
        Self { request, is_pushed, created_at: now, done: Done::default(), done_in: None }
    }

    /// What was done in this session.
    pub fn done(&self, session: &Hash) -> Done {
        if self.done_in.as_ref() == Some(session) { self.done } else { Done::default() }
    }

    /// Notes what the user did in this session.
    pub fn mark(&mut self, session: &Hash, act: impl FnOnce(&mut Done)) {
        let mut done = self.done(session);
        act(&mut done);
        self.done = done;
        self.done_in = Some(*session);
    }
}

/// The id of a flow: the time it began, then randomness, in hexadecimal. Sorting ids sorts by age.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowId(String);

impl FlowId {
    pub fn new(now: UnixSeconds) -> Self {
        Self(format!("{now:010x}{:032x}", u128::from_be_bytes(random::bytes())))
    }

    pub fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == 42 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_id.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn cookie(&self) -> String {
        format!("{PREFIX}{}", self.0)
    }
}

impl Ctx<'_> {
    /// The flow that the query's `flow` names, when the browser holds it and it is not too old.
    pub fn flow(&self) -> Option<(FlowId, Flow)> {
        let id = FlowId::parse(self.req.query_params().first("flow")?)?;
        let sealed = self.cookie(&id.cookie())?;
        let flow: Flow = serde_json::from_slice(&self.app.sealer().open_cookie(&id.cookie(), &sealed)?).ok()?;
        let age = self.now - flow.created_at;
        (0..VALID).contains(&age).then_some((id, flow))
    }

    /// Adds the cookie of a flow to an answer, and removes the oldest ones when there are too many.
    pub fn keep_flow(&self, id: &FlowId, flow: &Flow, mut response: Response) -> Response {
        let sealed = match serde_json::to_vec(flow) {
            Ok(bytes) => self.app.sealer().seal_cookie(&id.cookie(), &bytes),
            Err(error) => {
                tracing::error!(%error, "a waiting request could not be sealed");
                return Response::new(500);
            }
        };
        let prefix = self.cookie_name(PREFIX);
        let mut others: Vec<(String, usize)> = self
            .req
            .cookies()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value.len())))
            .filter(|(other, _)| other != id.as_str())
            .collect();
        others.sort();
        let mut bytes = sealed.len() + others.iter().map(|(_, n)| n).sum::<usize>();
        while others.len() >= MOST || (bytes > MOST_BYTES && !others.is_empty()) {
            let (oldest, n) = others.remove(0);
            bytes -= n;
            // What is not an id of ours cannot be put into a header safely, and was not set by us.
            if let Some(oldest) = FlowId::parse(&oldest) {
                response = self.drop_flow(&oldest, response);
            }
        }
        response.header("Set-Cookie", self.set_cookie(&id.cookie(), &sealed, VALID))
    }

    /// Removes the cookie of a flow that has come to its end.
    pub fn drop_flow(&self, id: &FlowId, response: Response) -> Response {
        response.header("Set-Cookie", self.set_cookie(&id.cookie(), "", 0))
    }
}
