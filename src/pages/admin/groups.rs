//! Directory > Groups.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use super::applications::Pages;

/// All groups.
#[derive(Debug, Template)]
#[template(path = "admin/groups.html")]
pub struct GroupList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    /// What was searched for.
    pub query: &'a str,
    pub groups: Vec<GroupRow>,
    pub pages: Pages,
}

/// One group in the list.
#[derive(Debug)]
pub struct GroupRow {
    pub id: i64,
    pub name: String,
    pub parent: Option<String>,
    pub members: i64,
    pub administrator: bool,
}

impl GroupList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// A group that is made or changed, and who is in it.
#[derive(Debug, Template)]
#[template(path = "admin/group.html")]
pub struct GroupEditor<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    /// Absent while it is made.
    pub group: Option<&'a GroupRow>,
    pub form: &'a Form,
    pub parents: Vec<Choice>,
    /// Username and name of each member, or of the first of very many.
    pub members: Vec<(String, String)>,
    pub member_form: &'a Form,
}

impl GroupEditor<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

/// The question before a group is deleted.
#[derive(Debug, Template)]
#[template(path = "admin/group_delete.html")]
pub struct DeleteGroup<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub group: &'a GroupRow,
    pub form: &'a Form,
    /// Names of the applications that are bound to it.
    pub bound_to: Vec<String>,
}

impl DeleteGroup<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
