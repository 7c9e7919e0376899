//! Requests by their route: how long the answer took and of what class it was. The pages of an interface count
//! together: one by one they would tell a graph nothing and make a thousand lines.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use super::{Histogram, OTHER};

/// What is counted on its own: a route by its path in the table, an area by the beginning of its paths. Paths that no
/// route has count as the last one.
const ROUTES: &[&str] = &[
    "/",
    "/login",
    "/login/second-factor",
    "/login/lost-passkey",
    "/consent",
    "/logout",
    "/setup",
    "/recovery",
    "/recovery/request",
    "/invitation",
    "/invitation/welcome",
    "/verify-email",
    "/application/launch/{slug}",
    "/application/o/authorize",
    "/application/o/{slug}/end-session",
    "/application/o/token",
    "/application/o/userinfo",
    "/application/o/introspect",
    "/application/o/revoke",
    "/application/o/device",
    "/device",
    "/application/o/par",
    "/application/o/{slug}",
    "/application/o/{slug}/.well-known/openid-configuration",
    "/application/o/{slug}/jwks",
    "/if/admin",
    "/if/user",
    "/.well-known/webauthn",
    "/brand/{file}",
    "/icon/{file}",
    "/static/{file}",
    "/ca.crt",
    "/trust",
    "/help",
    "/healthz",
    "/readyz",
    OTHER,
];
/// The first digit of the status, one beside the other from 1 to 5.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Where a route is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

impl Place {
    /// For paths that no route has.
    pub const OTHER: Self = Self(ROUTES.len() - 1);

    /// The place of a route, by its path in the table.
    pub fn of(path: &str) -> Self {
        let is_below = |area: &str| area.starts_with("/if/") && path.starts_with(area);
        ROUTES.iter().position(|r| *r == path || is_below(r)).map_or(Self::OTHER, Self)
    }
}

/// What was counted of all routes.
pub struct Requests([Counted; ROUTES.len()]);

impl Default for Requests {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Counted::default()))
    }
}

#[derive(Default)]
struct Counted {
    took: Histogram,
    classes: [AtomicU64; CLASSES.len()],
}

/// A request that is being answered. Counted when it is dropped: one that panicked is answered with 500.
pub struct Watch<'a> {
    counted: &'a Counted,
    begun: Instant,
    status: u16,
}

impl Requests {
    /// Begins to take the time.
    pub fn watch(&self, place: Place) -> Watch<'_> {
        Watch { counted: &self.0[place.0], begun: Instant::now(), status: 500 }
    }

    /// Every route with the times of its answers, and how many there were of each class.
    pub fn read(&self) -> impl Iterator<Item = (&'static str, &Histogram, [(&'static str, u64); CLASSES.len()])> {
        ROUTES.iter().zip(&self.0).map(|(route, counted)| {
            let class = |n: usize| (CLASSES[n], counted.classes[n].load(Relaxed));
            (*route, &counted.took, std::array::from_fn(class))
        })
    }
}

impl Watch<'_> {
    /// Ends with an answer of this status.
    pub fn answered(mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let class = usize::from(self.status / 100).clamp(1, CLASSES.len()) - 1;
        self.counted.took.observe(self.begun.elapsed());
        self.counted.classes[class].fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(requests: &Requests, route: &str) -> Vec<(&'static str, u64)> {
        let found = requests.read().find(|(r, ..)| *r == route).expect("a route");
        assert_eq!(found.1.read().up_to.last().map(|l| l.1), Some(found.2.iter().map(|c| c.1).sum()));
        found.2.into_iter().filter(|(_, n)| *n > 0).collect()
    }

    #[test]
    fn answers_are_counted_by_route_and_class() {
        let requests = Requests::default();
        for (path, status) in [("/login", 200), ("/login", 403), ("/if/admin/users/{id}", 303), ("/if/admin", 200)] {
            requests.watch(Place::of(path)).answered(status);
        }
        requests.watch(Place::OTHER).answered(404);
        assert_eq!(classes(&requests, "/login"), [("2xx", 1), ("4xx", 1)]);
        assert_eq!(classes(&requests, "/if/admin"), [("2xx", 1), ("3xx", 1)]);
        assert_eq!(classes(&requests, OTHER), [("4xx", 1)]);
    }

    #[test]
    fn a_panic_counts_as_the_500_that_it_becomes() {
        let requests = Requests::default();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _watch = requests.watch(Place::of("/consent"));
            panic!("on purpose");
        }));
        assert!(caught.is_err());
        assert_eq!(classes(&requests, "/consent"), [("5xx", 1)]);
    }
}
