//! The first page of a new Latchkey: its first administrator.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// Creates the first administrator. What was typed comes back, except the passwords.
#[derive(Debug, Template)]
#[template(path = "setup.html")]
pub struct Setup<'a> {
    pub ui: &'a Shell,
    pub action: &'a str,
    pub form_token: &'a str,
    pub username: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    /// Characters that a password has at least.
    pub least: usize,
    pub problems: SetupProblems<'a>,
}

/// What is wrong with each field, in words; `form` is for everything else.
#[derive(Debug, Default, Clone, Copy)]
pub struct SetupProblems<'a> {
    pub form: Option<&'a str>,
    pub username: Option<&'a str>,
    pub name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub password: Option<&'a str>,
    pub password_again: Option<&'a str>,
}

impl Setup<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_stands_at_its_field() {
        let problems =
            SetupProblems { username: Some("Taken."), password_again: Some("Differs."), ..Default::default() };
        let html = Setup {
            ui: &Shell::english(),
            action: "/setup/",
            form_token: "t",
            username: "al",
            name: "",
            email: "",
            least: 8,
            problems,
        }
        .render();
        assert!(html.contains(r#"aria-describedby="username-wrong username-hint" aria-invalid="true""#));
        assert!(html.contains(r#"id="username-wrong">Taken."#));
        assert!(html.contains(r#"aria-describedby="password-again-wrong" aria-invalid="true""#));
        assert!(html.contains(r#"id="password-again-wrong">Differs."#));
        assert_eq!(html.matches("aria-invalid").count(), 2);
    }
}
