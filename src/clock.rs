//! The one place that asks the machine for the time.

use crate::domain::UnixSeconds;

/// Tells the time. Handlers read it once a request and pass it on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clock;

impl Clock {
    /// Seconds since 1970, UTC.
    #[expect(clippy::disallowed_methods, reason = "the clock itself")]
    pub fn now(self) -> UnixSeconds {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| d.as_secs() as UnixSeconds)
    }

    /// How far this machine's local time is ahead of UTC at a point in time, in seconds: as `TZ` or `/etc/localtime`
    /// says, and nothing where neither does.
    pub fn utc_offset(self, at: UnixSeconds) -> i32 {
        let zone = jiff::tz::TimeZone::system();
        jiff::Timestamp::from_second(at).map_or(0, |at| zone.to_offset(at).seconds())
    }
}

/// A point in time for people and for JSON: RFC 3339, UTC.
pub fn rfc3339(at: UnixSeconds) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| format!("@{at}"), |t| t.to_string())
}
