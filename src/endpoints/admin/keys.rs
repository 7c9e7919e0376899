//! System > Certificates and keys.

use rusqlite::Connection;

use crate::acts::keys::{self as acts, Ending, Follows, Made, NewDraft, PemDraft, Rotation, Signs};
use crate::crypto::certificate;
use crate::crypto::digest::sha256;
use crate::crypto::keys::{Alg, rsa_bits};
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{EndKey, KeyFacts, KeyList, KeyPage, NewKey, Signing, Standing, Way};
use crate::pages::{Choice, Place};
use crate::store::keys::{self, KeyRole, KeyRow, KeyState};
use crate::words::Words;

use crate::endpoints::guard::Administrator;
use crate::endpoints::notice::problems;
use crate::endpoints::{Answer, Ctx, Failure};

const LIST: &str = "/if/admin/keys/";

/// GET `/if/admin/keys/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let (signing, mut keys) = ctx.app.store.read(|c| {
        let rows = keys::list(c)?;
        let facts: Result<Vec<_>, Internal> = rows.iter().map(|k| facts(c, k, ctx.now)).collect();
        Ok::<_, Internal>((signing(c, &rows, ctx.now)?, facts?))
    })?;
    keys.sort_by_key(|k| order(k.standing));
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Keys));
    Ok(Response::html(200, KeyList { ui: &ui, frame: &frame, signing, keys }.render()))
}

/// What signs comes first, what is of the past last.
fn order(standing: Standing) -> u8 {
    match standing {
        Standing::Signs => 0,
        Standing::From(_) => 1,
        Standing::Additional => 2,
        Standing::PublishedUntil(_) => 3,
        Standing::Unpublished => 4,
        Standing::Revoked => 5,
    }
}

/// For each algorithm that has one, the key that signs and the one that follows.
fn signing(connection: &Connection, rows: &[KeyRow], now: i64) -> Result<Vec<Signing>, Internal> {
    let mut found = Vec::new();
    for alg in Alg::ALL.map(Alg::as_str) {
        let Some(key) = keys::signing(connection, alg, now)? else { continue };
        let next = rows.iter().filter(|k| k.is_regular(alg, KeyState::Next) && k.kid != key.kid);
        let next = next.filter_map(|k| Some((k, k.activates_at?))).min_by_key(|(_, at)| *at);
        found.push(Signing {
            alg: alg.to_owned(),
            key: (key.kid, key.name),
            next: next.map(|(k, at)| (k.kid.clone(), k.name.clone(), at)),
            following: keys::following(connection, alg)?,
        });
    }
    Ok(found)
}

fn facts(connection: &Connection, key: &KeyRow, now: i64) -> Result<KeyFacts, Internal> {
    let jwk = serde_json::from_str(&key.public_jwk).map_err(Internal::fault)?;
    Ok(KeyFacts {
        kid: key.kid.clone(),
        name: key.name.clone(),
        alg: key.alg.clone(),
        bits: rsa_bits(&jwk),
        standing: Standing::of(key, now),
        created_at: key.created_at,
        ends_at: certificate::read(&key.certificate).map(|c| c.not_after),
        naming: keys::naming(connection, &key.kid)?,
    })
}

/// GET `/if/admin/keys/generate/`.
pub fn ask_generate(ctx: &Ctx, admin: &Administrator) -> Answer {
    new(ctx, admin, Way::Generate, Params::default(), Problems::default())
}

/// POST `/if/admin/keys/generate/`.
pub fn generate(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let field = |name| form.first(name).unwrap_or_default();
    let draft = NewDraft { name: field("name"), kind: field("kind"), start: field("start") };
    match acts::generate(ctx.app, &admin.by, &draft) {
        Ok(made) => Ok(ctx.done(LIST, &said(&made))),
        Err(error) => new(ctx, admin, Way::Generate, form.clone(), problems(error)?),
    }
}

/// GET `/if/admin/keys/import/`.
pub fn ask_import(ctx: &Ctx, admin: &Administrator) -> Answer {
    new(ctx, admin, Way::Import, Params::default(), Problems::default())
}

