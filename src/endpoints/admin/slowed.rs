//! Directory > Users > a user: what of it waits after failures, and no longer.

use rusqlite::Connection;

use crate::acts::throttle as acts;
use crate::domain::device;
use crate::domain::throttle::{Guessed, Source};
use crate::error::Internal;
use crate::http::Params;
use crate::pages::Most;
use crate::pages::admin::{SlowedLine, SlowedSource};
use crate::store::known_devices;
use crate::store::users::User;
use crate::throttle::Slowed;
use crate::words::{Words, shown};

use super::users::done;
use crate::endpoints::guard::Administrator;
use crate::endpoints::{Answer, Ctx};

/// Lines of failures that are shown at most.
const MOST_SLOWED: usize = 20;

/// The failed sign-ins of a user, and the mails, that count.
pub(super) fn slowed(ctx: &Ctx, user: &User) -> Result<Most<SlowedLine>, Internal> {
    let mut all = ctx.app.throttle.of_user(user.id, user.throttle_round, ctx.now);
    let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
    all.truncate(MOST_SLOWED);
    let source = |c: &Connection, source| match source {
        Source::Device(hash) => {
            let agent = known_devices::user_agent(c, &hash, user.id)?.unwrap_or_default();
            let device = shown(&device::in_words(&agent)).trim().to_owned();
            let unknown = || ctx.lang.say("session-unknown");
            Ok::<_, Internal>(SlowedSource::Device(if device.is_empty() { unknown() } else { device }))
        }
        Source::Network(_) | Source::Site(_) => Ok(SlowedSource::Network(source.to_string())),
        Source::Anywhere => Ok(SlowedSource::Anywhere),
    };
    let line = |c: &Connection, s: Slowed| {
        // A mail goes to one address, whoever asked for it.
        let is_mail = matches!(s.guessed, Guessed::Mail | Guessed::Verification);
        Ok::<_, Internal>(SlowedLine {
            guessed: s.guessed,
            source: if is_mail { SlowedSource::Whoever } else { source(c, s.source)? },
            failures: s.failures.into(),
            until: s.until,
        })
    };
    let lines = ctx.app.store.read(|c| all.into_iter().map(|s| line(c, s)).collect::<Result<Vec<_>, _>>())?;
    Ok(Most { lines, all: count })
}

/// POST `/if/admin/users/{id}/unthrottle/`: the next try is looked at, whoever failed before.
pub fn clear(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    let user = acts::clear(ctx.app, &admin.by, ctx.id()?)?;
    done(ctx, user.id, &Words::new("user-slowed-cleared").with("name", user.username))
}
