//! The last step of Create with Provider: everything that will be made, in words.

use crate::acts::bindings::{Draft, Kind};
use crate::domain::built_in_icons::BuiltIn;
use crate::http::Params;
use crate::pages::admin::{
    CLAIMS, CLIENT_AUTH, CLIENT_CREDENTIALS, CLIENT_TYPES, DEVICE_FLOW, FLOWS, MODES, PKCE, REQUEST_OBJECTS,
    REQUIRE_PAR, RESPONSE_TYPES, SIGN_OUT, SUBJECT_MODES, Step, USERINFO, VALIDITIES,
};
use crate::pages::{Choice, icon_name};
use crate::words::Lang;

use super::wizard::drafts;
use crate::endpoints::Ctx;

/// Labels and what stands behind them.
type Lines = Vec<(String, String)>;

/// What will be made, by step.
pub fn lines(ctx: &Ctx, values: &Params, keys: &[Choice]) -> Vec<(Step, Lines)> {
    let said = Said { lang: ctx.lang, values };
    let bindings = match drafts(values) {
        Ok(drafts) if drafts.is_empty() => vec![said.line("application-access", ctx.lang.say("access-everybody"))],
        Ok(drafts) => drafts.into_iter().map(|(_, draft)| binding_line(ctx, &draft)).collect(),
        Err(_) => Vec::new(),
    };
    vec![(Step::Application, said.application()), (Step::Provider, said.provider(keys)), (Step::Bindings, bindings)]
}

struct Said<'a> {
    lang: Lang,
    values: &'a Params,
}

impl Said<'_> {
    fn value(&self, field: &str) -> String {
        self.values.first(field).unwrap_or_default().trim().to_owned()
    }

    fn line(&self, key: &str, text: String) -> (String, String) {
        (self.lang.say(key), text)
    }

    /// A field as it was typed.
    fn typed(&self, field: &str, key: &str) -> (String, String) {
        self.line(key, self.value(field))
    }

    /// A choice by its name; the first one when nothing was chosen.
    fn chosen(&self, field: &str, key: &str, words: &[(&str, &str)]) -> (String, String) {
        let value = self.value(field);
        let word = words.iter().find(|(word, _)| *word == value).or(words.first());
        self.line(key, word.map(|(_, key)| self.lang.say(key)).unwrap_or_default())
    }

    fn application(&self) -> Lines {
        let mut lines = vec![
            self.typed("name", "application-name"),
            self.typed("slug", "application-slug"),
            self.typed("app_group", "application-group"),
            self.chosen("policy_engine_mode", "application-mode", MODES),
            self.typed("launch_url", "application-launch-url"),
            self.typed("publisher", "application-publisher"),
            self.typed("description", "application-description"),
        ];
        if let Some(icon) = BuiltIn::by_name(&self.value("icon")) {
            lines.push(self.line("application-icon-choice", icon_name(icon.name, self.lang)));
        }
        if self.values.has("open_in_new_tab") {
            lines.push(self.line("application-new-tab", self.lang.say("yes")));
        }
        lines.retain(|(_, text)| !text.is_empty());
        lines
    }

    fn provider(&self, keys: &[Choice]) -> Lines {
        let mut lines = vec![
            self.typed("provider_name", "provider-name"),
            self.chosen("consent", "provider-flow", FLOWS),
            self.chosen("client_type", "provider-client-type", CLIENT_TYPES),
            self.typed("client_id", "provider-client-id"),
        ];
        if self.value("client_type") != "public" {
            lines.push(self.line("provider-client-secret", self.lang.say("provider-secret-hidden")));
        }
        let rows = self.values.all("uri").zip(self.values.all("uri_matching")).zip(self.values.all("uri_purpose"));
        for ((uri, matching), purpose) in rows.filter(|((uri, _), _)| !uri.trim().is_empty()) {
            let key = if purpose == "logout" { "provider-uri-logout" } else { "provider-uri-authorization" };
            let how = if matching == "regex" { "Regex" } else { "Strict" };
            lines.push((format!("{} ({how})", self.lang.say(key)), uri.trim().to_owned()));
        }
        let key = self.value("signing_key");
        let key = keys.iter().find(|choice| choice.value == key).map(|choice| choice.text.clone());
        lines.push(self.line("provider-signing-key", key.unwrap_or_default()));
        lines.push(self.typed("scope", "provider-scopes"));
        lines.push(self.chosen("subject_mode", "provider-subject-mode", SUBJECT_MODES));
        lines.push(self.chosen("pkce", "provider-pkce", PKCE));
        lines.push(self.chosen("response_types", "provider-types", RESPONSE_TYPES));
        lines.push(self.chosen("claims_in_id_token", "provider-claims", CLAIMS));
        lines.push(self.chosen("sign_userinfo", "provider-userinfo", USERINFO));
        let uris =
            [("backchannel_logout_uri", "provider-backchannel"), ("frontchannel_logout_uri", "provider-frontchannel")];
        lines.extend(uris.iter().map(|(field, key)| self.typed(field, key)).filter(|(_, text)| !text.is_empty()));
        lines.push(self.chosen("sign_out_ends", "provider-sign-out", SIGN_OUT));
        lines.push(self.chosen("device_flow", "provider-device-flow", DEVICE_FLOW));
        lines.push(self.chosen("client_credentials", "provider-client-credentials", CLIENT_CREDENTIALS));
        if !self.value("service_account").is_empty() {
            lines.push(self.typed("service_account", "provider-service-account"));
        }
        lines.push(self.chosen("client_auth", "provider-auth", CLIENT_AUTH));
        lines.push(self.typed("jwks", "provider-jwks"));
        lines.push(self.typed("jwks_uri", "provider-jwks-uri"));
        lines.push(self.typed("request_uris", "provider-request-uris"));
        lines.push(self.chosen("request_objects", "provider-objects", REQUEST_OBJECTS));
        lines.push(self.chosen("require_par", "provider-par", REQUIRE_PAR));
        lines.extend(VALIDITIES.iter().map(|(field, key)| self.typed(field, key)));
        lines
    }
}

/// What is bound, and how it counts where that is not the usual way.
fn binding_line(ctx: &Ctx, draft: &Draft) -> (String, String) {
    let label = match draft.kind {
        Kind::Group => "binding-group",
        Kind::User => "binding-user",
        Kind::Policy => "binding-policy",
    };
    let mut text = draft.name.clone();
    for (is_so, key) in [(draft.negate, "binding-negated"), (!draft.enabled, "binding-disabled")] {
        if is_so {
            text.push_str(&format!(", {}", ctx.lang.say(key)));
        }
    }
    if draft.order != 0 {
        text.push_str(&format!(", {} {}", ctx.lang.say("binding-order"), draft.order));
    }
    (ctx.lang.say(label), text)
}
