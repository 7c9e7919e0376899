//! What the forms of applications and providers hold: from what is stored, and back to what acts understand.

use rusqlite::Connection;

use crate::acts::providers as acts;
use crate::crypto::jwt::HS256;
use crate::crypto::keys::Alg;
use crate::domain::access::EngineMode;
use crate::domain::duration;
use crate::domain::problems::Problems;
use crate::error::Internal;
use crate::http::Params;
use crate::pages::admin::{BindingRow, ProviderFields, UriRow};
use crate::pages::{Choice, icon_value};
use crate::store::applications::{self, Application};
use crate::store::bindings::BoundRule;
use crate::store::keys::{self, KeyState};
use crate::store::providers::Provider;
use crate::store::{groups, policies, users};
use crate::words::{Lang, Words};

/// Empty rows for addresses that are offered at first, and with each "Add another".
const SPARE_URIS: usize = 2;
/// Service accounts that are offered; more are named by commands.
const MOST_ACCOUNTS: i64 = 200;

/// What an application's form says, for acts: a box that is not ticked says "off".
pub fn said_of_application(form: &Params) -> Params {
    let mut said = form.clone();
    if !form.has("open_in_new_tab") {
        said.push("open_in_new_tab", "off");
    }
    said
}

/// What the form of a stored application holds.
pub fn application_values(a: &Application) -> Params {
    let mut values = Params::from_pairs([
        ("name", a.name.clone()),
        ("slug", a.slug.clone()),
        ("app_group", a.group.clone()),
        ("policy_engine_mode", a.mode.as_str().to_owned()),
        ("launch_url", a.launch_url.clone().unwrap_or_default()),
        ("publisher", a.publisher.clone()),
        ("description", a.description.clone()),
        ("icon", icon_value(a.icon.as_deref()).to_owned()),
    ]);
    if a.open_in_new_tab {
        values.push("open_in_new_tab", "on");
    }
    values
}

/// What the form of a stored provider holds; `name` is its field for the name.
pub fn provider_values(p: &Provider, name: &'static str) -> Params {
    let on = |is_on: bool| if is_on { "on" } else { "off" }.to_owned();
    let mut values = Params::from_pairs([
        (name, p.name.clone()),
        ("consent", p.authorization_flow.as_str().to_owned()),
        ("client_type", p.client_type.as_str().to_owned()),
        ("signing_key", p.signing_kid.clone().or(p.signing_alg.clone()).unwrap_or_default()),
        ("scope", p.scopes.to_string()),
        ("subject_mode", p.subject_mode.as_str().to_owned()),
        ("pkce", p.pkce.as_str().to_owned()),
        ("response_types", p.response_types.as_str().to_owned()),
        ("claims_in_id_token", on(p.claims_in_id_token)),
        ("sign_userinfo", on(p.sign_userinfo)),
        ("backchannel_logout_uri", p.backchannel_logout_uri.clone().unwrap_or_default()),
        ("frontchannel_logout_uri", p.frontchannel_logout_uri.clone().unwrap_or_default()),
        ("sign_out_ends", p.sign_out_ends.as_str().to_owned()),
        ("device_flow", on(p.device_flow)),
        ("client_credentials", on(p.client_credentials)),
        ("service_account", p.service_account.clone().unwrap_or_default()),
        ("client_auth", p.client_auth.as_str().to_owned()),
        ("jwks", p.jwks.clone().unwrap_or_default()),
        ("jwks_uri", p.jwks_uri.clone().unwrap_or_default()),
        ("request_uris", p.request_uris.join("\n")),
        ("request_objects", p.request_objects.as_str().to_owned()),
        ("require_par", on(p.require_par)),
        ("code_validity", duration::write(p.code_validity)),
        ("access_token_validity", duration::write(p.access_token_validity)),
        ("refresh_token_validity", duration::write(p.refresh_token_validity)),
        ("refresh_token_maximum", duration::write(p.refresh_token_maximum)),
        ("consent_validity", duration::write(p.consent_validity)),
        ("uris", "all".to_owned()),
    ]);
    for u in &p.uris {
        values.push("uri", u.uri());
        values.push("uri_matching", u.matching().as_str());
        values.push("uri_purpose", u.purpose().as_str());
    }
    values
}

/// What the fields of a provider show.
pub fn provider_fields(
    connection: &Connection,
    lang: Lang,
    name: &'static str,
    values: &Params,
    problems: &Problems,
    is_new: bool,
) -> Result<ProviderFields, Internal> {
    let rows = values.all("uri").zip(values.all("uri_matching")).zip(values.all("uri_purpose"));
    let row = |index: usize, uri: &str, matching: &str, purpose: &str| UriRow {
        index,
        uri: uri.to_owned(),
        matching: matching.to_owned(),
        purpose: purpose.to_owned(),
        wrong: problems.at(&format!("uri-{index}")).map(|words| words.said(lang)),
    };
    let mut uris: Vec<UriRow> = rows.enumerate().map(|(i, ((uri, m), p))| row(i, uri, m, p)).collect();
    let spare = if values.first("go") == Some("add-uri") { SPARE_URIS + 1 } else { SPARE_URIS };
    let empty = uris.iter().rev().take_while(|u| u.uri.trim().is_empty()).count();
    let wanted = if values.first("go") == Some("add-uri") { spare } else { spare.saturating_sub(empty) };
    for _ in 0..wanted {
        uris.push(row(uris.len(), "", "strict", "authorization"));
    }
    let mut service_accounts = vec![Choice::new("", lang.say("provider-service-account-none"))];
    let known = users::service_accounts(connection, MOST_ACCOUNTS)?;
    service_accounts.extend(known.into_iter().map(|name| Choice::new(name.clone(), name)));
    Ok(ProviderFields { name, keys: signing_keys(connection, lang)?, uris, is_new, service_accounts })
}

