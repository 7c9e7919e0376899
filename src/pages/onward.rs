//! Pages that send the browser on: after a form of ours (Chromium applies `form-action` to redirects, so those
//! leave by a page), and to an application that wants its answer by `form_post`.

use askama::Template;

use super::filters;
use super::shell::Shell;

/// Goes to `target` at once, by a refresh; the link does the same by hand.
#[derive(Debug, Template)]
#[template(path = "continue.html")]
pub struct Continue<'a> {
    pub ui: &'a Shell,
    pub application: Option<&'a str>,
    pub target: &'a str,
}

impl Continue<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    /// Where to go. Targets are checked before they come here; this is the second lock on that door.
    fn href(&self) -> &str {
        inert(self.target)
    }
}

/// An address that a browser goes to and does not run.
pub(super) fn inert(target: &str) -> &str {
    if runs_as_script(target) { "/" } else { target }
}

/// Whether a browser would run the address instead of going there. Browsers skip leading blanks, and tabs and
/// line ends anywhere in the scheme.
fn runs_as_script(address: &str) -> bool {
    let scheme: String = address
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take_while(|c| *c != ':')
        .flat_map(char::to_lowercase)
        .take(12)
        .collect();
    matches!(scheme.as_str(), "javascript" | "data" | "vbscript" | "blob")
}

/// Posts `fields` to the application: by the script, or by the button.
#[derive(Debug, Template)]
#[template(path = "form_post.html")]
pub struct FormPost<'a> {
    pub ui: &'a Shell,
    pub application: &'a str,
    pub target: &'a str,
    pub fields: &'a [(&'a str, &'a str)],
}

impl FormPost<'_> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn action(&self) -> &str {
        inert(self.target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_whole_and_escaped_in_both_places() {
        let html = Continue {
            ui: &Shell::english(),
            application: Some("A"),
            target: "https://a.example/?x='1'&y=\"2\";z=<3>",
        }
        .render();
        let escaped = "https://a.example/?x=&#39;1&#39;&#38;y=&#34;2&#34;;z=&#60;3&#62;";
        assert!(html.contains(&format!(r#"content="0;url={escaped}""#)));
        assert!(html.contains(&format!(r#"href="{escaped}""#)));
    }

    #[test]
    fn a_target_that_would_run_is_not_written() {
        for target in
            ["javascript:alert(1)", " JavaScript:x", "java\nscript:x", "\u{1}javascript:x", "data:text/html,x"]
        {
            let html = Continue { ui: &Shell::english(), application: None, target }.render();
            assert!(html.contains(r#"content="0;url=/""#), "{target:?}");
            assert!(
                FormPost { ui: &Shell::english(), application: "A", target, fields: &[] }
                    .render()
                    .contains(r#"action="/""#)
            );
        }
        assert!(!runs_as_script("com.example.app:/callback") && !runs_as_script("/login/?x=javascript:1"));
    }

    #[test]
    fn the_posted_fields_are_whole() {
        let html = FormPost {
            ui: &Shell::english(),
            application: "A",
            target: "https://a.example/cb",
            fields: &[("code", "c"), ("state", "n;%2Froute\"<x>")],
        }
        .render();
        assert!(html.contains(r#"name="state" value="n;%2Froute&#34;&#60;x&#62;""#));
        assert!(html.contains(r#"<script src="/static/form-post."#));
        assert!(!html.contains("form_token"));
    }
}