/// POST `/if/admin/keys/import/`. Whatever was wrong, the key does not come back to the page.
pub fn import(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let field = |name| form.first(name).unwrap_or_default();
    let draft = PemDraft { name: field("name"), pem: field("pem"), start: field("start") };
    match acts::import(ctx.app, &admin.by, &draft) {
        Ok(made) => Ok(ctx.done(LIST, &said(&made))),
        Err(error) => new(ctx, admin, Way::Import, form.without(&["pem"]), problems(error)?),
    }
}

fn said(made: &Made) -> Words {
    let key = match made.signs {
        Signs::Now => "key-made-now",
        Signs::From(_) => "key-made-from",
        Signs::WhenNamed => "key-made-named",
    };
    Words::new(key).with("name", &made.name)
}

/// GET `/if/admin/keys/rotate/`. `?alg=` chooses one algorithm.
pub fn ask_rotate(ctx: &Ctx, admin: &Administrator) -> Answer {
    let alg = ctx.req.query_params().first("alg").unwrap_or_default().to_owned();
    rotate_page(ctx, admin, Params::from_pairs([("alg", alg)]), Problems::default())
}

/// POST `/if/admin/keys/rotate/`.
pub fn rotate(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let field = |name| form.first(name).unwrap_or_default();
    let mut wrong = Problems::default();
    let alg = match field("alg") {
        "" => None,
        text => wrong.take("alg", text.parse::<Alg>().map_err(|_| bad_choice(text, &Alg::ALL.map(Alg::as_str)))),
    };
    let how = Rotation::parse(field("how"));
    let how = wrong.take("how", how.ok_or_else(|| bad_choice(field("how"), &Rotation::ALL.map(Rotation::as_str))));
    let (Some(how), true) = (how, wrong.is_empty()) else { return rotate_page(ctx, admin, form.clone(), wrong) };
    match acts::rotate(ctx.app, &admin.by, alg, how) {
        Ok(made) => {
            let key = match how {
                _ if made.is_empty() => "key-rotated-none",
                Rotation::Published => "key-rotated-published",
                Rotation::AtOnce => "key-rotated-now",
                Rotation::Stolen => "key-rotated-stolen",
            };
            Ok(ctx.done(LIST, &Words::new(key)))
        }
        Err(error) => rotate_page(ctx, admin, form.clone(), problems(error)?),
    }
}

fn bad_choice(given: &str, choices: &[&str]) -> Words {
    acts::bad_choice(given, &choices.join(", "))
}

fn rotate_page(ctx: &Ctx, admin: &Administrator, values: Params, wrong: Problems) -> Answer {
    let mut choices = vec![Choice::new("", ctx.lang.say("key-rotate-all"))];
    for alg in Alg::ALL {
        if ctx.app.store.read(|c| acts::active(c, alg))?.is_some() {
            let text = ctx.lang.say_with("key-rotate-one", &[("alg", alg.as_str().into())]);
            choices.push(Choice::new(alg.as_str(), text));
        }
    }
    new(ctx, admin, Way::Rotate(choices), values, wrong)
}

fn new(ctx: &Ctx, admin: &Administrator, way: Way, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Keys));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let form = ctx.form(&frame, values).wrong(wrong);
    Ok(Response::html(status, NewKey { ui: &ui, frame: &frame, form: &form, way }.render()))
}

/// The key that the path names.
fn find(ctx: &Ctx) -> Result<KeyRow, Failure> {
    let kid = ctx.id.unwrap_or_default();
    ctx.app.store.read(|c| keys::by_kid(c, kid))?.ok_or(Failure::NotFound)
}

/// GET `/if/admin/keys/{kid}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let key = find(ctx)?;
    let values = Params::from_pairs([("name", key.name.clone())]);
    page(ctx, admin, &key, values, Problems::default())
}

fn page(ctx: &Ctx, admin: &Administrator, row: &KeyRow, values: Params, wrong: Problems) -> Answer {
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Keys));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let (key, following) = ctx.app.store.read(|c| {
        let key = facts(c, row, ctx.now)?;
        let following = match key.standing {
            Standing::Signs => Some(keys::following(c, &row.alg)?),
            _ => None,
        };
        Ok::<_, Internal>((key, following))
    })?;
    let jwk: serde_json::Value = serde_json::from_str(&row.public_jwk).map_err(Internal::fault)?;
    let hash = sha256(&row.certificate);
    let page = KeyPage {
        ui: &ui,
        form: &ctx.form(&frame, values).wrong(wrong),
        key: &key,
        following,
        fingerprint: hash.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":"),
        jwk: serde_json::to_string_pretty(&jwk).map_err(Internal::fault)?,
        frame: &frame,
    };
    Ok(Response::html(status, page.render()))
}

