//! Signing out: asked for by an application, asked for here, and done.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// What an application's logout URL shows. Nothing has ended yet: the same URL is reached without anybody
/// pressing "log out". Two buttons named `scope`: `everywhere` and `application`.
#[derive(Debug, Template)]
#[template(path = "end_session.html")]
pub struct EndSession<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub username: &'a str,
    /// The way back to the application, when it has a launch URL.
    pub back: Option<&'a str>,
    pub action: &'a str,
    pub form_token: &'a str,
}

impl EndSession<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

/// Sign out of Latchkey itself.
#[derive(Debug, Template)]
#[template(path = "logout.html")]
pub struct Logout<'a> {
    pub ui: &'a Shell,
    pub username: &'a str,
    pub action: &'a str,
    pub form_token: &'a str,
}

impl Logout<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }
}

/// What a sign-out has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ended {
    /// The session at Latchkey: nobody is signed in any more in this browser.
    #[default]
    Session,
    /// What the application held; the session at Latchkey lives on.
    Application,
}

/// The end of a sign-out.
#[derive(Debug, Template)]
#[template(path = "logged_out.html")]
pub struct LoggedOut<'a> {
    pub ui: &'a Shell,
    pub ended: Ended,
    /// The application that the visitor came from.
    pub application: Option<&'a str>,
    /// The way back to it.
    pub back: Option<&'a str>,
    /// Where the browser goes by itself, once the frames had a moment.
    pub onward: Option<&'a str>,
    /// Pages of applications that sign out there.
    pub frames: &'a [&'a str],
}

impl LoggedOut<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn onward(&self) -> Option<&str> {
        self.onward.map(super::onward::inert)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ended: Ended) -> LoggedOut<'static> {
        let application = Some("Portainer");
        LoggedOut { ui: SHELL.get_or_init(Shell::english), ended, application, back: None, onward: None, frames: &[] }
    }

    static SHELL: std::sync::OnceLock<Shell> = std::sync::OnceLock::new();

    #[test]
    fn frames_and_the_way_on_are_escaped_and_run_nothing() {
        let frames = ["https://a.example/out?x=\"1\"&y=2"];
        let html =
            LoggedOut { onward: Some("https://b.example/?s=\"'"), frames: &frames, ..page(Ended::Session) }.render();
        assert!(html.contains(r#"<iframe src="https://a.example/out?x=&#34;1&#34;&#38;y=2""#), "{html}");
        assert!(html.contains(r#"content="2;url=https://b.example/?s=&#34;&#39;""#), "{html}");
        assert!(html.contains(r#"id="continue""#));
        let html = LoggedOut { onward: Some("JavaScript:alert(1)"), ..page(Ended::Session) }.render();
        assert!(!html.to_lowercase().contains("javascript:") && !html.contains("<iframe"), "{html}");
    }

    #[test]
    fn the_two_ways_out_are_told_apart() {
        let html = EndSession {
            ui: &Shell::english(),
            application: "Portainer",
            username: "alice",
            back: Some("https://p.example/"),
            action: "/application/o/portainer/end-session/",
            form_token: "t",
        }
        .render();
        assert!(html.contains(r#"id="logout-confirm" class="primary wide" name="scope" value="everywhere""#));
        assert!(html.contains(r#"name="scope" value="application""#));
        assert!(html.contains(r#"href="https://p.example/""#) && html.contains(r#"href="/""#));
    }

    #[test]
    fn whoever_is_still_signed_in_is_told_so() {
        let html = page(Ended::Application).render();
        assert!(html.contains("You stay signed in to Latchkey") && html.contains(r#"id="logged-out""#));
        let html = page(Ended::Session).render();
        assert!(!html.contains("You stay signed in"));
    }

    #[test]
    fn without_a_way_back_none_is_offered() {
        let html = page(Ended::Session).render();
        assert!(!html.contains("Back to") && html.contains("Portainer"));
    }
}
