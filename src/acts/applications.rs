//! Applications: what can be said of one, create (alone, or with a provider and bindings in one transaction), change,
//! delete.

use super::bindings::{self, Draft};
use super::icons::{Checked, store_icon};
use super::providers::{self as provider_acts, Parsed};
use super::said::{on_off, word};
use super::{Act, ActError, Admin};
use crate::app::App;
use crate::domain::access::EngineMode;
use crate::domain::built_in_icons::{BuiltIn, ICONS, NO_ICON, UPLOADED, content_hash};
use crate::domain::names::{DisplayName, Slug};
use crate::domain::problems::Problems;
use crate::domain::redirect_uri::Purpose;
use crate::http::Params;
use crate::store::applications::{self, Application};
use crate::store::providers::{self, Provider};
use crate::store::{Tx, grants, keys};
use crate::words::Words;

const MOST_DESCRIPTION: usize = 500;
const MOST_WORD: usize = 150;

/// An application that nothing has been said of yet.
fn blank() -> Application {
    Application {
        id: 0,
        name: String::new(),
        slug: String::new(),
        group: String::new(),
        launch_url: None,
        open_in_new_tab: false,
        description: String::new(),
        publisher: String::new(),
        icon: None,
        mode: EngineMode::Any,
        // Open until the first binding is made: the guides' first sign-in works, and the list says so.
        everybody: true,
        provider_id: None,
    }
}

/// A new application from what was said. The slug is made from the name when it is left empty.
pub fn parse_new(said: &Params) -> Result<Application, Problems> {
    let mut problems = Problems::default();
    let mut application = blank();
    if !said.has("name") {
        problems.add("name", crate::domain::names::BadName::DisplayName);
    }
    apply(&mut application, said, &mut problems);
    if said.first("slug").is_none_or(|slug| slug.trim().is_empty())
        && problems.at("name").is_none()
        && let Some(slug) = problems.take("slug", Slug::from_name(&application.name))
    {
        application.slug = slug.as_str().to_owned();
    }
    problems.none()?;
    Ok(application)
}

/// Changes an application by what was said of it; a field that is absent stays as it is. The fields: `name`, `slug`,
/// `app_group`, `policy_engine_mode`, `launch_url`, `description`, `publisher`, `open_in_new_tab`, `everybody`, `icon`.
pub fn apply(a: &mut Application, said: &Params, problems: &mut Problems) {
    if let Some(text) = said.first("name")
        && let Some(name) = problems.take("name", DisplayName::parse(text))
    {
        a.name = name.into_string();
    }
    if let Some(text) = said.first("slug").map(str::trim).filter(|slug| !slug.is_empty())
        && let Some(slug) = problems.take("slug", Slug::parse(text))
    {
        a.slug = slug.as_str().to_owned();
    }
    word(said, "policy_engine_mode", "any, all", EngineMode::parse, &mut a.mode, problems);
    word(said, "open_in_new_tab", "on, off", on_off, &mut a.open_in_new_tab, problems);
    word(said, "everybody", "on, off", on_off, &mut a.everybody, problems);
    if let Some(text) = said.first("launch_url").map(str::trim) {
        a.launch_url = match text {
            "" => None,
            text => problems.take("launch_url", launch_url(text)),
        };
    }
    match said.first("icon").map(str::trim) {
        None | Some(UPLOADED) => {}
        Some("" | NO_ICON) => a.icon = None,
        Some(name) => match BuiltIn::by_name(name) {
            Some(icon) => a.icon = Some(content_hash(icon.svg)),
            None => problems.add("icon", no_such_icon(name)),
        },
    }
    let texts = [
        ("app_group", MOST_WORD, &mut a.group),
        ("description", MOST_DESCRIPTION, &mut a.description),
        ("publisher", MOST_WORD, &mut a.publisher),
    ];
    for (field, most, into) in texts {
        // Browsers send line breaks as two characters.
        let Some(text) = said.first(field).map(|t| t.trim().replace("\r\n", "\n")) else { continue };
        let is_bad = |c: char| c.is_control() && !(c == '\n' && field == "description");
        if text.chars().count() > most || text.chars().any(is_bad) {
            problems.add(field, Words::new("bad-short-text").with("most", most));
        } else {
            *into = text;
        }
    }
}

fn no_such_icon(name: &str) -> Words {
    let all: Vec<_> = ICONS.iter().map(|icon| icon.name).collect();
    Words::new("bad-icon-name").with("given", name).with("names", all.join(", "))
}

fn launch_url(text: &str) -> Result<String, Words> {
    let parsed = url::Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.host().is_some());
    match parsed {
        Some(_) if text.len() <= 2_000 && text.bytes().all(|b| b.is_ascii_graphic()) => Ok(text.to_owned()),
        _ => Err(Words::new("application-bad-launch-url").with("given", text)),
    }
}

/// Everything that "Create with Provider" asks for, understood.
pub struct New {
    pub application: Application,
    pub provider: Option<Parsed>,
    /// Its icon, where that is none of ours.
    pub icon: Option<Checked>,
    pub bindings: Vec<Draft>,
}

