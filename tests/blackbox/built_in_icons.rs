//! Icons of our own: chosen on the pages and by command, stored with the application or not at all, served like uploads.

use std::path::Path;

use crate::support::chromium::Page;
use crate::support::disk::number;
use crate::support::inspect::inspect;
use crate::support::{Answer, Browser, HtmlForm, PASSWORD, Server};

const WIZARD: &str = "/if/admin/applications/new/";
const CREATE: &str = "/if/admin/applications/create/";
const AT: &str = "/if/admin/applications/1/";

fn house() -> (Server, Browser) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    let browser = Browser::signed_in(&server, "keeper");
    (server, browser)
}

/// What My applications shows on the only tile; a letter is no picture.
fn face(browser: &mut Browser) -> Option<Answer> {
    let page = browser.get("/").expect(200);
    let tile = page.body.split("class=\"tile\"").nth(1).unwrap_or_else(|| panic!("no tile: {page:?}"));
    let path = tile.split("</a>").next()?.split("src=\"").nth(1)?.split('"').next()?.to_owned();
    Some(browser.get(&path).expect(200))
}

fn file_of_ours(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("static/icons/{name}.svg"));
    std::fs::read_to_string(path).expect("an icon of ours")
}

#[track_caller]
fn shows(browser: &mut Browser, name: &str) {
    let icon = face(browser).expect("an icon");
    assert_eq!(icon.body, file_of_ours(name));
    assert_eq!(icon.header("Content-Type"), Some("image/svg+xml"));
    assert!(icon.header("Content-Security-Policy").is_some_and(|p| p.contains("sandbox")), "{icon:?}");
}

fn stored(server: &Server) -> i64 {
    number(&server.data(), "SELECT count(*) FROM icons")
}

#[test]
fn a_preset_chooses_one_in_the_wizard_and_another_can_be_chosen() {
    for (preset, chosen, expected) in
        [("portainer", None, "containers"), ("gravitee", None, "gateway"), ("portainer", Some("house"), "house")]
    {
        let (server, mut browser) = house();
        let page = browser.get(WIZARD).expect(200);
        let first = HtmlForm::find(&page, WIZARD).with("preset", preset).with("app_url", "https://it.home.example");
        let mut page = first.with("go", "next").send(&mut browser).expect(200);
        assert_ne!(HtmlForm::find(&page, WIZARD).value("icon"), "none", "{page:?}");
        for step in 0..4 {
            let mut form = HtmlForm::find(&page, WIZARD).with("go", "next");
            if let (0, Some(chosen)) = (step, chosen) {
                form = form.with("icon", chosen);
            }
            page = form.send(&mut browser).expect(200);
        }
        assert!(page.body.contains("<dt>Icon</dt>"), "the review says it: {page:?}");
        assert_eq!(stored(&server), 0, "nothing is stored before the end");
        HtmlForm::find(&page, WIZARD).with("go", "submit").send(&mut browser).expect(303);
        shows(&mut browser, expected);
    }
}

#[test]
fn an_unknown_name_is_refused_at_its_field_and_nothing_is_lost_or_stored() {
    let (server, mut browser) = house();
    let good = HtmlForm::find(&browser.get(CREATE).expect(200), CREATE).with("name", "Wiki").with("icon", "wiki");
    let answer = good.clone().with("icon", "../key").send(&mut browser).expect(422);
    assert!(answer.body.contains("id=\"icon-wrong\">There is no icon ../key."), "{answer:?}");
    assert_eq!(HtmlForm::find(&answer, CREATE).value("name"), "Wiki");
    good.send(&mut browser).expect(303);
    // Refused for another reason, after which the choice still stands.
    let answer = good_again(&mut browser).send(&mut browser).expect(422);
    assert!(answer.body.contains("id=\"slug-wrong\""), "{answer:?}");
    assert_eq!((HtmlForm::find(&answer, CREATE).value("icon"), stored(&server)), ("film", 1), "no picture of nothing");
}

fn good_again(browser: &mut Browser) -> HtmlForm {
    HtmlForm::find(&browser.get(CREATE).expect(200), CREATE).with("name", "Wiki").with("icon", "film")
}

