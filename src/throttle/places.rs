//! The places among those whose passwords are being checked: as many at once as a source may have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Mutex;

use crate::crypto::digest::Hash;
use crate::crypto::password::{Line, PasswordHasher};
use crate::domain::throttle::Source;

/// Passwords checked at once for one source: two fifths of the places that are not kept for known browsers, so that
/// somebody else finds one, and soon.
pub(super) const MOST_AT_ONCE_FROM_ONE: usize = (PasswordHasher::MOST_AT_ONCE - PasswordHasher::RESERVED) * 2 / 5;

/// Passwords being checked now, by source.
#[derive(Default)]
pub(super) struct Places(Mutex<HashMap<Source, usize>>);

impl Places {
    /// Lets one more password be checked for a source, or not: whoever knows nobody's password must not be able to take
    /// all the places, under whatever names, nor those of a device that is known in the same network. That many sources
    /// together take none of a known device's is up to the [`Line`].
    pub(super) fn take(&self, device: Option<Hash>, address: IpAddr) -> Option<Place<'_>> {
        let source = device.map_or_else(|| Source::around(address), Source::Device);
        let mut checking = self.0.lock().unwrap_or_else(|e| e.into_inner());
        let count = checking.entry(source).or_default();
        if *count >= MOST_AT_ONCE_FROM_ONE {
            return None;
        }
        *count += 1;
        Some(Place { places: self, source })
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().expect("lock").is_empty()
    }
}

/// A place among those whose passwords are being checked; given back when dropped.
pub struct Place<'a> {
    places: &'a Places,
    source: Source,
}

impl Place<'_> {
    /// Where whoever has the place waits for a worker.
    pub fn line(&self) -> Line {
        match self.source {
            Source::Device(_) => Line::Known,
            Source::Network(_) | Source::Site(_) | Source::Anywhere => Line::Strangers,
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut checking = self.places.0.lock().unwrap_or_else(|e| e.into_inner());
        if let Entry::Occupied(mut count) = checking.entry(self.source) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}
