//! Directory > Invitations.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::shell::{Frame, Shell};
use crate::domain::UnixSeconds;

/// All invitations, and the link of one that was just made.
#[derive(Debug, Template)]
#[template(path = "admin/invitations.html")]
pub struct InvitationList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    /// Shown this once.
    pub link: Option<&'a str>,
    pub invitations: Vec<InvitationRow>,
}

/// One invitation in the list.
#[derive(Debug)]
pub struct InvitationRow {
    pub id: i64,
    /// Its label, or its number.
    pub name: String,
    pub groups: Vec<String>,
    pub administrators: bool,
    pub uses_left: i64,
    pub is_open: bool,
    pub expires_at: UnixSeconds,
    pub created_by: String,
}

/// An invitation that is made.
#[derive(Debug, Template)]
#[template(path = "admin/invitation_new.html")]
pub struct NewInvitation<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub groups: Vec<GroupPick>,
    pub expiries: Vec<Choice>,
}

/// A group that guests can be put into.
#[derive(Debug)]
pub struct GroupPick {
    pub id: i64,
    pub name: String,
    pub administrator: bool,
    pub is_picked: bool,
}

impl InvitationList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl NewInvitation<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    /// Whether a group is there that makes administrators.
    fn may_make_administrators(&self) -> bool {
        self.groups.iter().any(|g| g.administrator)
    }
}
