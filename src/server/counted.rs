//! What the edge counts: who is connected, what is in flight and waits, and whom it turned away by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::guard::Edge;
use super::refusal::Refusal;

/// Every status that the edge refuses with, as it is written.
const STATUSES: [(u16, &str); 12] = [
    (400, "400"),
    (408, "408"),
    (411, "411"),
    (413, "413"),
    (414, "414"),
    (417, "417"),
    (431, "431"),
    (501, "501"),
    (502, "502"),
    (503, "503"),
    (504, "504"),
    (505, "505"),
];

/// Refusals by status, and connections that were turned away.
#[derive(Default)]
pub(super) struct Tally {
    refusals: [AtomicU64; STATUSES.len()],
    turned_away: AtomicU64,
}

impl Tally {
    pub(super) fn refused(&self, refusal: Refusal) {
        let at = STATUSES.iter().position(|(status, _)| *status == refusal.status());
        if let Some(count) = at.and_then(|at| self.refusals.get(at)) {
            count.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn turned_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }
}

/// Reads what an edge counts, also while it serves.
#[derive(Clone)]
pub struct Counted(Arc<Edge>);

/// See [`Counted`].
pub struct Figures {
    pub connections: usize,
    /// Requests with the application.
    pub in_flight: usize,
    /// Requests that wait for a place among those.
    pub queued: usize,
    /// Connections that found no place.
    pub turned_away: u64,
    /// Refusals of the edge's own by status.
    pub refusals: Vec<(&'static str, u64)>,
}

impl Counted {
    pub(super) fn of(edge: &Arc<Edge>) -> Self {
        Self(Arc::clone(edge))
    }

    pub fn read(&self) -> Figures {
        let edge = &self.0;
        let (in_flight, queued) = edge.channel.load();
        let refusals = STATUSES.iter().zip(&edge.tally.refusals);
        Figures {
            connections: edge.registry.count(),
            in_flight,
            queued,
            turned_away: edge.tally.turned_away.load(Relaxed),
            refusals: refusals.map(|((_, status), count)| (*status, count.load(Relaxed))).collect(),
        }
    }
}
