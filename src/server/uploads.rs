//! The places for uploads: bodies larger than others, of which only a few may be in memory at once.
//!
//! Anybody can begin an upload, because who is signed in is known only when the request is whole. So one that sends
//! slowly keeps its place only while nobody else wants it, or for as long as others are made to wait.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::buffers::Buffers;
use super::lock;
use super::refusal::Refusal;
use super::registry::Seat;

pub(super) struct Uploads {
    most: usize,
    /// How long one that comes waits, and how long one that is there is left in peace.
    patience: Duration,
    inside: Mutex<Vec<Inside>>,
    left: Condvar,
    /// For whole requests, as many as there are places.
    pub(super) buffers: Buffers,
}

struct Inside {
    since: Instant,
    seat: Arc<Seat>,
}

/// One of the places, given back when dropped.
pub(super) struct Place<'a> {
    uploads: &'a Uploads,
    seat: &'a Arc<Seat>,
}

impl Uploads {
    /// `large`: bytes of the largest request with an upload.
    pub(super) fn new(most: usize, patience: Duration, large: usize) -> Self {
        Self { most, patience, inside: Mutex::default(), left: Condvar::new(), buffers: Buffers::new(large) }
    }

    /// Waits for a place. Nothing of the body is read meanwhile.
    pub(super) fn enter<'a>(&'a self, seat: &'a Arc<Seat>) -> Result<Place<'a>, Refusal> {
        let give_up = Instant::now() + self.patience;
        let mut inside = lock(&self.inside);
        while inside.len() >= self.most {
            let now = Instant::now();
            if now >= give_up {
                return Err(Refusal::Busy);
            }
            // The slowest first. One that is with the application cannot be told to go, and soon will.
            let slow = inside.iter().filter(|i| now.duration_since(i.since) >= self.patience);
            let _ = slow.min_by_key(|i| i.since).is_some_and(|i| i.seat.evict());
            let waited = self.left.wait_timeout(inside, (give_up - now).min(Duration::from_millis(50)));
            inside = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        inside.push(Inside { since: Instant::now(), seat: Arc::clone(seat) });
        Ok(Place { uploads: self, seat })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        lock(&self.uploads.inside).retain(|i| !Arc::ptr_eq(&i.seat, self.seat));
        self.uploads.left.notify_one();
    }
}
