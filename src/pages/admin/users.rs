//! Directory > Users.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::people::{ConnectedLine, SessionLine};
use super::super::shell::{Frame, Shell};
use super::applications::Pages;

/// All users, or those whom a search found.
#[derive(Debug, Template)]
#[template(path = "admin/users.html")]
pub struct UserList<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub query: &'a str,
    pub users: Vec<UserRow>,
    pub pages: Pages,
}

/// One user in the list.
#[derive(Debug)]
pub struct UserRow {
    pub id: i64,
    pub username: String,
    pub name: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub active: bool,
    pub administrator: bool,
    pub has_password: bool,
}

/// A user who is made.
#[derive(Debug, Template)]
#[template(path = "admin/user_new.html")]
pub struct NewUser<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub languages: Vec<Choice>,
    /// Characters that a password has at least.
    pub least: usize,
}

/// One user: details, groups, password, sessions, what applications hold.
#[derive(Debug, Template)]
#[template(path = "admin/user.html")]
pub struct UserPage<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub user: &'a UserRow,
    /// Whether it is the administrator's own account.
    pub is_self: bool,
    pub form: &'a Form,
    pub password_form: &'a Form,
    pub group_form: &'a Form,
    pub languages: Vec<Choice>,
    /// Id and name of each direct group.
    pub groups: Vec<(i64, String)>,
    /// Groups that the user is not in.
    pub other_groups: Vec<Choice>,
    pub sessions: Vec<SessionLine>,
    pub connected: Vec<ConnectedLine>,
    /// A recovery link that was just made.
    pub link: Option<String>,
    /// Characters that a password has at least.
    pub least: usize,
}

/// The question before a user is deleted.
#[derive(Debug, Template)]
#[template(path = "admin/user_delete.html")]
pub struct DeleteUser<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
    pub user: &'a UserRow,
}

impl UserList<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl NewUser<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl UserPage<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}

impl DeleteUser<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
