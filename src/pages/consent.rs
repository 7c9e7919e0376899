//! The consent page: what an application will learn, in plain words, before it learns it.

use askama::Template;

use super::filters;

/// Two buttons named `decision`: `allow` and `deny`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent<'a> {
    pub application: &'a str,
    pub username: &'a str,
    /// The scopes asked for, as they were received.
    pub scopes: &'a [&'a str],
    /// What scope mappings say of scopes: the scope, and their description.
    pub described: &'a [(String, String)],
    /// The host of the redirect URI: where the browser goes next.
    pub return_host: &'a str,
    /// How long the answer is remembered, in words (`4 weeks`); none when it is not.
    pub remembered_for: Option<&'a str>,
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

/// What a scope means to the person who grants it: the thing, and what exactly.
fn in_words(scope: &str) -> Option<(&'static str, &'static str)> {
    Some(match scope {
        "openid" => ("That it is you", "a lasting identifier of your account"),
        "profile" => ("Your profile", "your name, username, language, picture and groups"),
        "email" => ("Your e-mail address", "and whether it has been verified"),
        "groups" => ("Your groups", "the names of the groups you are in"),
        "offline_access" => ("Access while you are away", "it stays signed in after you close it"),
        "phone" => ("Your phone number", "and whether it has been verified"),
        "address" => ("Your postal address", "as it stands in your account"),
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
            application: "Immich",
            username: "alice",
            scopes: &["openid", "<b>house", "room"],
            described: &[("room".into(), "Which <b>room</b> is yours".into())],
            return_host: "immich.example",
            remembered_for: Some("4 weeks"),
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
