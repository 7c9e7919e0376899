//! Errors that end at a page of our own: what happened, what can be done next, and the request id that finds
//! the whole story in the log.

use std::borrow::Cow;

use askama::Template;

use super::filters;
use super::notice::Link;

/// An error in words. The status is the answer's too: `Response::html(page.status, page.render())`.
#[derive(Debug, Template)]
#[template(path = "error_page.html")]
pub struct ErrorPage<'a> {
    pub status: u16,
    pub title: Cow<'a, str>,
    /// What happened, in a sentence.
    pub what: Cow<'a, str>,
    /// What was received, shown as inert text.
    pub received: Option<Received<'a>>,
    /// What can be done next, in a sentence.
    pub next: Cow<'a, str>,
    /// For a signed-in administrator only.
    pub mend: Option<Mend<'a>>,
    pub link: Option<Link<'a>>,
    pub request_id: &'a str,
}

/// A value from the request.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// What it is: `Redirect URI received`.
    pub label: &'a str,
    pub value: &'a str,
}

/// What is registered instead, and the command that would register what was received.
#[derive(Debug, Clone)]
pub struct Mend<'a> {
    pub slug: &'a str,
    pub registered: Vec<&'a str>,
}

impl<'a> ErrorPage<'a> {
    pub fn render(&self) -> String {
        super::html(self)
    }

    fn new(status: u16, title: &'a str, what: impl Into<Cow<'a, str>>, next: &'a str, request_id: &'a str) -> Self {
        Self {
            status,
            title: title.into(),
            what: what.into(),
            received: None,
            next: next.into(),
            mend: None,
            link: None,
            request_id,
        }
    }

    fn received(self, label: &'a str, value: &'a str) -> Self {
        Self { received: Some(Received { label, value }), ..self }
    }

    fn link(self, href: &'a str, text: &'a str) -> Self {
        Self { link: Some(Link { href, text }), ..self }
    }

    /// 400: no application has this client ID.
    pub fn unknown_client(client_id: Option<&'a str>, request_id: &'a str) -> Self {
        let page = |what: &'static str| {
            Self::new(
                400,
                "This application is not known here",
                what,
                "Go back to the application and try again. If it stays like this, its administrator should compare \
                 its Client ID with the one that Latchkey shows.",
                request_id,
            )
        };
        match client_id {
            Some(id) => page("An application sent you here with a Client ID that is not registered.")
                .received("Client ID received", id),
            None => page("An application sent you here without saying which one it is: its request has no Client ID."),
        }
    }

    /// 400: the application is known, the redirect URI is not one of its own. `mend` is for administrators.
    pub fn bad_redirect_uri(
        application: &str,
        received: Option<&'a str>,
        mend: Option<Mend<'a>>,
        request_id: &'a str,
    ) -> Self {
        let page = Self::new(
            400,
            if received.is_some() { "The redirect URI is not registered" } else { "The redirect URI is missing" },
            match received {
                Some(_) => format!("{application} asked to send you back to an address that is not registered for it."),
                None => format!("{application} did not say where to send you back: its request has no redirect URI."),
            },
            "Nothing was sent anywhere. Show this page to your administrator: what the application sends has to match \
             a registered redirect URI exactly, down to the last slash.",
            request_id,
        );
        let page = Self { mend, ..page };
        match received {
            Some(uri) => page.received("Redirect URI received", uri),
            None => page,
        }
    }

    /// 400: a request that makes no sense, in the caller's words.
    pub fn bad_request(what: impl Into<Cow<'a, str>>, request_id: &'a str) -> Self {
        Self::new(400, "This request cannot be answered", what, "Go back and start again.", request_id)
            .link("/", "Open My applications")
    }

    /// 403: a form whose token or origin is not ours.
    pub fn form_expired(request_id: &'a str) -> Self {
        Self::new(
            403,
            "This form is no longer valid",
            "The page had been open for too long, or you signed in or out in another tab meanwhile. Nothing was changed.",
            "Go back, load the page again and repeat what you did.",
            request_id,
        )
        .link("/", "Open My applications")
    }

    /// 403: the session ended while a form was filled in.
    pub fn signed_out(request_id: &'a str) -> Self {
        Self::new(
            403,
            "You are signed out",
            "Your session ended while you filled in the form, so nothing was changed.",
            "Sign in, then come back here with your browser's Back button: what you typed is still there.",
            request_id,
        )
        .link("/login/", "Sign in")
    }

    /// 403: a page of the Admin interface.
    pub fn not_administrator(request_id: &'a str) -> Self {
        Self::new(
            403,
            "This page is for administrators",
            "You are signed in, but your account has no administrator's right.",
            "If you need it, ask an administrator to give it to you.",
            request_id,
        )
        .link("/", "Open My applications")
    }

    /// 422: something that cannot be done, with the reason.
    pub fn refused(what: &str, request_id: &'a str) -> Self {
        Self::new(422, "This cannot be done", what.to_owned(), "Go back; nothing was changed.", request_id)
    }

    /// 404.
    pub fn not_found(request_id: &'a str) -> Self {
        Self::new(
            404,
            "There is no such page",
            "The address may be mistyped, or the page is gone.",
            "Check the address, or go on from your applications.",
            request_id,
        )
        .link("/", "Open My applications")
    }

    /// 421: the page was asked for under a host that is not ours.
    pub fn wrong_host(host: &'a str, base_url: &'a str, request_id: &'a str) -> Self {
        Self::new(
            421,
            "Latchkey has another address",
            format!("You came here under a name that Latchkey does not use. Its address is {base_url}, and signing in works only there."),
            "Go on at that address. To move Latchkey to another one, the administrator starts it with --url.",
            request_id,
        )
        .received("Host received", host)
        .link(base_url, "Open Latchkey")
    }

    /// 503: more work than can be done at once.
    pub fn busy(request_id: &'a str) -> Self {
        Self::new(
            503,
            "Too busy right now",
            "More people are asking than this server can answer at once.",
            "Wait a few seconds, then load the page again.",
            request_id,
        )
    }

    /// 500: our own mistake; the log has the details under the request id.
    pub fn internal(request_id: &'a str) -> Self {
        Self::new(
            500,
            "Something went wrong here",
            "Latchkey met a problem of its own. It is not your doing.",
            "Try again. If it happens again, give your administrator the request number below: it finds the reason in the log.",
            request_id,
        )
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
        let html = redirect("https://evil.example/<script>", None).render();
        assert!(html.contains("https://evil.example/&#60;script&#62;") && html.contains("r-1"));
        assert!(!html.contains("latchkey app set") && !html.contains("evil.example/<script>"));
        assert!(!html.contains("href=\"https://evil"));
    }

    #[test]
    fn an_administrator_sees_what_is_registered_and_a_safe_command() {
        let mend = Mend { slug: "portainer", registered: vec!["https://p.example/"] };
        let html = redirect("https://p.example/?a=1;b'$(x)", Some(mend)).render();
        assert!(html.contains("https://p.example/</code>"));
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
            ErrorPage::wrong_host("h", "https://auth.example", "r").render().contains(r#"href="https://auth.example""#)
        );
    }
}
