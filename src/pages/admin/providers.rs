//! Applications > Providers.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use super::applications::Pages;
use super::fields::ProviderFields;

/// All providers, or those that a search found.
#[derive(Debug, Template)]
#[template(path = "admin/providers.html")]
pub struct ProviderList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub query: &'a str,
    pub providers: Vec<ProviderRow>,
    pub pages: Pages,
}

/// One provider in the list.
#[derive(Debug)]
pub struct ProviderRow {
    pub id: i64,
    pub name: String,
    /// The key of its client type.
    pub kind: &'static str,
    pub client_id: String,
    pub application: Option<String>,
}

/// The pages of one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Connect,
    Preview,
    Access,
    Edit,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Overview, Self::Connect, Self::Preview, Self::Access, Self::Edit];

    /// What follows the provider's path, and the key of its name.
    fn facts(self) -> (&'static str, &'static str) {
        match self {
            Self::Overview => ("", "provider-overview"),
            Self::Connect => ("connect/", "provider-connect"),
            Self::Preview => ("preview/", "provider-preview"),
            Self::Access => ("access/", "provider-access"),
            Self::Edit => ("edit/", "edit"),
        }
    }
}

/// What stands above every page of a provider.
#[derive(Debug)]
pub struct ProviderHead {
    pub id: i64,
    pub name: String,
    /// Id and name of its application.
    pub application: Option<(i64, String)>,
}

/// One value to copy.
#[derive(Debug)]
pub struct Copied {
    pub label: String,
    pub value: Value,
}

/// What stands beside a label.
#[derive(Debug)]
pub enum Value {
    Text(String),
    /// The client secret, which a button shows.
    Hidden,
}

/// Overview and Connect: values to copy.
#[derive(Debug, Template)]
#[template(path = "admin/provider.html")]
pub struct ProviderPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub tab: Tab,
    pub head: &'a ProviderHead,
    /// The sentence above the values.
    pub intro: Option<String>,
    pub values: Vec<Copied>,
    pub pitfalls: Vec<String>,
    /// Applications that it could be connected to, when it has none.
    pub free: Vec<Choice>,
    pub has_secret: bool,
}

/// Preview and Check access: what would happen for one user.
#[derive(Debug, Template)]
#[template(path = "admin/provider_ask.html")]
pub struct ProviderAsk<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub tab: Tab,
    pub head: &'a ProviderHead,
    /// Who was asked about.
    pub user: &'a str,
    pub known_names: Vec<String>,
    pub problem: Option<String>,
    pub answer: Option<Asked>,
}

/// The answer about one user.
#[derive(Debug)]
pub struct Asked {
    pub is_allowed: bool,
    /// Why, in a sentence.
    pub why: String,
    /// What each binding says: its words, whether it counts, and its verdict.
    pub bindings: Vec<(String, bool, String)>,
    /// The ID token's claims and userinfo, as JSON.
    pub claims: Option<(String, String)>,
}

/// A provider that is made or changed.
#[derive(Debug, Template)]
#[template(path = "admin/provider_edit.html")]
pub struct ProviderEditor<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub tab: Tab,
    /// Absent while it is made.
    pub head: Option<&'a ProviderHead>,
    pub fields: ProviderFields,
    pub seen: String,
}

/// A question before something ends: a new secret, or the provider itself.
#[derive(Debug, Template)]
#[template(path = "admin/provider_end.html")]
pub struct ProviderEnd<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub tab: Tab,
    pub head: &'a ProviderHead,
    /// Whether the provider is deleted; else its secret is replaced.
    pub is_delete: bool,
    pub users: i64,
}

impl ProviderList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl ProviderPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl ProviderAsk<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl ProviderEditor<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl ProviderEnd<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
