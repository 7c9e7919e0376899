//! Customization > Scope mappings.

use askama::Template;

use super::super::filters;
use super::super::form::Form;
use super::super::shell::{Frame, Shell};
use super::expressions::{Help, Tried};
use crate::store::scope_mappings::ScopeMapping;

/// All scope mappings.
#[derive(Debug, Template)]
#[template(path = "admin/scope_mappings.html")]
pub struct ScopeMappingList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub mappings: Vec<ScopeMapping>,
}

impl ScopeMappingList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// A scope mapping that is made or changed.
#[derive(Debug, Template)]
#[template(path = "admin/scope_mapping.html")]
pub struct ScopeMappingEditor<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// Absent while it is made.
    pub mapping: Option<&'a ScopeMapping>,
    /// Names of the providers that offer its scope.
    pub offered_by: Vec<String>,
    pub help: Help,
}

impl ScopeMappingEditor<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// The question before a scope mapping is deleted.
#[derive(Debug, Template)]
#[template(path = "admin/scope_mapping_delete.html")]
pub struct DeleteScopeMapping<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub mapping: &'a ScopeMapping,
    pub offered_by: Vec<String>,
}

impl DeleteScopeMapping<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