/// What can sign: the active key of an algorithm, or one key for good.
fn signing_keys(connection: &Connection, lang: Lang) -> Result<Vec<Choice>, Internal> {
    let rows = keys::list(connection)?;
    let mut choices = vec![Choice::new("", lang.say("provider-key-default"))];
    for alg in Alg::ALL {
        if rows.iter().any(|k| k.is_regular(alg.as_str(), KeyState::Active)) {
            choices
                .push(Choice::new(alg.as_str(), lang.say_with("provider-key-of-alg", &[("alg", alg.as_str().into())])));
        }
    }
    choices.push(Choice::new(HS256, lang.say("provider-key-secret")));
    for key in rows.iter().filter(|k| k.can_sign()) {
        let short: String = key.kid.chars().take(12).collect();
        let values = [("alg", (&key.alg).into()), ("kid", short.into()), ("name", (&key.name).into())];
        let text = lang.say_with("provider-key-one", &values);
        choices.push(Choice::new(key.kid.clone(), text));
    }
    Ok(choices)
}

/// What a new provider's form holds before anything was typed.
pub fn new_provider_values(name: &'static str) -> Params {
    let mut values = Params::from_pairs([
        (name, String::new()),
        ("consent", "implicit".to_owned()),
        ("client_type", "confidential".to_owned()),
        ("client_id", acts::new_client_id()),
        ("client_secret", acts::new_client_secret().to_string()),
        ("signing_key", String::new()),
        ("scope", crate::domain::scope::DEFAULT_OFFERED.to_owned()),
        ("subject_mode", "hashed_user_id".to_owned()),
        ("pkce", "optional".to_owned()),
        ("response_types", "code".to_owned()),
        ("claims_in_id_token", "on".to_owned()),
        ("sign_userinfo", "off".to_owned()),
        ("sign_out_ends", "everything".to_owned()),
        ("device_flow", "off".to_owned()),
        ("client_credentials", "off".to_owned()),
        ("service_account", String::new()),
        ("client_auth", "secret".to_owned()),
        ("request_objects", "off".to_owned()),
        ("require_par", "off".to_owned()),
    ]);
    for (field, text) in [
        ("code_validity", "60s"),
        ("access_token_validity", "1h"),
        ("refresh_token_validity", "30d"),
        ("refresh_token_maximum", "90d"),
        ("consent_validity", "28d"),
    ] {
        values.push(field, text);
    }
    values
}

/// The rows of bindings that stand in a form.
pub fn binding_rows(values: &Params, problems: &Problems, lang: Lang) -> Vec<BindingRow> {
    binding_params(values)
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let field = |name: &str| row.first(name).unwrap_or_default().to_owned();
            let wrong =
                ["bind_kind", "bind_name", "bind_order"].iter().find_map(|f| problems.at(&format!("{f}-{index}")));
            BindingRow {
                index,
                kind: field("bind_kind"),
                name: field("bind_name"),
                order: field("bind_order"),
                enabled: field("bind_active") != "off",
                negate: field("bind_negate") == "on",
                wrong: wrong.map(|words| words.said(lang)),
            }
        })
        .collect()
}

/// The rows of bindings of a form, each by itself.
pub fn binding_params(values: &Params) -> Vec<Params> {
    const FIELDS: [&str; 5] = ["bind_kind", "bind_name", "bind_order", "bind_negate", "bind_active"];
    let count = values.all("bind_name").count();
    let value = |name: &str, index: usize| values.all(name).nth(index).unwrap_or_default().to_owned();
    (0..count.min(50)).map(|index| Params::from_pairs(FIELDS.map(|name| (name, value(name, index))))).collect()
}

/// The names of groups among My applications, for typing the same again.
pub fn app_groups(connection: &Connection) -> Result<Vec<String>, Internal> {
    let mut groups: Vec<String> = applications::list(connection)?.into_iter().map(|a| a.group).collect();
    groups.retain(|g| !g.is_empty());
    groups.dedup();
    Ok(groups)
}

/// Names to suggest: every group and policy, and the first users of a small house.
pub fn known_names(connection: &Connection) -> Result<Vec<String>, Internal> {
    const MOST: usize = 100;
    let mut names: Vec<String> = groups::list(connection)?.into_iter().map(|g| g.name).take(MOST).collect();
    names.extend(policies::list(connection)?.into_iter().map(|p| p.name).take(MOST));
    names.extend(users::first_usernames(connection, MOST as i64)?);
    Ok(names)
}

/// Who may open an application, in a few words, and whether that is everybody.
pub fn access_in_words(a: &Application, bound: &[BoundRule], lang: Lang) -> (String, bool) {
    let enabled: Vec<_> = bound.iter().filter(|b| b.rule.enabled).collect();
    if enabled.is_empty() {
        let key = if a.everybody { "access-everybody" } else { "access-nobody" };
        return (lang.say(key), a.everybody);
    }
    if let [only] = enabled[..] {
        return (one_in_words(only).said(lang), false);
    }
    let key = if a.mode == EngineMode::All { "access-all-of" } else { "access-any-of" };
    (lang.say_with(key, &[("n", enabled.len().into())]), false)
}

/// One binding in words.
pub fn one_in_words(b: &BoundRule) -> Words {
    let key = match (b.rule.target.is_gone(), b.rule.negate) {
        (true, _) => "access-gone",
        (false, true) => "access-not",
        (false, false) => "access-one",
    };
    Words::new(key).with("name", &b.label)
}
