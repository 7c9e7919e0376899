//! The meter beside a new password, in real Chromium: what it shows, what a screen reader is told, and the form without it.

use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{PASSWORD, Server};

const AT: &str = "/if/user/password/";
const NEW: &str = "seven quiet herons at dusk";

fn at_the_form(page: &Page) -> Server {
    let server = Server::start();
    server.alice();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("alice", PASSWORD);
    page.go(&format!("{}{AT}", server.base));
    server
}

/// Whether the meter shows, where it stands, and the words beside it.
fn meter(page: &Page) -> (bool, i64, String) {
    let shown = page.js("document.querySelector('meter').checkVisibility()").as_bool().expect("a meter");
    let value = page.js("document.querySelector('meter').value").as_i64().expect("a value");
    (
        shown,
        value,
        page.js("document.querySelector('.strength [role=status]').textContent").as_str().expect("words").into(),
    )
}

#[test]
fn it_tells_a_short_password_from_a_long_one_for_eyes_and_ears() {
    let page = Page::open();
    let server = at_the_form(&page);
    assert!(!meter(&page).0, "nothing is typed");
    for (typed, value, words) in
        [("short", 1, "short"), ("aaaaaaaaaaaaaaaaaaaaaaaa", 1, "short"), ("a longer one", 2, "fair"), (NEW, 3, "long")]
    {
        page.fill("#password", typed);
        assert_eq!(meter(&page), (true, value, words.to_owned()), "{typed}");
    }
    // The meter has a name, and its words are told as they change: a polite live region, which is there from the start.
    assert_eq!(page.js("document.querySelector('meter').getAttribute('aria-label')"), "Length and variety");
    let told = "(() => {
        const words = document.querySelector('.strength [role=status]');
        window.told = [];
        new MutationObserver(() => told.push(words.textContent)).observe(words, { childList: true });
        return words.checkVisibility();
    })()";
    assert_eq!(page.js(told), true);
    for typed in ["short", "shorter", "a longer one", "a longer one!", NEW] {
        page.fill("#password", typed);
    }
    assert_eq!(page.js("window.told"), serde_json::json!(["short", "fair", "long"]), "once for each change");
    inspect(&page, "strength");
    page.fill("#password", "");
    page.js("document.querySelector('#password').dispatchEvent(new Event('input', { bubbles: true }))");
    // What it calls long may be common still: that is the server's to say.
    page.fill("#present", PASSWORD);
    for field in ["#password", "#password_again"] {
        page.fill(field, "passwordpasswordpassword");
    }
    page.press("#save");
    page.see("#password-wrong");
    for (field, text) in [("#present", PASSWORD), ("#password", NEW), ("#password_again", NEW)] {
        page.fill(field, text);
    }
    page.press("#save");
    page.see("#notice");
    page.is_clean(&[&server.base]);
}

#[test]
fn without_scripts_the_form_works_and_no_meter_shows() {
    let page = Page::without_scripts();
    let server = at_the_form(&page);
    page.allow_scripts(true);
    assert!(!meter(&page).0);
    page.allow_scripts(false);
    for (field, text) in [("#present", PASSWORD), ("#password", NEW), ("#password_again", NEW)] {
        page.fill(field, text);
    }
    page.press("#save");
    page.see("#notice");
    page.go(&format!("{}/logout/", server.base));
    page.press("#logout-confirm");
    page.go(&format!("{}/login/", server.base));
    page.sign_in("alice", NEW);
    page.see("main.page");
}
