//! Errors that end at a page of our own: what happened, what can be done next, and the request id that finds
//! the whole story in the log.

use std::borrow::Cow;

use askama::Template;

use super::filters;
use super::notice::Link;
use super::shell::Shell;
use crate::domain::symptom::Symptom;
use crate::words::Words;

/// An error in words.
#[derive(Debug)]
pub struct ErrorPage<'a> {
    pub status: u16,
    title: Words,
    /// What happened, in a sentence.
    pub what: Words,
    /// What was received, shown as inert text.
    received: Option<Received<'a>>,
    /// What can be done next, in a sentence.
    next: Words,
    /// For a signed-in administrator only.
    mend: Option<Mend<'a>>,
    link: Option<Link<'a>>,
    /// Where the help page tells of it.
    help: Symptom,
    request_id: &'a str,
}

/// A value from the request.
#[derive(Debug, Clone, Copy)]
struct Received<'a> {
    /// The key of what it is: `Redirect URI received`.
    label: &'static str,
    value: &'a str,
}

/// What is registered instead, and how what was received could be.
#[derive(Debug, Clone)]
pub struct Mend<'a> {
    pub application_id: i64,
    pub slug: &'a str,
    pub registered: Vec<&'a str>,
}

#[derive(Debug, Template)]
#[template(path = "error_page.html")]
struct Page<'a> {
    ui: &'a Shell,
    page: &'a ErrorPage<'a>,
    request_id: &'a str,
}

impl<'a> ErrorPage<'a> {
    /// The status is the answer's too: `Response::html(page.status, page.render(ui))`.
    pub fn render(&self, ui: &Shell) -> String {
        super::html(&Page { ui, page: self, request_id: self.request_id })
    }

