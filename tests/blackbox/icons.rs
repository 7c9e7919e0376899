//! Uploaded pictures: what is taken and what is refused, how they are served, who may change them, and that those
//! nobody shows any more are gone.

use crate::support::chromium::Page;
use crate::support::inspect::inspect;
use crate::support::{Answer, App, Browser, HtmlForm, PASSWORD, Server};

const ICON: &str = "/if/admin/applications/1/icon/";
const LOGO: &str = "/if/admin/settings/logo/";
const OWN: &str = "/if/user/picture/";

fn png(size: usize) -> Vec<u8> {
    let mut bytes =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\x01IDAT".to_vec();
    bytes.resize(size, 7);
    bytes
}

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x04AB\xff\xc2\0\x11\x08\0\x40\0\x40\x03";
const WEBP: &[u8] = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x3f\0\0\x3f\0\0";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"4\" fill=\"#f00\"/></svg>";
const SVG_WITH_SCRIPT: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

fn house() -> (Server, App, Browser) {
    let server = Server::start();
    server.user("keeper", &["--admin"]);
    server.alice();
    let app = server.app("Wiki", &["--redirect-uri", "https://wiki.example/callback"]);
    let browser = Browser::signed_in(&server, "keeper");
    (server, app, browser)
}

/// Posts a form with one file as a browser does. The server believes neither the name nor the type.
fn post(browser: &mut Browser, path: &str, token: &str, file: &[u8]) -> Answer {
    let cookies: Vec<String> = browser.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let mut body = format!(
        "--xx\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n--xx\r\nContent-Disposition: \
         form-data; name=\"file\"; filename=\"icon.png\"\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--xx--\r\n");
    let base = browser.base().to_owned();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {base}\r\nCookie: {}\r\nContent-Type: multipart/form-data; \
         boundary=xx\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        base.split_once("://").expect("a base URL").1,
        cookies.join("; "),
        body.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&body);
    browser.http.raw(&bytes)
}

/// Uploads through the page that stands there.
fn upload(browser: &mut Browser, path: &str, file: &[u8]) -> Answer {
    let page = browser.get(path).expect(200);
    let token = HtmlForm::find(&page, path).value("form_token").to_owned();
    post(browser, path, &token, file)
}

/// Where the picture on a page is served.
fn shown(browser: &mut Browser, path: &str) -> Option<String> {
    let page = browser.get(path).expect(200);
    let after = page.body.split("class=\"face\" src=\"").nth(1)?;
    after.split('"').next().map(str::to_owned)
}

fn remove(browser: &mut Browser, path: &str) {
    let page = browser.get(path).expect(200);
    HtmlForm::find(&page, path).with("remove", "on").send(browser).expect(303);
}

