//! Presets: what an application of a known kind registers, and what is pasted into its own form.

use url::Url;

use super::redirect_uri::Purpose;
use crate::words::Words;

/// A kind of application that Latchkey knows by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    Portainer,
    /// Gravitee API Management: console and developer portal.
    Gravitee,
    Generic,
}

/// An application's address that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", Words::from(self.clone()))]
pub struct BadAppUrl(String);

impl From<BadAppUrl> for Words {
    fn from(BadAppUrl(url): BadAppUrl) -> Self {
        Self::new("bad-app-url").with("url", format!("{url:?}"))
    }
}

/// The URLs and values of one application, as its own settings name them.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub client_id: &'a str,
    /// Absent for a public client, or while it is not to be shown.
    pub client_secret: Option<&'a str>,
    pub authorize_url: &'a str,
    pub token_url: &'a str,
    pub userinfo_url: &'a str,
    pub logout_url: &'a str,
    pub redirect_url: &'a str,
    pub scopes: &'a str,
    pub issuer: &'a str,
    pub discovery_url: &'a str,
    pub jwks_url: &'a str,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Portainer, Self::Gravitee, Self::Generic];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Portainer => "portainer",
            Self::Gravitee => "gravitee",
            Self::Generic => "generic",
        }
    }

    /// What the application calls itself.
    pub fn title(self) -> Option<&'static str> {
        match self {
            Self::Portainer => Some("Portainer"),
            Self::Gravitee => Some("Gravitee"),
            Self::Generic => None,
        }
    }

    /// The built-in icon that says what the application is for.
    pub fn icon(self) -> Option<&'static str> {
        match self {
            Self::Portainer => Some("containers"),
            Self::Gravitee => Some("gateway"),
            Self::Generic => None,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }

    /// The claim by which the application finds its own account of a user.
    pub fn user_identifier(self) -> &'static str {
        match self {
            Self::Portainer => "preferred_username",
            Self::Gravitee | Self::Generic => "sub",
        }
    }

    /// The scopes to paste, in the order of the application's own documentation.
    pub fn scopes(self) -> &'static str {
        match self {
            Self::Portainer => "email openid profile",
            Self::Gravitee | Self::Generic => "openid profile email",
        }
    }

    /// The redirect URIs of every version of the application, for the address people open it at.
    pub fn uris(self, app_url: &AppUrl) -> Vec<(Purpose, String)> {
        let at = |path: &str| format!("{}{path}", app_url.origin);
        let (authorization, logout): (&[&str], &[&str]) = match self {
            // Its "Redirect URL" is typed by hand, with or without the slash.
            Self::Portainer => (&["/", ""], &["/", ""]),
            // The console asked from /console/ up to 4.2, from the origin until 4.3.5, from /console since; the
            // portals have a page each.
            Self::Gravitee => (
                &["/console", "/console/", "", "/", "/user/login", "/log-in"],
                &["/console#!/_login", "/console", "/", "/user/login", "/log-in", "/catalog"],
            ),
            Self::Generic => (&[], &[]),
        };
        let mut uris: Vec<_> = authorization.iter().map(|p| (Purpose::Authorization, at(p))).collect();
        uris.extend(logout.iter().map(|p| (Purpose::Logout, at(p))));
        if self == Self::Generic {
            uris.push((Purpose::Authorization, app_url.text.clone()));
        }
        uris
    }

    /// The fields of the application's own form, in its order and words.
    pub fn form<'a>(self, f: &Facts<'a>) -> Vec<(&'static str, &'a str)> {
        let secret = f.client_secret.unwrap_or("(none: a public client)");
        match self {
            Self::Portainer => vec![
                ("Use SSO", "on"),
                ("Automatic user provisioning", "on"),
                ("Provider", "Custom"),
                ("Client ID", f.client_id),
                ("Client Secret", secret),
                ("Authorization URL", f.authorize_url),
                ("Access Token URL", f.token_url),
                ("Resource URL", f.userinfo_url),
                ("Redirect URL", f.redirect_url),
                ("Logout URL", f.logout_url),
                ("User Identifier", self.user_identifier()),
                ("Scopes", f.scopes),
            ],
            Self::Gravitee => vec![
                ("Allow portal authentication to use this identity provider", "on"),
                ("Client ID", f.client_id),
                ("Client Secret", secret),
                ("Token Endpoint", f.token_url),
                ("Authorize Endpoint", f.authorize_url),
                ("Userinfo Endpoint", f.userinfo_url),
                ("Userinfo Logout Endpoint", f.logout_url),
                ("Scopes", f.scopes),
            ],
            Self::Generic => vec![
                ("OpenID Configuration URL", f.discovery_url),
                ("OpenID Configuration Issuer", f.issuer),
                ("Client ID", f.client_id),
                ("Client Secret", secret),
                ("Authorize URL", f.authorize_url),
                ("Token URL", f.token_url),
                ("Userinfo URL", f.userinfo_url),
                ("Logout URL", f.logout_url),
                ("JWKS URL", f.jwks_url),
                ("Scopes", f.scopes),
            ],
        }
    }
}

/// The address people open an application at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppUrl {
    text: String,
    origin: String,
}

impl AppUrl {
    pub fn parse(given: &str) -> Result<Self, BadAppUrl> {
        let bad = || BadAppUrl(given.to_owned());
        let url = Url::parse(given.trim()).map_err(|_| bad())?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || url.host_str().is_none() {
            return Err(bad());
        }
        Ok(Self { text: given.trim().to_owned(), origin: url.origin().ascii_serialization() })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `https://portainer.home.example`, without a slash.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uris(preset: Preset, url: &str, purpose: Purpose) -> Vec<String> {
        let all = preset.uris(&AppUrl::parse(url).expect("valid"));
        all.into_iter().filter(|(p, _)| *p == purpose).map(|(_, u)| u).collect()
    }

    #[test]
    fn portainer_registers_its_address_with_and_without_the_slash() {
        for given in ["https://portainer.company", "https://portainer.company/"] {
            assert_eq!(
                uris(Preset::Portainer, given, Purpose::Authorization),
                ["https://portainer.company/", "https://portainer.company"]
            );
        }
    }

    #[test]
    fn gravitee_registers_the_pages_of_every_version() {
        assert_eq!(
            uris(Preset::Gravitee, "https://gravitee.company/console", Purpose::Authorization),
            [
                "https://gravitee.company/console",
                "https://gravitee.company/console/",
                "https://gravitee.company",
                "https://gravitee.company/",
                "https://gravitee.company/user/login",
                "https://gravitee.company/log-in",
            ]
        );
        let logout = uris(Preset::Gravitee, "https://gravitee.company", Purpose::Logout);
        assert!(logout.contains(&"https://gravitee.company/console#!/_login".to_owned()));
        assert!(logout.contains(&"https://gravitee.company/catalog".to_owned()));
    }

    #[test]
    fn an_address_with_more_than_a_place_is_refused() {
        for bad in ["portainer", "javascript:alert(1)", "https://u@h", "https://h/?q", "https://h/#f", "ftp://h"] {
            assert!(AppUrl::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(AppUrl::parse("https://h:9443/").expect("valid").origin(), "https://h:9443");
    }
}
