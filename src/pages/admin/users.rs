//! Directory > Users.

use askama::Template;

use super::super::filters;
use super::super::form::{Choice, Form};
use super::super::passkey::PasskeyLine;
use super::super::people::{ConsentLine, DeviceLine, Most, SessionLine, TokenLine};
use super::super::shell::{Frame, Shell};
use super::applications::Pages;
use crate::domain::UnixSeconds;
use crate::domain::throttle::Guessed;
use crate::store::app_passwords::AppPassword;
use crate::store::factors::Has;

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
    /// Whether it is a program.
    pub service_account: bool,
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

/// A service account that is made.
#[derive(Debug, Template)]
#[template(path = "admin/service_account_new.html")]
pub struct NewServiceAccount<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub form: &'a Form,
}

impl NewServiceAccount<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
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
    pub inherited: Vec<InheritedGroup>,
    /// Groups that the user is not in by name.
    pub other_groups: Vec<Choice>,
    /// Whether the user has the right of administrators by the own flag.
    pub own_right: bool,
    /// The groups that make the user an administrator.
    pub rights: Vec<String>,
    pub sessions: Most<SessionLine>,
    pub devices: Vec<DeviceLine>,
    pub consents: Most<ConsentLine>,
    pub tokens: Most<TokenLine>,
    pub has: Has,
    pub passkeys: Vec<PasskeyLine>,
    /// Failed sign-ins that count, the longest wait first.
    pub slowed: Most<SlowedLine>,
    /// A recovery link that was just made.
    pub link: Option<String>,
    /// Of a service account.
    pub app_passwords: Vec<AppPassword>,
    /// One that was just made.
    pub app_password: Option<String>,
    pub app_password_form: &'a Form,
    /// Characters that a password has at least.
    pub least: usize,
}

/// Failures from one source that still count.
#[derive(Debug)]
pub struct SlowedLine {
    pub guessed: Guessed,
    pub source: SlowedSource,
    pub failures: i64,
    /// When the next attempt is looked at, if not at once.
    pub until: Option<UnixSeconds>,
}

/// From where, for people.
#[derive(Debug)]
pub enum SlowedSource {
    Network(String),
    /// What the browser says it is.
    Device(String),
    Anywhere,
    /// It makes no difference.
    Whoever,
}

impl SlowedLine {
    /// The key of what was guessed at.
    fn what(&self) -> &'static str {
        match self.guessed {
            Guessed::SecondFactor => "user-slowed-second-factor",
            Guessed::Passkey => "user-slowed-passkey",
            Guessed::Mail => "user-slowed-recovery",
            Guessed::Verification => "user-slowed-verification",
            _ => "user-slowed-password",
        }
    }

    /// The key of how often.
    fn count(&self) -> &'static str {
        match self.guessed {
            Guessed::Mail | Guessed::Verification => "user-slowed-mails",
            _ => "user-slowed-failures",
        }
    }
}

/// A group that a user is in through others.
#[derive(Debug)]
pub struct InheritedGroup {
    pub id: i64,
    pub name: String,
    /// The names of the groups that lead there.
    pub through: String,
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

/// The parts of a user's page, for the list at its head: where each is, and the key of its name.
const PARTS: [(&str, &str); 10] = [
    ("at-details", "nav-details"),
    ("at-groups", "user-part-groups"),
    ("at-password", "password"),
    ("at-mfa", "nav-mfa"),
    ("at-slowed", "user-slowed"),
    ("at-sessions", "nav-sessions"),
    ("at-devices", "devices"),
    ("at-consents", "user-consents"),
    ("at-tokens", "user-tokens"),
    ("at-end", "user-part-end"),
];

/// Those that only people have.
const OF_PEOPLE: [&str; 6] = ["at-password", "at-mfa", "at-slowed", "at-sessions", "at-devices", "at-consents"];

impl UserPage<'_> {
    /// Anchor and name of each part that the page has.
    fn parts(&self) -> Vec<(&'static str, &'static str)> {
        let of_programs = [("at-app-passwords", "app-passwords")];
        let is_shown = |(at, _): &(&str, &str)| !self.user.service_account || !OF_PEOPLE.contains(at);
        let mut parts: Vec<_> = PARTS.into_iter().filter(is_shown).collect();
        if self.user.service_account {
            parts.splice(2..2, of_programs);
        }
        parts
    }

    pub fn render(&self) -> String {
        super::super::html(self)
    }

    /// Where one session is ended.
    fn ends_one(&self) -> String {
        format!("/if/admin/users/{}/sign-out-one/", self.user.id)
    }

    /// Where one browser is forgotten.
    fn forgets_one(&self) -> String {
        format!("/if/admin/users/{}/forget-device/", self.user.id)
    }

    fn makes_administrator(&self) -> bool {
        self.own_right || !self.rights.is_empty()
    }
}

impl DeleteUser<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }
}