#[test]
fn it_is_changed_and_removed_on_the_applications_page_and_an_uploaded_one_is_kept() {
    let (server, mut browser) = house();
    let form = HtmlForm::find(&browser.get(CREATE).expect(200), CREATE).with("name", "Wiki").with("icon", "wiki");
    form.with("launch_url", "https://wiki.home.example").send(&mut browser).expect(303);
    shows(&mut browser, "wiki");
    let edit = |browser: &mut Browser| HtmlForm::find(&browser.get(AT).expect(200), AT);
    assert_eq!(edit(&mut browser).value("icon"), "wiki");
    edit(&mut browser).with("icon", "music").send(&mut browser).expect(303);
    shows(&mut browser, "music");
    assert_eq!(stored(&server), 1, "the former one is gone");
    edit(&mut browser).with("name", "Songs").send(&mut browser).expect(303);
    shows(&mut browser, "music");
    edit(&mut browser).with("icon", "none").send(&mut browser).expect(303);
    assert!(face(&mut browser).is_none(), "a letter");
    assert_eq!(stored(&server), 0);
    // Uploaded by command, as by the page of uploads.
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"4\" fill=\"#f00\"/></svg>";
    let file = server.data().join("../icon.svg");
    std::fs::write(&file, svg).expect("a file");
    server.cli(&["app", "set", "wiki", "--icon-file", file.to_str().expect("a path")]).ok();
    assert_eq!(face(&mut browser).expect("an icon").body, svg);
    let form = edit(&mut browser);
    assert_eq!(form.value("icon"), "uploaded");
    form.with("publisher", "Somebody").send(&mut browser).expect(303);
    assert_eq!(face(&mut browser).expect("an icon").body, svg, "saving the rest keeps it");
    edit(&mut browser).with("icon", "chat").send(&mut browser).expect(303);
    shows(&mut browser, "chat");
    assert_eq!(stored(&server), 1);
}

#[test]
fn two_applications_may_show_the_same_one() {
    let (server, mut browser) = house();
    for name in ["One", "Two"] {
        server.cli(&["app", "create", name, "--no-provider", "--icon", "photos"]).ok();
    }
    assert_eq!(stored(&server), 1);
    server.cli(&["app", "delete", "one"]).ok();
    server.cli(&["app", "set", "two", "--launch-url", "https://two.home.example"]).ok();
    shows(&mut browser, "photos");
    server.cli(&["app", "delete", "two"]).ok();
    assert_eq!(stored(&server), 0);
}

#[test]
fn commands_choose_refuse_and_take_files_as_uploads_are_taken() {
    let (server, mut browser) = house();
    let create = |more: &[&str]| {
        let usual = ["app", "create", "Portainer", "--preset", "portainer", "--app-url", "https://p.home.example"];
        server.cli(&[&usual[..], more].concat())
    };
    let words = create(&["--icon", "no-such"]).refused(2);
    assert!(words.contains("--icon") && words.contains("containers") && words.contains("none"), "{words}");
    let file = |name: &str, bytes: &[u8]| {
        let path = server.data().join("..").join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let script = file("script.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>");
    let large = file("large.png", &[&b"\x89PNG\r\n\x1a\n"[..], &[7; 600_000]].concat());
    let text = file("text.png", b"no picture");
    for (path, words) in [(script, "holds a script"), (large, "512 KiB"), (text, "not a picture")] {
        let said = create(&["--icon-file", &path]).refused(2);
        assert!(said.contains("--icon-file") && said.contains(words), "{said}");
    }
    create(&["--icon-file", "/no/such/file"]).refused(1);
    create(&["--icon", "wiki", "--icon-file", "/no/such/file"]).refused(2);
    assert_eq!((server.cli(&["app", "list", "--json"]).ok().trim(), stored(&server)), ("[]", 0), "nothing is left");
    create(&["--icon", "none"]).ok();
    assert!(face(&mut browser).is_none());
    server.cli(&["app", "delete", "portainer"]).ok();
    create(&[]).ok();
    shows(&mut browser, "containers");
    server.cli(&["app", "set", "portainer", "--icon", "server"]).ok();
    shows(&mut browser, "server");
    server.cli(&["app", "set", "portainer", "--description", "Boxes"]).ok();
    shows(&mut browser, "server");
    server.cli(&["app", "set", "portainer", "--icon", "none"]).ok();
    assert!(face(&mut browser).is_none());
}

#[test]
fn the_choice_is_made_with_the_keyboard_and_is_named() {
    let (server, _) = house();
    let page = Page::open();
    server.cli(&["app", "create", "Wiki", "--no-provider", "--launch-url", "https://wiki.home.example"]).ok();
    page.go(&format!("{}{AT}", server.base));
    page.sign_in("keeper", PASSWORD);
    page.see("details.more[open] .icons");
    let named = "[...document.querySelectorAll('input[name=icon]')].every(e => e.labels[0].textContent.trim())";
    assert_eq!(page.js(named), true);
    assert_eq!(page.js("document.querySelectorAll('input[name=icon]').length"), 17);
    let shown = "[...document.querySelectorAll('.icons img')].every(e => e.naturalWidth > 0)";
    assert_eq!(page.js(&format!("{shown}, {shown}")), true);
    // Radio buttons of the browser's own: one stop for the tab key, arrows move the choice.
    page.js("document.querySelector('input[name=icon]:checked').focus()");
    page.key("ArrowDown", 40);
    assert_eq!(page.js("document.querySelector('input[name=icon]:checked').value"), "calendar");
    inspect(&page, "icon-choice");
    page.is_clean(&[&server.base]);
}
