//! Forms with files, as browsers send them and as nobody should.

use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/form-data; boundary=----geckoformboundary1";

fn part(headers: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!("------geckoformboundary1\r\n{headers}\r\n\r\n").into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n");
    out
}

fn text(name: &str, value: &str) -> Vec<u8> {
    part(&format!("Content-Disposition: form-data; name=\"{name}\""), value.as_bytes())
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    let headers =
        format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\nContent-Type: image/png");
    part(&headers, content)
}

fn body(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"------geckoformboundary1--\r\n".to_vec()].concat()
}

#[track_caller]
fn refused(body: &[u8], why: BadMultipart) {
    assert_eq!(Multipart::parse(TYPE, body), Some(Err(why)), "{:?}", String::from_utf8_lossy(body));
}

#[track_caller]
fn read(body: &[u8]) -> Multipart<'_> {
    Multipart::parse(TYPE, body).unwrap().unwrap_or_else(|e| panic!("{e}: {:?}", String::from_utf8_lossy(body)))
}

#[test]
fn fields_and_files_are_read_as_browsers_send_them() {
    let bytes = body(&[text("form_token", "t=1&ü"), file("icon", b"\x89PNG\r\n\0--\r\n"), text("empty", "")]);
    let form = read(&bytes);
    assert_eq!((form.fields.first("form_token"), form.fields.first("empty")), (Some("t=1&ü"), Some("")));
    assert_eq!(form.file("icon"), Some(&b"\x89PNG\r\n\0--\r\n"[..]));
    assert_eq!((form.file("form_token"), form.fields.first("icon")), (None, None), "a file is no field");
}

#[test]
fn a_file_that_was_not_chosen_is_none() {
    let headers =
        "Content-Disposition: form-data; name=\"icon\"; filename=\"\"\r\nContent-Type: application/octet-stream";
    assert_eq!(read(&body(&[part(headers, b"")])).file("icon"), None);
}

#[test]
fn names_of_files_may_hold_anything_and_are_not_kept() {
    for name in ["日本.png", "a%22b.png", "a\\\"b.png", "a; name=\\\"x\\\".png", "", "../../etc/passwd"] {
        let headers = format!("content-disposition: form-data; name=\"icon\"; filename=\"{name}\"");
        assert_eq!(read(&body(&[part(&headers, b"x")])).file("icon"), Some(&b"x"[..]), "{name}");
    }
}

#[test]
fn another_media_type_is_no_form_with_files() {
    for other in ["application/x-www-form-urlencoded", "multipart/mixed; boundary=a", "multipart/form-datax", ""] {
        assert_eq!(Multipart::parse(other, b""), None);
    }
    let bytes = b"--a b--".to_vec();
    assert_eq!(
        Multipart::parse("Multipart/Form-Data; charset=x; boundary=\"a\"", b"--a--"),
        Some(Ok(Multipart::default()))
    );
    let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
    for bad in ["", "; boundary=", "; boundary=\"\"", "; boundary=\"a", "; boundary=a b", "; boundary=a; boundary=a"] {
        let content_type = format!("multipart/form-data{bad}");
        assert_eq!(Multipart::parse(&content_type, &bytes), Some(Err(BadMultipart::Boundary)), "{bad}");
    }
    assert_eq!(Multipart::parse(&long, &bytes), Some(Err(BadMultipart::Boundary)));
}

#[test]
fn the_frame_is_whole_or_refused() {
    let good = body(&[file("icon", b"data")]);
    read(&good);
    read(&good[..good.len() - 2]);
    for length in 0..good.len() - 2 {
        assert!(Multipart::parse(TYPE, &good[..length]).unwrap().is_err(), "{length}");
    }
    refused(&[b"preamble\r\n", good.as_slice()].concat(), BadMultipart::Frame);
    refused(&[good.as_slice(), b"epilogue"].concat(), BadMultipart::Frame);
    refused(&body(&[file("icon", b"a\r\n------geckoformboundary1x")]), BadMultipart::Frame);
    assert_eq!(read(&body(&[file("icon", b"a------geckoformboundary1")])).file("icon").unwrap().len(), 25);
}

#[test]
fn headers_are_few_short_and_say_one_thing() {
    refused(&body(&[part("Content-Disposition: form-data", b"")]), BadMultipart::Header);
    for headers in [
        "",
        "no colon",
        "Content-Type: text/plain",
        "Content-Disposition: attachment; name=\"a\"",
        "Content-Disposition: form-data; name=a",
        "Content-Disposition: form-data; name=\"\"",
        "Content-Disposition: form-data; name=\"a b\"",
        "Content-Disposition: form-data; name=\"a",
        "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
        "Content-Disposition: form-data; name=\"a\"; filename*=\"b\"",
        "Content-Disposition: form-data; name=\"a\" filename=\"b\"",
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"",
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=\"a\"\r\n folded",
    ] {
        refused(&body(&[part(headers, b"x")]), BadMultipart::Header);
    }
    let endless = format!("------geckoformboundary1\r\nX: {}", "x".repeat(100_000));
    refused(endless.as_bytes(), BadMultipart::Header);
}

#[test]
fn ten_thousand_parts_are_refused_and_a_few_are_read() {
    let parts = |count: usize| body(&(0..count).map(|n| text(&format!("f{n}"), "v")).collect::<Vec<_>>());
    assert_eq!(read(&parts(32)).fields.first("f31"), Some("v"));
    refused(&parts(33), BadMultipart::TooManyParts);
    refused(&parts(10_000), BadMultipart::TooManyParts);
}

#[test]
fn one_name_twice_is_told_of_fields_and_refused_of_files() {
    let fields = body(&[text("a", "1"), text("a", "2")]);
    assert!(read(&fields).fields.one("a").is_err());
    refused(&body(&[file("a", b"1"), file("a", b"2")]), BadMultipart::Duplicate);
}

proptest! {
    #[test]
    fn whatever_a_browser_can_send_is_read_back(
        fields in proptest::collection::vec(("[a-z_]{1,8}", "\\PC{0,20}"), 0..8),
        content in proptest::collection::vec(any::<u8>(), 1..400),
    ) {
        let mut parts: Vec<_> = fields.iter().map(|(n, v)| text(n, v)).collect();
        parts.insert(fields.len() / 2, file("picture", &content));
        let bytes = body(&parts);
        let form = Multipart::parse(TYPE, &bytes).unwrap().unwrap();
        prop_assert_eq!(form.file("picture"), Some(content.as_slice()));
        for (name, _) in &fields {
            let first = fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
            prop_assert_eq!(form.fields.first(name), first);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(content_type in "multipart/form-data(; ?boundary=\"?[a-c]{0,3}\"?){0,2}", bytes: Vec<u8>) {
        let _ = Multipart::parse(&content_type, &bytes);
    }

    #[test]
    fn nor_do_bytes_that_are_nearly_right(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "--a", "\r\n", "--", "Content-Disposition: form-data", "; name=\"x\"", "; filename=\"", "\"", "\\", ":", "é",
        ]), 0..30),
    ) {
        let _ = Multipart::parse("multipart/form-data; boundary=a", pieces.concat().as_bytes());
    }
}