/// POST `/if/admin/keys/{kid}/`: another name.
pub fn rename(ctx: &Ctx, admin: &Administrator, form: &Params) -> Answer {
    let key = find(ctx)?;
    match acts::rename(ctx.app, &admin.by, &key.kid, form.first("name").unwrap_or_default()) {
        Ok(name) => Ok(ctx.done(format!("{LIST}{}/", key.kid), &Words::new("key-renamed").with("name", name))),
        Err(error) => page(ctx, admin, &key, form.clone(), problems(error)?),
    }
}

/// GET `/if/admin/keys/{kid}/certificate/`: PEM, or with `?format=der` DER.
pub fn certificate(ctx: &Ctx, _: &Administrator) -> Answer {
    let key = find(ctx)?;
    let is_der = ctx.req.query_params().first("format") == Some("der");
    let (kind, bytes, end) = match is_der {
        true => ("application/pkix-cert", key.certificate, "crt"),
        false => ("application/x-pem-file", certificate::to_pem(&key.certificate).into_bytes(), "pem"),
    };
    let short: String = key.kid.chars().take(12).collect();
    let name = format!("attachment; filename=\"latchkey-{}-{short}.{end}\"", key.alg);
    Ok(Response::bytes(kind, bytes).header("Content-Disposition", name))
}

/// GET `/if/admin/keys/{kid}/retire/`.
pub fn ask_retire(ctx: &Ctx, admin: &Administrator) -> Answer {
    end_page(ctx, admin, Ending::Retire, Problems::default())
}

/// POST `/if/admin/keys/{kid}/retire/`.
pub fn retire(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    end(ctx, admin, Ending::Retire)
}

/// GET `/if/admin/keys/{kid}/revoke/`.
pub fn ask_revoke(ctx: &Ctx, admin: &Administrator) -> Answer {
    end_page(ctx, admin, Ending::Revoke, Problems::default())
}

/// POST `/if/admin/keys/{kid}/revoke/`.
pub fn revoke(ctx: &Ctx, admin: &Administrator, _: &Params) -> Answer {
    end(ctx, admin, Ending::Revoke)
}

fn end(ctx: &Ctx, admin: &Administrator, how: Ending) -> Answer {
    match acts::end(ctx.app, &admin.by, ctx.id.unwrap_or_default(), how) {
        Ok(ended) => {
            let key = match (how, &ended.successor) {
                (Ending::Retire, None) => "key-retired",
                (Ending::Retire, Some(_)) => "key-retired-next",
                (Ending::Revoke, None) => "key-is-revoked",
                (Ending::Revoke, Some(_)) => "key-is-revoked-next",
            };
            let next = ended.successor.map(|made| made.name).unwrap_or_default();
            Ok(ctx.done(LIST, &Words::new(key).with("name", ended.key.name).with("next", next)))
        }
        Err(error) => end_page(ctx, admin, how, problems(error)?),
    }
}

fn end_page(ctx: &Ctx, admin: &Administrator, how: Ending, wrong: Problems) -> Answer {
    let row = find(ctx)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Keys));
    let status = if wrong.is_empty() { 200 } else { 422 };
    let (key, follows) =
        ctx.app.store.read(|c| Ok::<_, Internal>((facts(c, &row, ctx.now)?, acts::what_follows(c, &row)?)))?;
    let alg = || ("alg", (&row.alg).into());
    let is_alone = row.role == KeyRole::Regular && row.state == KeyState::Active;
    let follows = match follows {
        Follows::Nothing if is_alone => ctx.lang.say_with("key-follows-nobody", &[alg()]),
        Follows::Nothing => ctx.lang.say("key-follows-nothing"),
        Follows::Next(next) => ctx.lang.say_with("key-follows-next", &[("name", next.name.into())]),
        Follows::New(_) => ctx.lang.say_with("key-follows-new", &[alg()]),
    };
    let page = EndKey {
        ui: &ui,
        form: &ctx.form(&frame, Params::default()).wrong(wrong),
        key: &key,
        is_revocation: how == Ending::Revoke,
        follows,
        frame: &frame,
    };
    Ok(Response::html(status, page.render()))
}