#[test]
fn each_kind_of_picture_is_taken_and_served_as_what_it_is() {
    let (server, _, mut browser) = house();
    for (file, content_type) in [
        (png(900), "image/png"),
        (JPEG.to_vec(), "image/jpeg"),
        (WEBP.to_vec(), "image/webp"),
        (SVG.to_vec(), "image/svg+xml"),
    ] {
        let done = upload(&mut browser, ICON, &file).expect(303);
        assert_eq!(done.location(), "/if/admin/applications/1/");
        let address = shown(&mut browser, ICON).expect("an icon");
        let icon = server.http().get(&address).expect(200);
        assert_eq!(icon.header("Content-Type"), Some(content_type));
        let csp = icon.header("Content-Security-Policy").expect("a policy");
        assert!(csp.starts_with("default-src 'none';") && csp.ends_with("; sandbox"), "{csp}");
        assert_eq!(icon.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(icon.header("Content-Disposition"), Some("inline"));
        assert_eq!(icon.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert!(icon.header("Set-Cookie").is_none());
    }
    let home = browser.get("/").expect(200);
    assert!(home.body.contains(&shown(&mut browser, ICON).expect("an icon")), "among My applications");
    let set = server.events().into_iter().filter(|e| e["kind"] == "application_icon_set").count();
    assert_eq!(set, 4);
}

#[test]
fn what_is_no_picture_is_refused_in_words_and_what_was_there_stays() {
    let (_server, _, mut browser) = house();
    upload(&mut browser, ICON, &png(900)).expect(303);
    let before = shown(&mut browser, ICON);
    for (file, words) in [
        (SVG_WITH_SCRIPT, "The SVG holds a script."),
        (b"<!doctype html><script>alert(1)</script>", "not a picture of a kind that is taken"),
        (b"GIF89a", "not a picture of a kind that is taken"),
        (b"", "No file was chosen."),
        (&png(30), "damaged or not whole"),
        (&png((512 << 10) + 1), "larger than 512 KiB"),
    ] {
        let page = upload(&mut browser, ICON, file).expect(422);
        assert!(page.body.contains(words), "{words}: {page:?}");
        assert!(page.body.contains("id=\"file-wrong\"") && page.body.contains("aria-invalid"), "{page:?}");
    }
    assert_eq!(shown(&mut browser, ICON), before);
    upload(&mut browser, ICON, &png(512 << 10)).expect(303);
    assert_ne!(shown(&mut browser, ICON), before, "one at the limit is taken");
}

#[test]
fn a_body_that_no_picture_could_need_is_refused_by_the_edge() {
    let (_server, _, mut browser) = house();
    assert_eq!(post(&mut browser, ICON, "x", &png(600 << 10)).status, 413);
    assert_eq!(post(&mut browser, "/if/admin/groups/new/", "x", &png(66 << 10)).status, 413);
}

#[test]
fn an_upload_needs_the_right_and_the_form() {
    let (server, _, mut browser) = house();
    let own = browser.get(ICON).expect(200);
    let token = HtmlForm::find(&own, ICON).value("form_token").to_owned();
    for bad in ["", "x"] {
        let answer = post(&mut browser, ICON, bad, &png(900));
        assert!(answer.status >= 400, "{answer:?}");
    }
    let mut alice = Browser::signed_in(&server, "alice");
    assert_eq!(post(&mut alice, ICON, &token, &png(900)).status, 403);
    assert_eq!(alice.get(LOGO).status, 403);
    let stranger = post(&mut Browser::new(&server), OWN, &token, &png(900));
    assert!(stranger.status >= 300 && stranger.status != 303, "{stranger:?}");
    assert_eq!(shown(&mut browser, ICON), None, "nothing came of it");
    post(&mut browser, ICON, &token, &png(900)).expect(303);
}

#[test]
fn a_picture_that_nobody_shows_any_more_is_gone() {
    let (server, _, mut browser) = house();
    let file = png(900);
    upload(&mut browser, ICON, &file).expect(303);
    upload(&mut browser, LOGO, &file).expect(303);
    upload(&mut browser, OWN, &file).expect(303);
    let address = shown(&mut browser, ICON).expect("an icon");
    let is_there = || server.http().get(&address).status == 200;
    assert_eq!(shown(&mut browser, OWN).as_deref(), Some(address.as_str()), "stored once");
    remove(&mut browser, LOGO);
    remove(&mut browser, OWN);
    assert!(is_there(), "the application shows it still");
    upload(&mut browser, ICON, SVG).expect(303);
    assert!(!is_there());
    let address = shown(&mut browser, ICON).expect("an icon");
    server.cli(&["app", "delete", "wiki"]).ok();
    assert_eq!(server.http().get(&address).status, 404, "it went with its application");
}

#[test]
fn a_picture_is_told_to_applications() {
    let (server, app, _) = house();
    let mut alice = Browser::signed_in(&server, "alice");
    let tokens = app.tokens(&mut alice, "openid profile");
    assert!(tokens.id_claims().get("picture").is_none());
    let refused = upload(&mut alice, OWN, SVG).expect(422);
    assert!(refused.body.contains("An SVG cannot be somebody&#39;s picture."), "{refused:?}");
    upload(&mut alice, OWN, JPEG).expect(303);
    let address = shown(&mut alice, OWN).expect("a picture");
    let tokens = app.tokens(&mut alice, "openid profile");
    assert_eq!(tokens.id_claims()["picture"], format!("{}{address}", server.base));
    let told = app.userinfo(&server.http(), &tokens.access).json();
    assert_eq!(told["picture"], format!("{}{address}", server.base));
    let icon = server.http().get(&address).expect(200);
    assert_eq!(icon.header("Cross-Origin-Resource-Policy"), Some("cross-origin"), "applications may show it");
}

#[test]
fn the_logo_stands_where_the_brand_is() {
    let (_server, _, mut browser) = house();
    upload(&mut browser, LOGO, SVG).expect(303);
    let address = shown(&mut browser, LOGO).expect("a logo");
    for page in ["/", LOGO] {
        assert!(browser.get(page).body.contains(&format!("<img class=\"logo\" src=\"{address}\" alt=\"\"")), "{page}");
    }
    remove(&mut browser, LOGO);
    assert!(!browser.get("/").body.contains("class=\"logo\""));
}

#[test]
fn static_files_are_compressed_for_those_who_take_it() {
    let server = Server::start();
    let page = server.http().get("/login/");
    let look =
        page.body.split("href=\"").find(|p| p.contains("look.")).and_then(|p| p.split('"').next()).expect("a sheet");
    let plain = server.http().get_with(look, &[("Accept-Encoding", "gzip;q=0, br")]).expect(200);
    let small = server.http().get_with(look, &[("Accept-Encoding", "br, gzip")]).expect(200);
    let length = |a: &Answer| a.header("Content-Length").and_then(|l| l.parse::<usize>().ok()).expect("a length");
    assert!(length(&small) * 3 < length(&plain), "{} of {}", length(&small), length(&plain));
    assert_eq!((small.header("Content-Encoding"), plain.header("Content-Encoding")), (Some("gzip"), None));
    for answer in [&plain, &small] {
        assert_eq!(answer.header("Vary"), Some("Accept-Encoding"));
        assert_eq!(answer.header("Content-Type"), Some("text/css; charset=utf-8"));
    }
    assert!(plain.body.contains(":root"));
}

#[test]
fn in_chromium_a_picture_is_chosen_and_uploaded() {
    let (server, ..) = house();
    let page = Page::open();
    page.go(&format!("{}/login/", server.base));
    page.sign_in("keeper", PASSWORD);
    page.go(&format!("{}{LOGO}", server.base));
    page.js(
        "(() => { const svg = '<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><circle r=\"9\"/></svg>'; \
         const files = new DataTransfer(); files.items.add(new File([svg], 'it is.svg', { type: 'image/svg+xml' })); \
         document.getElementById('file').files = files.files; })()",
    );
    page.press("form.upload .primary");
    page.go(&format!("{}{LOGO}", server.base));
    page.see("form.upload img.face");
    assert_eq!(page.js("document.querySelector('.bar .logo').naturalWidth > 0"), true, "the logo is drawn");
    inspect(&page, "upload");
    page.press("form.upload .danger");
    page.go(&format!("{}{LOGO}", server.base));
    assert!(!page.has(".bar .logo") && !page.has("form.upload img.face"));
    page.is_clean(&[&server.base]);
}
