//! One application of the Admin interface.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use super::super::upload::icon_url;
use super::super::{IconChoice, icon_value};
use crate::domain::built_in_icons::UPLOADED;

/// What an application is, and who may open it.
#[derive(Debug, Template)]
#[template(path = "admin/application.html")]
pub struct ApplicationPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub id: i64,
    pub name: &'a str,
    pub slug: &'a str,
    pub icon: Option<&'a str>,
    /// Whether there is somewhere to launch it.
    pub launch: bool,
    /// Id and name.
    pub provider: Option<(i64, String)>,
    /// Providers that no application has.
    pub free: Vec<Choice>,
    pub access: String,
    pub is_open: bool,
    pub everybody: bool,
    pub bound: Vec<BoundLine>,
    /// The fingerprint of what is shown: a change of somebody else's in between is noticed.
    pub seen: String,
    pub form: &'a Form,
    pub bind_form: &'a Form,
    pub provider_form: &'a Form,
    pub app_groups: Vec<String>,
    pub known_names: Vec<String>,
}

/// One binding.
#[derive(Debug)]
pub struct BoundLine {
    pub id: i64,
    /// The key of its kind.
    pub kind: &'static str,
    pub name: String,
    /// What it names was deleted.
    pub is_gone: bool,
    pub order: String,
    pub enabled: bool,
    pub negate: bool,
    /// What is wrong with its order.
    pub wrong: Option<String>,
}

impl ApplicationPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    fn icon_choice(&self) -> IconChoice {
        IconChoice::of(self.form, self.icon.filter(|hash| icon_value(Some(hash)) == UPLOADED).map(icon_url))
    }

    fn has_enabled(&self) -> bool {
        self.bound.iter().any(|b| b.enabled)
    }
}

/// The question before an application is deleted.
#[derive(Debug, Template)]
#[template(path = "admin/application_delete.html")]
pub struct DeleteApplication<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub id: i64,
    pub name: &'a str,
    pub provider: Option<&'a str>,
    /// How many users hold something of it.
    pub users: i64,
}

impl DeleteApplication<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
