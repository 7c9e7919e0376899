//! The disk that a folder is on.

use std::path::Path;

use crate::domain::health::Disk;

/// How much is free there. `None` where the system does not tell.
pub fn of(folder: &Path) -> Option<Disk> {
    let about = rustix::fs::statvfs(folder).ok()?;
    // Some of what is free is root's alone.
    Some(Disk { free: about.f_bavail * about.f_frsize, whole: about.f_blocks * about.f_frsize })
}
