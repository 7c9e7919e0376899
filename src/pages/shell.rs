//! What every page needs besides its own content: the language; and for the pages of the Admin interface and the User
//! settings, the frame around them.

use std::ops::Deref;

use super::assets;
use crate::domain::brand::{self, Brand, Colour};
use crate::words::{Lang, Words};

/// The language and the brand of a page; templates call it `ui`.
#[derive(Debug, Clone)]
pub struct Shell {
    pub lang: Lang,
    pub brand: Brand,
}

impl Shell {
    /// A sentence in the page's language.
    pub fn words(&self, words: &Words) -> String {
        words.said(self.lang)
    }

    pub fn logo(&self) -> Option<String> {
        self.brand.logo.as_deref().map(super::upload::icon_url)
    }

    /// The address of the sheet with the brand's colour.
    pub fn style(&self) -> Option<String> {
        self.brand.accent.map(|accent| format!("/brand/{}", style_name(accent)))
    }
}

/// The name of the sheet with a colour: the hash of its content, so that it may be kept for ever.
pub fn style_name(accent: Colour) -> String {
    format!("{}.css", assets::hash8(brand::css(accent).as_bytes()))
}

#[cfg(test)]
impl Shell {
    /// A page with our own brand.
    pub fn plain(lang: Lang) -> Self {
        Self { lang, brand: Brand::default() }
    }

    pub fn english() -> Self {
        Self::plain(Lang::english())
    }
}

impl Deref for Shell {
    type Target = Lang;
    fn deref(&self) -> &Lang {
        &self.lang
    }
}

/// Where in the two interfaces a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Dashboard,
    Applications,
    Providers,
    Policies,
    ScopeMappings,
    Users,
    Groups,
    Invitations,
    Keys,
    Events,
    Settings,
    Details,
    Password,
    Mfa,
    Sessions,
    Connected,
}

/// A heading of a side list, and what stands under it.
pub struct Section {
    /// `None` for what stands above all headings.
    pub heading: Option<&'static str>,
    pub places: &'static [Place],
}

/// The side list of the Admin interface.
const ADMIN: &[Section] = &[
    Section { heading: None, places: &[Place::Dashboard] },
    Section { heading: Some("nav-applications"), places: &[Place::Applications, Place::Providers] },
    Section { heading: Some("nav-customization"), places: &[Place::Policies, Place::ScopeMappings] },
    Section { heading: Some("nav-directory"), places: &[Place::Users, Place::Groups, Place::Invitations] },
    Section { heading: Some("nav-system"), places: &[Place::Keys, Place::Events, Place::Settings] },
];

/// The side list of the User settings.
const USER: &[Section] = &[Section {
    heading: None,
    places: &[Place::Details, Place::Password, Place::Mfa, Place::Sessions, Place::Connected],
}];

impl Place {
    /// Its path, and the key of its name.
    fn facts(self) -> (&'static str, &'static str) {
        match self {
            Self::Dashboard => ("/if/admin/", "nav-dashboard"),
            Self::Applications => ("/if/admin/applications/", "nav-applications"),
            Self::Providers => ("/if/admin/providers/", "nav-providers"),
            Self::Policies => ("/if/admin/policies/", "nav-policies"),
            Self::ScopeMappings => ("/if/admin/scope-mappings/", "nav-scope-mappings"),
            Self::Users => ("/if/admin/users/", "nav-users"),
            Self::Groups => ("/if/admin/groups/", "nav-groups"),
            Self::Invitations => ("/if/admin/invitations/", "nav-invitations"),
            Self::Keys => ("/if/admin/keys/", "nav-keys"),
            Self::Events => ("/if/admin/events/", "nav-events"),
            Self::Settings => ("/if/admin/settings/", "nav-settings"),
            Self::Details => ("/if/user/", "nav-details"),
            Self::Password => ("/if/user/password/", "nav-password"),
            Self::Mfa => ("/if/user/mfa/", "nav-mfa"),
            Self::Sessions => ("/if/user/sessions/", "nav-sessions"),
            Self::Connected => ("/if/user/connected/", "nav-connected"),
        }
    }

    pub fn path(self) -> &'static str {
        self.facts().0
    }

    pub fn label(self) -> &'static str {
        self.facts().1
    }

    fn is_of_admin(self) -> bool {
        ADMIN.iter().any(|section| section.places.contains(&self))
    }
}

/// The bar and the side list around a page, and a notice of what was just done.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The name of who is signed in.
    pub who: String,
    pub is_administrator: bool,
    pub place: Place,
    /// For every form of the page but the sign-out.
    pub form_token: String,
    /// For the "Sign out" button, which posts to `/logout/`.
    pub sign_out_token: String,
    pub notice: Option<String>,
    /// What the reader is to do before long.
    pub duty: Option<String>,
}

impl Frame {
    pub fn sections(&self) -> &'static [Section] {
        if self.place.is_of_admin() { ADMIN } else { USER }
    }

    /// The key of the side list's name.
    pub fn interface(&self) -> &'static str {
        if self.place.is_of_admin() { "nav-admin-interface" } else { "nav-user-settings" }
    }
}
