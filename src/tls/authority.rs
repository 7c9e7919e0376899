//! The own certificate authority. Its root is made once, and again only by a command, since people install it on their
//! devices; the server's certificate follows by itself.

use rusqlite::Connection;

use crate::app::App;
use crate::config::Tls;
use crate::crypto::authority::{issue, make_root};
use crate::crypto::identity::Identity;
use crate::crypto::random;
use crate::crypto::seal::Sealer;
use crate::domain::UnixSeconds;
use crate::domain::base_url::BaseUrl;
use crate::domain::tls::{Due, Names, RootProblem, Validity, is_due, root_problem};
use crate::error::Internal;
use crate::recorder::local_event;
use crate::store::tls_authority::{self as table, LEAF_SEAL, LeafRow, ROOT_SEAL, RootRow};
use crate::store::{Tx, meta};

/// A root, as far as it is no secret.
#[derive(Debug, Clone)]
pub struct Root {
    pub name: String,
    pub certificate: Vec<u8>,
    pub permitted: Names,
    pub validity: Validity,
    pub leaf: Option<Validity>,
    pub problem: Option<RootProblem>,
}

/// The names that the settings say: the base URL's host and `tls-names`.
pub fn wanted(base: &BaseUrl, more: &Names) -> Result<Names, Internal> {
    more.clone().with_host_of(base).map_err(Internal::fault)
}

/// The names that the server uses, as a command beside it can know them: told, or what `serve` was told last.
pub fn wanted_by_command(app: &App) -> Result<Names, Internal> {
    let told = app.config.tls_names.clone();
    let stored = || app.store.read(|c| meta::get(c, meta::TLS_NAMES)).map(Option::unwrap_or_default);
    let more = if told.is_empty() { Names::parse(&stored()?).map_err(Internal::fault)? } else { told };
    wanted(&app.base, &more)
}

/// The root that there is.
pub fn root(connection: &Connection, wanted: &Names, now: UnixSeconds) -> Result<Option<Root>, Internal> {
    let Some((root, leaf)) = table::find_authority(connection)? else { return Ok(None) };
    let permitted = Names::parse(&root.permitted).map_err(Internal::fault)?;
    let (_, outside) = wanted.split(&permitted);
    let problem = root_problem(&outside, root.validity, now);
    let RootRow { name, certificate, validity, .. } = root;
    Ok(Some(Root { name, certificate, permitted, validity, leaf: leaf.map(|l| l.validity), problem }))
}

/// The root for the pages: only where the server uses it.
pub fn root_in_use(app: &App, connection: &Connection, now: UnixSeconds) -> Result<Option<Root>, Internal> {
    match app.config.tls {
        Tls::OwnCa => root(connection, &wanted(&app.base, &app.config.tls_names)?, now),
        Tls::Off | Tls::Files { .. } => Ok(None),
    }
}

/// Makes what is missing or due, and gives the server's certificate.
pub(super) fn settle(app: &App, now: UnixSeconds) -> Result<Identity, Internal> {
    let wanted = wanted(&app.base, &app.config.tls_names)?;
    let is_doubtful = !app.clock.view().standing.may_purge();
    // A command may make another root at the same moment; then it is all done again, under that one.
    for _ in 0..3 {
        let Some((root, leaf)) = app.store.read(table::find_authority)? else {
            renew(app, &wanted, now)?;
            continue;
        };
        let permitted = Names::parse(&root.permitted).map_err(Internal::fault)?;
        let (inside, _) = wanted.split(&permitted);
        // With nothing in common, an old certificate serves as well as any: people are told what to do.
        let names = if inside.is_empty() { permitted } else { inside };
        let shown = leaf.as_ref().map(|l| Ok((Names::parse(&l.names).map_err(Internal::fault)?, l.validity)));
        let shown = shown.transpose().map_err(|e: Internal| e)?;
        let due = is_due(shown.as_ref().map(|(n, v)| (n, *v)), &names, root.validity, now, is_doubtful);
        let leaf = match (leaf, due) {
            (Some(leaf), None) => leaf,
            (_, due) => match new_leaf(app, &root, &names, due.unwrap_or(Due::First), now)? {
                Some(leaf) => leaf,
                None => continue,
            },
        };
        let key = app.sealer().open(LEAF_SEAL, &leaf.key_sealed).map_err(Internal::fault)?;
        return Identity::own(&leaf.certificate, &key).map_err(Internal::fault);
    }
    Err(Internal::fault("the certificate authority changed again and again"))
}

fn new_leaf(app: &App, root: &RootRow, names: &Names, why: Due, now: UnixSeconds) -> Result<Option<LeafRow>, Internal> {
    let validity = Validity::of_leaf(now, root.validity);
    let root_key = app.sealer().open(ROOT_SEAL, &root.key_sealed).map_err(Internal::fault)?;
    let made = issue(&root.name, &root_key, names, validity).map_err(Internal::fault)?;
    let leaf = LeafRow {
        names: names.to_string(),
        certificate: made.certificate_der,
        key_sealed: app.sealer().seal(LEAF_SEAL, &made.private_pkcs8),
        validity,
    };
    let event = local_event("certificate_created", now).detail("by", "server").detail("why", why.as_str());
    let event = event.detail("names", &leaf.names);
    let (row, root_certificate) = (leaf.clone(), root.certificate.clone());
    let is_stored = app.store.write(move |tx| {
        let is_stored = table::set_leaf(tx, &root_certificate, &row)?;
        if is_stored {
            event.store(tx)?;
        }
        Ok::<_, Internal>(is_stored)
    })?;
    Ok(is_stored.then_some(leaf))
}

/// Makes a new root for these names, in the place of the one there is. Returns its name.
pub fn renew(app: &App, names: &Names, now: UnixSeconds) -> Result<String, Internal> {
    let sealer = app.sealer_if_there().map_err(Internal::fault)?;
    let root = new_root(sealer, names, now)?;
    let name = root.name.clone();
    let event =
        local_event("certificate_authority_created", now).detail("name", &name).detail("names", &root.permitted);
    app.store.write(move |tx: &Tx| {
        table::set_root(tx, &root)?;
        event.store(tx)
    })?;
    Ok(name)
}

fn new_root(sealer: &Sealer, names: &Names, now: UnixSeconds) -> Result<RootRow, Internal> {
    let validity = Validity::of_root(now);
    // Two roots of one house must not have one name: a device that has both would try the wrong one.
    let mark: String = random::bytes::<3>().iter().map(|b| format!("{b:02x}")).collect();
    let host = names.hosts().next().map(str::to_owned).or_else(|| names.addresses().next().map(|a| a.to_string()));
    // RFC 5280, ub-common-name: 64 characters.
    let host: String = host.unwrap_or_default().chars().take(40).collect();
    let name = format!("Latchkey CA {host} {mark}");
    let made = make_root(&name, names, validity).map_err(Internal::fault)?;
    Ok(RootRow {
        name,
        permitted: names.to_string(),
        certificate: made.certificate_der,
        key_sealed: sealer.seal(ROOT_SEAL, &made.private_pkcs8),
        validity,
    })
}