    /// `keys` are those of the title and of what can be done next.
    fn new(status: u16, keys: [&'static str; 2], what: Words, help: Symptom, request_id: &'a str) -> Self {
        let [title, next] = keys.map(Words::new);
        Self { status, title, what, received: None, next, mend: None, link: None, help, request_id }
    }

    fn received(self, label: &'static str, value: &'a str) -> Self {
        Self { received: Some(Received { label, value }), ..self }
    }

    fn link(self, href: &'a str, text: &'static str) -> Self {
        Self { link: Some(Link { href, text }), ..self }
    }

    /// 400: no application has this client ID.
    pub fn unknown_client(client_id: Option<&'a str>, request_id: &'a str) -> Self {
        let keys = ["error-client", "error-client-next"];
        let page = |what| Self::new(400, keys, Words::new(what), Symptom::UNKNOWN_CLIENT, request_id);
        match client_id {
            Some(id) => page("error-client-unknown").received("error-client-received", id),
            None => page("error-client-missing"),
        }
    }

    /// 400: the application is known, the redirect URI is not one of its own. `mend` is for administrators.
    pub fn bad_redirect_uri(
        application: &str,
        received: Option<&'a str>,
        mend: Option<Mend<'a>>,
        request_id: &'a str,
    ) -> Self {
        let (title, what) = match received {
            Some(_) => ("error-redirect-unregistered", "error-redirect-unregistered-what"),
            None => ("error-redirect-missing", "error-redirect-missing-what"),
        };
        let what = Words::new(what).with("application", application);
        let page =
            Self { mend, ..Self::new(400, [title, "error-redirect-next"], what, Symptom::REDIRECT_URI, request_id) };
        match received {
            Some(uri) => page.received("error-redirect-received", uri),
            None => page,
        }
    }

    /// 400: the redirect URI was sent twice.
    pub fn redirect_uri_twice(mend: Option<Mend<'a>>, request_id: &'a str) -> Self {
        let what = Words::new("error-redirect-twice");
        let keys = ["error-request", "error-redirect-next"];
        Self { mend, ..Self::new(400, keys, what, Symptom::REDIRECT_URI, request_id) }
    }

    /// 400: the client id was sent twice.
    pub fn client_id_twice(request_id: &'a str) -> Self {
        let keys = ["error-request", "error-request-next"];
        Self::new(400, keys, Words::new("error-client-twice"), Symptom::UNKNOWN_CLIENT, request_id)
            .link("/", "open-my-applications")
    }

    /// 400: the application pushed its request, and it is not there any more.
    pub fn pushed_request_gone(request_id: &'a str) -> Self {
        let keys = ["error-pushed", "error-request-next"];
        Self::new(400, keys, Words::new("error-pushed-what"), Symptom::SIGN_IN_OVER, request_id)
    }

    /// 400: the request is a signed object, and it is not right.
    pub fn request_object(request_id: &'a str) -> Self {
        let keys = ["error-request", "error-object-next"];
        Self::new(400, keys, Words::new("error-object-what"), Symptom::REQUEST_ID, request_id)
    }

    /// 403: a form whose token or origin is not ours.
    pub fn form_expired(request_id: &'a str) -> Self {
        let keys = ["error-form", "error-form-next"];
        Self::new(403, keys, Words::new("error-form-what"), Symptom::FORM_EXPIRED, request_id)
            .link("/", "open-my-applications")
    }

    /// 403: the session ended while a form was filled in.
    pub fn signed_out(request_id: &'a str) -> Self {
        let keys = ["error-signed-out", "error-signed-out-next"];
        Self::new(403, keys, Words::new("error-signed-out-what"), Symptom::SIGNED_OUT, request_id)
            .link("/login/", "sign-in")
    }

    /// 403: a page of the Admin interface.
    pub fn not_administrator(request_id: &'a str) -> Self {
        let what = Words::new("error-not-administrator-what");
        let keys = ["error-not-administrator", "error-not-administrator-next"];
        Self::new(403, keys, what, Symptom::NOT_ADMINISTRATOR, request_id).link("/", "open-my-applications")
    }

    /// 422: something that cannot be done, with the reason.
    pub fn refused(why: Words, request_id: &'a str) -> Self {
        Self::new(422, ["error-refused", "error-refused-next"], why, Symptom::REFUSED, request_id)
    }

    /// 404.
    pub fn not_found(request_id: &'a str) -> Self {
        let keys = ["error-not-found", "error-not-found-next"];
        Self::new(404, keys, Words::new("error-not-found-what"), Symptom::NOT_FOUND, request_id)
            .link("/", "open-my-applications")
    }

    /// 421: the page was asked for under a host that is not ours.
    pub fn wrong_host(host: &'a str, base_url: &'a str, request_id: &'a str) -> Self {
        let what = Words::new("error-host-what").with("url", base_url);
        Self::new(421, ["error-host", "error-host-next"], what, Symptom::OTHER_ADDRESS, request_id)
            .received("error-host-received", host)
            .link(base_url, "error-host-open")
    }

    /// 400: a form that was sent in the clear.
    pub fn in_the_clear(base_url: &'a str, request_id: &'a str) -> Self {
        let what = Words::new("error-clear-what").with("url", base_url);
        Self::new(400, ["error-clear", "error-clear-next"], what, Symptom::IN_THE_CLEAR, request_id)
            .link(base_url, "error-host-open")
    }

    /// 503: more work than can be done at once.
    pub fn busy(request_id: &'a str) -> Self {
        let keys = ["error-busy", "error-busy-next"];
        Self::new(503, keys, Words::new("error-busy-what"), Symptom::BUSY, request_id)
    }

    /// 500: our own mistake; the log has the details under the request id.
    pub fn internal(request_id: &'a str) -> Self {
        let keys = ["error-internal", "error-internal-next"];
        Self::new(500, keys, Words::new("error-internal-what"), Symptom::INTERNAL, request_id)
    }

    /// The command that registers what was received, when it is one that is safe to paste. Each option has a line
    /// of its own, so that a phone breaks none of them.
    fn mend_command(&self) -> Option<String> {
        let (mend, received) = (self.mend.as_ref()?, self.received?);
        Some(format!(
            "latchkey app set {} \\\n  --redirect-uri {}",
            shell_word(mend.slug)?,
            shell_word(received.value)?
        ))
    }
}

/// A word for a shell, quoted if it must be. Only for plain ASCII that begins with a letter or digit: anything
/// else (an option in disguise, invisible characters) is not offered for pasting at all.
fn shell_word(word: &str) -> Option<Cow<'_, str>> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/@%+=,".contains(&b);
    if !word.as_bytes().first()?.is_ascii_alphanumeric() || !word.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    if word.bytes().all(plain) {
        return Some(word.into());
    }
    Some(format!("'{}'", word.replace('\'', r"'\''")).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect<'a>(received: &'a str, mend: Option<Mend<'a>>) -> ErrorPage<'a> {
        ErrorPage::bad_redirect_uri("Portainer", Some(received), mend, "r-1")
    }

    #[test]
    fn a_visitor_sees_what_was_received_and_nothing_that_is_registered() {
        let html = redirect("https://evil.example/<script>", None).render(&Shell::english());
        assert!(html.contains("https://evil.example/&#60;script&#62;") && html.contains("r-1"));
        assert!(!html.contains("latchkey app set") && !html.contains("evil.example/<script>"));
        assert!(!html.contains("href=\"https://evil"));
    }

    #[test]
    fn an_administrator_sees_what_is_registered_and_a_safe_command() {
        let mend = Mend { application_id: 7, slug: "portainer", registered: vec!["https://p.example/"] };
        let html = redirect("https://p.example/?a=1;b'$(x)", Some(mend)).render(&Shell::english());
        assert!(html.contains("https://p.example/</code>"));
        assert!(html.contains("href=\"/if/admin/applications/7/\""));
        assert!(html.contains(
            "latchkey app set portainer \\\n  --redirect-uri &#39;https://p.example/?a=1;b&#39;\\&#39;&#39;$(x)&#39;"
        ));
    }

    #[test]
    fn words_for_the_shell_are_quoted_or_not_offered() {
        assert_eq!(shell_word("https://a.example:1/x").as_deref(), Some("https://a.example:1/x"));
        assert_eq!(shell_word("http://a/?x=1&y=2").as_deref(), Some("'http://a/?x=1&y=2'"));
        for bad in ["", "--help", "https://a/\nrm", "https://a/\u{202e}", "https://é/", "a b"] {
            assert_eq!(shell_word(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn statuses_are_those_of_the_answers() {
        assert_eq!(ErrorPage::not_found("r").status, 404);
        assert_eq!(ErrorPage::wrong_host("h", "https://b", "r").status, 421);
        assert_eq!(ErrorPage::busy("r").status, 503);
        assert_eq!(ErrorPage::internal("r").status, 500);
        assert!(
            ErrorPage::wrong_host("h", "https://auth.example", "r")
                .render(&Shell::english())
                .contains(r#"href="https://auth.example""#)
        );
    }
}
