//! The Dashboard: what happened lately, what there is, and what should be mended.

use rusqlite::Connection;

use crate::backup::lookout::{Question, Seen};
use crate::clock;
use crate::config::Tls;
use crate::crypto::passkeys::Passkeys;
use crate::domain::UnixSeconds;
use crate::domain::health::{self, Disk, Facts, Failed};
use crate::endpoints::guard::Administrator;
use crate::endpoints::{Answer, Ctx};
use crate::error::Internal;
use crate::http::Response;
use crate::pages::Place;
use crate::pages::admin::{Chart, Dashboard, KeyLine};
use crate::store::keys::{self, KeyRow, KeyState};
use crate::store::{disk, events, overview, passkeys, users};
use crate::tls::authority;

/// Days in the chart.
const DAYS: i64 = 14;
/// How long a policy that failed is told of.
const RECENT: UnixSeconds = 7 * 86_400;
/// Applications open to everybody that are named.
const NAMED: i64 = 10;

/// GET `/if/admin/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let disk = disk::of(&ctx.app.config.data_dir);
    let clock = ctx.app.clock.view();
    let backups = ctx.app.store.read(|c| Question::of(&ctx.app.config, c))?;
    let seen = ctx.app.lookout.look(backups);
    let (facts, keys, counts, open, days) = ctx.app.store.read(|c| {
        let keys = keys::list(c)?;
        let open = overview::open_applications(c, NAMED)?;
        let days = events::days(c, ctx.now, DAYS)?;
        let facts = facts(ctx, c, &keys, disk, &clock, &seen)?;
        Ok::<_, Internal>((facts, keys, overview::counts(c)?, open, days))
    })?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Dashboard));
    let page = Dashboard {
        ui: &ui,
        frame: &frame,
        warnings: health::warnings(&facts),
        counts,
        chart: Chart::of(days),
        open: open.0,
        open_count: open.1,
        keys: key_lines(&keys, ctx.now),
        base_url: ctx.app.base.as_str(),
        clock,
        certificate: ctx.app.tls.known().shown.map(|s| s.validity.not_after),
        is_own_ca: ctx.app.config.tls == Tls::OwnCa,
        disk,
        database: ctx.app.store.bytes(),
        sight: seen.sight,
        backup: seen.last,
    };
    Ok(Response::html(200, page.render()))
}

fn facts(
    ctx: &Ctx,
    c: &Connection,
    keys: &[KeyRow],
    disk: Option<Disk>,
    clock: &clock::View,
    seen: &Seen,
) -> Result<Facts, Internal> {
    let base = &ctx.app.base;
    let near = overview::addresses_with(c, &base.host().to_lowercase())?.into_iter();
    let mut on_own_host: Vec<String> =
        near.filter(|(_, address)| health::is_on_host(address, base.host())).map(|(name, _)| name).collect();
    on_own_host.dedup();
    let active = keys.iter().filter(|k| k.is_regular(&k.alg, KeyState::Active));
    let failed = overview::failed_policies(c, ctx.now - RECENT)?.into_iter().map(Failed::Policy);
    let failed_mappings = overview::failed_scope_mappings(c, ctx.now - RECENT)?.into_iter().map(Failed::ScopeMapping);
    let known = ctx.app.tls.known();
    let rp_id = ctx.app.passkeys.as_ref().map(Passkeys::rp_id);
    let elsewhere = passkeys::elsewhere(c, rp_id, NAMED as usize)?;
    let host = elsewhere.some.first().map(|(_, _, host)| host.clone());
    let some = elsewhere.some.into_iter().map(|(user, name, _)| format!("{user} ({name})")).collect();
    Ok(Facts {
        passkeys_elsewhere: host.map(|host| (some, elsewhere.all, host)),
        is_https: base.is_https(),
        is_loopback: base.is_loopback(),
        on_own_host,
        administrators: users::administrators(c)?,
        signing: active.map(|k| (k.alg.clone(), ctx.now - k.created_at)).collect(),
        disk,
        failed: failed.chain(failed_mappings).collect(),
        clock: clock.standing,
        synchronised: clock.synchronised,
        // One from the future, by a clock that was wrong, is at least as old as none of this minute.
        backup: seen.last.as_ref().map(|b| (ctx.now - b.at).max(0)),
        backup_troubles: seen.troubles.clone(),
        now: ctx.now,
        certificate: known.shown.map(|s| (s.validity, s.is_for_us)),
        certificate_trouble: known.trouble,
        root: authority::root_in_use(ctx.app, c, ctx.now)?.and_then(|root| root.problem),
        misfits: ctx.app.forwarding.recent(ctx.now).into_iter().map(|f| f.what).collect(),
    })
}

/// The keys that sign, and the next ones, with the time that they take over.
fn key_lines(keys: &[KeyRow], now: UnixSeconds) -> Vec<KeyLine> {
    let of_state = |state| keys.iter().filter(move |k| k.is_regular(&k.alg, state));
    let line = |key: &KeyRow| KeyLine {
        alg: key.alg.clone(),
        days: (now - key.created_at).max(0) / 86_400,
        followed_at: of_state(KeyState::Next).filter(|k| k.alg == key.alg).filter_map(|k| k.activates_at).min(),
    };
    of_state(KeyState::Active).map(line).collect()
}
