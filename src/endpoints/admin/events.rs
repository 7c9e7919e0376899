//! System > Events: looking for what happened, and taking it along as JSON lines.

use crate::domain::event_kinds::{KINDS, name_key};
use crate::domain::problems::Problems;
use crate::domain::{UnixSeconds, day};
use crate::endpoints::guard::Administrator;
use crate::endpoints::{Answer, Ctx, Failure};
use crate::error::Internal;
use crate::http::{Params, Response};
use crate::pages::admin::{EventDetails, EventList};
use crate::pages::{Choice, Place};
use crate::recorder;
use crate::store::events::{self, Export, Filter};
use crate::store::users;
use crate::words::Words;

const LIST: &str = "/if/admin/events/";
/// Events on one page.
const PAGE: usize = 50;
/// Events in one file, and its bytes: it is made in memory, because an answer says its length.
const EXPORT: usize = 5_000;
const EXPORT_BYTES: usize = 3 << 19;
/// The fields of the form, which are the parameters of the address.
const FIELDS: [&str; 6] = ["user", "application", "kind", "refusals", "from", "until"];

/// GET `/if/admin/events/`.
pub fn list(ctx: &Ctx, admin: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let (filter, problems) = filter(ctx, &asked)?;
    let before = before(&asked);
    let found = match problems.is_empty() {
        true => ctx.app.store.read(|c| events::page(c, &filter, before, PAGE))?,
        false => events::Page { events: Vec::new(), next: None },
    };
    let status = if problems.is_empty() { 200 } else { 422 };
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Events));
    let page = EventList {
        ui: &ui,
        frame: &frame,
        form: &ctx.form(&frame, asked.clone()).wrong(problems),
        kinds: kinds(ctx),
        is_filtered: filter != Filter::default(),
        older: found.next.map(|before| address(LIST, &asked, Some(before))),
        newest: before.map(|_| address(LIST, &asked, None)),
        export: address("/if/admin/events/export/", &asked, before),
        most: EXPORT,
        days: ctx.settings()?.event_retention,
        events: found.events,
    };
    Ok(Response::html(status, page.render()))
}

/// What the address asks for, and what in it cannot be understood.
fn filter(ctx: &Ctx, asked: &Params) -> Result<(Filter, Problems), Internal> {
    let text = |name| asked.first(name).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    // Events hold the username, whatever way of writing it, or address, was typed.
    let user = match text("user") {
        Some(typed) => Some(ctx.app.store.read(|c| users::by_login(c, &typed))?.map_or(typed, |u| u.username)),
        None => None,
    };
    let mut problems = Problems::default();
    let mut of_day = |name: &'static str, pick: fn((UnixSeconds, UnixSeconds)) -> UnixSeconds| {
        let found = day::parse(&text(name)?);
        if found.is_none() {
            problems.add(name, Words::new("events-bad-day"));
        }
        found.map(pick)
    };
    let (from, until) = (of_day("from", |d| d.0), of_day("until", |d| d.1));
    let refusals = asked.has("refusals");
    Ok((Filter { user, application: text("application"), kind: text("kind"), refusals, from, until }, problems))
}

fn before(asked: &Params) -> Option<i64> {
    asked.first("before").and_then(|id| id.parse().ok())
}

/// The address of the same search from another event on.
fn address(path: &str, asked: &Params, before: Option<i64>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in FIELDS {
        if let Some(value) = asked.first(name).filter(|v| !v.is_empty()) {
            query.append_pair(name, value);
        }
    }
    if let Some(before) = before {
        query.append_pair("before", &before.to_string());
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// All kinds by their names, in the order of the alphabet.
fn kinds(ctx: &Ctx) -> Vec<Choice> {
    let named = KINDS.iter().filter_map(|kind| Some(Choice::new(*kind, ctx.lang.say(&name_key(kind)?))));
    let mut kinds: Vec<Choice> = named.collect();
    kinds.sort_by_cached_key(|kind| kind.text.to_lowercase());
    kinds.insert(0, Choice::new("", ctx.lang.say("events-all-kinds")));
    kinds
}

/// GET `/if/admin/events/{id}/`.
pub fn show(ctx: &Ctx, admin: &Administrator) -> Answer {
    let id = ctx.id()?;
    let event = ctx.app.store.read(|c| events::by_id(c, id))?.ok_or(Failure::NotFound)?;
    let (ui, frame) = (ctx.shell(), ctx.admin_frame(admin, Place::Events));
    Ok(Response::html(200, EventDetails { ui: &ui, frame: &frame, event: &event }.render()))
}

/// GET `/if/admin/events/export/`: what the list would show, a line of JSON each, newest first.
pub fn export(ctx: &Ctx, _: &Administrator) -> Answer {
    let asked = ctx.req.query_params();
    let (filter, problems) = filter(ctx, &asked)?;
    if !problems.is_empty() {
        return Ok(Response::see_other(address(LIST, &asked, None)));
    }
    let (lines, next) = ctx.app.store.read(|c| {
        let (mut lines, mut count, mut last) = (Vec::new(), 0, None);
        for event in Export::new(c, &filter, before(&asked)) {
            let event = event?;
            if count == EXPORT || lines.len() > EXPORT_BYTES {
                return Ok((lines, last));
            }
            serde_json::to_writer(&mut lines, &recorder::as_json(&event)).map_err(Internal::fault)?;
            lines.push(b'\n');
            count += 1;
            last = Some(event.id);
        }
        Ok::<_, Internal>((lines, None))
    })?;
    let name = format!("attachment; filename=\"latchkey-events-{}.jsonl\"", ctx.now);
    let response = Response::bytes("application/x-ndjson", lines).header("Content-Disposition", name);
    Ok(match next {
        // RFC 8288: for programs that take everything along.
        Some(before) => {
            let next = address("/if/admin/events/export/", &asked, Some(before));
            response.header("Link", format!("<{next}>; rel=\"next\""))
        }
        None => response,
    })
}
