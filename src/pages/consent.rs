//! The consent page: what an application will learn, in plain words, before it learns it.

use askama::Template;

use super::filters;
use super::shell::Shell;
use crate::words::Words;

/// Two buttons named `decision`: `allow` and `deny`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub username: &'a str,
    /// The scopes asked for, as they were received.
    pub scopes: &'a [&'a str],
    /// What scope mappings say of scopes: the scope, and their description.
    pub described: &'a [(String, String)],
    /// The host of the redirect URI: where the browser goes next.
    pub return_host: &'a str,
    /// How long the answer is remembered (`4 weeks`); none when it is not.
    pub remembered_for: Option<Words>,
    pub action: &'a str,
    pub form_token: &'a str,
}

impl Consent<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn description(&self, scope: &str) -> Option<&str> {
        self.described.iter().find(|(of, _)| of == scope).map(|(_, description)| description.as_str())
    }
}

/// What a scope means to the person who grants it, as keys: the thing, and what exactly.
pub(super) fn in_words(scope: &str) -> Option<(&'static str, &'static str)> {
    Some(match scope {
        "openid" => ("scope-openid", "scope-openid-exactly"),
        "profile" => ("scope-profile", "scope-profile-exactly"),
        "email" => ("scope-email", "scope-email-exactly"),
        "groups" => ("scope-groups", "scope-groups-exactly"),
        "offline_access" => ("scope-offline", "scope-offline-exactly"),
        "phone" => ("scope-phone", "scope-phone-exactly"),
        "address" => ("scope-address", "scope-address-exactly"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_of_ours_has_words_and_others_are_shown_inert() {
        for scope in ["openid", "profile", "email", "groups", "offline_access", "phone", "address"] {
            assert!(in_words(scope).is_some(), "{scope}");
        }
        let html = Consent {
            ui: &Shell::english(),
            application: "Immich",
            username: "alice",
            scopes: &["openid", "<b>house", "room"],
            described: &[("room".into(), "Which <b>room</b> is yours".into())],
            return_host: "immich.example",
            remembered_for: Some(crate::domain::duration::in_words(2_419_200)),
            action: "/consent/?flow=1",
            form_token: "t",
        }
        .render();
        assert!(html.contains("That it is you"));
        assert!(html.contains("<code>&#60;b&#62;house</code>"));
        assert!(html.contains("<b>Which &#60;b&#62;room&#60;/b&#62; is yours</b>"));
        assert!(html.contains("immich.example") && html.contains("4 weeks"));
        assert!(html.contains(r#"name="decision" value="allow""#) && html.contains(r#"name="decision" value="deny""#));
    }
}
