//! Where a worker leaves the body of an answer for the thread that serves the client. Bodies that are not small are
//! handed over so, and not through the inner socket: nothing is copied, static files take no memory at all while a
//! client is slow to read them, and no worker waits for anybody to read.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::lock;
use crate::http::{Body, RequestId};

/// Bodies are fetched at once, or never: when the request was given up meanwhile.
const FORGOTTEN: Duration = Duration::from_secs(5);

/// The bodies left and not fetched yet; as many as requests are in flight, at most.
#[derive(Default)]
pub(super) struct Locker(Mutex<Vec<Left>>);

struct Left {
    at: Instant,
    by: RequestId,
    body: Body,
}

impl Locker {
    /// Leaves the body of the answer to `by`, and throws away what nobody fetched.
    pub(super) fn leave(&self, by: RequestId, body: Body) {
        let at = Instant::now();
        let mut left = lock(&self.0);
        left.retain(|l| at.duration_since(l.at) < FORGOTTEN);
        left.push(Left { at, by, body });
    }

    pub(super) fn fetch(&self, by: &RequestId) -> Option<Body> {
        let mut left = lock(&self.0);
        let place = left.iter().position(|l| l.by == *by)?;
        Some(left.swap_remove(place).body)
    }
}