/// Creates an application with what belongs to it, all or nothing.
pub fn create(app: &App, by: &Admin, new: New) -> Act<(Application, Option<Provider>)> {
    let now = app.clock.now();
    let New { mut application, provider, icon, bindings: drafts } = new;
    if let Some(Parsed { provider, .. }) = &provider {
        if provider.uris_for(Purpose::Authorization).next().is_none() {
            return Err(Problems::one("redirect_uri", Words::new("provider-needs-redirect-uri")).into());
        }
        if application.launch_url.is_none() {
            application.launch_url = provider.app_url.clone();
        }
    }
    let sealer = provider_acts::sealer_for(app, provider.as_ref().and_then(|p| p.secret.as_ref()))?;
    let (event, bound) = (by.event("application_created", now), by.event("binding_created", now));
    app.store.write(move |tx| {
        is_free(tx, &application.slug, None)?;
        if let Some(parsed) = provider {
            application.provider_id = Some(provider_acts::insert(tx, parsed, sealer.as_ref(), now)?);
        } else if let Some(id) = application.provider_id {
            is_unconnected(tx, id)?;
        }
        store_icon(tx, &mut application, icon, now)?;
        application.id = applications::insert(tx, &application, now)?;
        event.detail("application", &application.slug).store(tx)?;
        for (index, draft) in drafts.iter().enumerate() {
            bindings::insert(tx, &application, draft, &format!("bind_name-{index}"), bound.clone(), now)?;
        }
        let stored = applications::by_id(tx, application.id)?.ok_or(ActError::NotFound)?;
        let provider = match stored.provider_id {
            Some(id) => providers::by_id(tx, id)?,
            None => None,
        };
        Ok((stored, provider))
    })
}

/// What `New` needs of a provider that was described.
pub fn parse_provider(app: &App, said: &Params) -> Act<Parsed> {
    Ok(provider_acts::parse_new(said, &app.store.read(keys::list)?)?)
}

fn is_free(tx: &Tx, slug: &str, but: Option<i64>) -> Act<()> {
    match applications::by_slug(tx, slug)? {
        Some(other) if Some(other.id) != but => Err(slug_taken(slug)),
        _ => Ok(()),
    }
}

/// The refusal of a slug that another application has.
pub fn slug_taken(slug: &str) -> ActError {
    ActError::refused("slug", Words::new("application-slug-taken").with("slug", slug))
}

fn is_unconnected(tx: &Tx, provider: i64) -> Act<()> {
    if providers::by_id(tx, provider)?.is_none() {
        return Err(ActError::refused("provider", Words::new("provider-not-there")));
    }
    match applications::by_provider(tx, provider)? {
        Some(other) => {
            let words = Words::new("provider-connected-already").with("application", other.slug);
            Err(ActError::refused("provider", words))
        }
        None => Ok(()),
    }
}

/// What is to be changed of an application.
#[derive(Debug, Default)]
pub struct Change {
    pub said: Params,
    /// What was said of its provider.
    pub of_provider: Option<Params>,
    /// A new icon, where that is none of ours.
    pub icon: Option<Checked>,
    /// The fingerprint of what a page showed, if a page it was.
    pub seen: Option<String>,
}

/// Changes an application by what was said, and its provider when something was said of that too.
pub fn update(app: &App, by: &Admin, id: i64, change: Change) -> Act<(Application, Option<Provider>)> {
    let now = app.clock.now();
    let Change { said, of_provider, icon, seen } = change;
    let sealer = match &of_provider {
        Some(said) => provider_acts::sealer_if_said(app, said)?,
        None => None,
    };
    let (event, replaced) = (by.event("application_changed", now), by.event("client_secret_replaced", now));
    app.store.write(move |tx| {
        let mut application = applications::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        if seen.is_some_and(|seen| seen != fingerprint(&application)) {
            return Err(ActError::no(Words::new("changed-meanwhile")));
        }
        let mut problems = Problems::default();
        let slug_before = application.slug.clone();
        apply(&mut application, &said, &mut problems);
        problems.none()?;
        is_free(tx, &application.slug, Some(id))?;
        if let Some(provider) = application.provider_id.filter(|_| application.slug != slug_before) {
            // The slug is in the issuer: no sign-in has tokens of two (OpenID Connect Core section 12.2).
            grants::delete_of_issuer(tx, provider)?;
        }
        store_icon(tx, &mut application, icon, now)?;
        applications::update(tx, &application, now)?;
        let mut provider = match application.provider_id {
            Some(id) => providers::by_id(tx, id)?,
            None => None,
        };
        if let (Some(provider), Some(said)) = (&mut provider, of_provider) {
            provider_acts::change(tx, provider, &said, sealer.as_ref(), replaced, now)?;
        }
        event.detail("application", &application.slug).store(tx)?;
        Ok((application, provider))
    })
}

/// Recognises an application as a page showed it.
pub fn fingerprint(application: &Application) -> String {
    super::fingerprint(application)
}

/// What becomes of an application's provider when the application is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItsProvider {
    Deleted,
    /// It stays, unconnected: it can be connected to another application.
    Kept,
}

/// Deletes an application.
pub fn delete(app: &App, by: &Admin, id: i64, its_provider: ItsProvider) -> Act<Application> {
    let now = app.clock.now();
    let event = by.event("application_deleted", now);
    app.store.write(move |tx| {
        let application = applications::by_id(tx, id)?.ok_or(ActError::NotFound)?;
        applications::delete(tx, id)?;
        match application.provider_id {
            Some(provider) if its_provider == ItsProvider::Deleted => providers::delete(tx, provider)?,
            // Connected to another one, it has another issuer, as above.
            Some(provider) => {
                grants::delete_of_issuer(tx, provider)?;
            }
            None => {}
        }
        event.detail("application", &application.slug).store(tx)?;
        Ok(application)
    })
}
