//! What is a picture and what only says so.

use proptest::prelude::*;

use super::*;

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(b"\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\x01IDAT\0\0\0\0\0");
    bytes
}

fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc4\0\x03\0\xff\xc2\0\x11\x08".to_vec();
    bytes.extend_from_slice(&height.to_be_bytes());
    bytes.extend_from_slice(&width.to_be_bytes());
    bytes
}

fn webp(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [b"RIFF\x20\0\0\0WEBP", &kind[..], b"\x0a\0\0\0", data].concat()
}

fn svg(inside: &str) -> Vec<u8> {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{inside}</svg>")
        .into()
}

fn icon(bytes: &[u8]) -> Result<Format, BadIcon> {
    inspect(bytes, Purpose::Icon)
}

#[track_caller]
fn taken(inside: &str) {
    assert_eq!(icon(&svg(inside)), Ok(Format::Svg), "{inside}");
}

#[track_caller]
fn refused(inside: &str, why: BadSvg) {
    assert_eq!(icon(&svg(inside)), Err(BadIcon::Svg(why)), "{inside}");
}

#[test]
fn pictures_are_known_by_their_content() {
    assert_eq!(icon(&png(64, 64)), Ok(Format::Png));
    assert_eq!(icon(&jpeg(64, 64)), Ok(Format::Jpeg));
    assert_eq!(icon(&webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x40\0\x40\0")), Ok(Format::WebP));
    assert_eq!(icon(&webp(b"VP8L", b"\x2f\x3f\xc0\x0f\0\0\0\0\0\0")), Ok(Format::WebP));
    assert_eq!(icon(&webp(b"VP8X", b"\0\0\0\0\x3f\0\0\x3f\0\0")), Ok(Format::WebP));
    assert_eq!(icon(&svg("<path d='M0 0'/>")), Ok(Format::Svg));
    for other in [&b"GIF89a"[..], b"BM", b"<!doctype html><p>", b"PK\x03\x04", b"%PDF-1.7", b"\0\0\x01\0", b"hello"] {
        assert_eq!(icon(other), Err(BadIcon::Unknown));
    }
    assert_eq!(icon(b""), Err(BadIcon::Empty));
}

#[test]
fn people_have_pictures_made_of_pixels() {
    assert_eq!(inspect(&png(1, 1), Purpose::Portrait), Ok(Format::Png));
    assert_eq!(inspect(&svg(""), Purpose::Portrait), Err(BadIcon::NoSvgHere));
}

#[test]
fn sides_are_bounded() {
    for (width, height, expected) in [
        (4096, 4096, Ok(Format::Png)),
        (4097, 1, Err(BadIcon::TooManyPixels)),
        (1, u32::MAX, Err(BadIcon::TooManyPixels)),
        (0, 1, Err(BadIcon::Broken)),
    ] {
        assert_eq!(icon(&png(width, height)), expected, "{width} {height}");
    }
    assert_eq!(icon(&jpeg(4097, 1)), Err(BadIcon::TooManyPixels));
    assert_eq!(icon(&jpeg(1, 0)), Err(BadIcon::Broken));
    assert_eq!(icon(&webp(b"VP8X", b"\0\0\0\0\xff\xff\xff\x3f\0\0")), Err(BadIcon::TooManyPixels));
}

#[test]
fn a_file_at_the_limit_is_taken_and_one_byte_more_is_not() {
    let filled = |size: usize| {
        let mut bytes = png(8, 8);
        bytes.resize(size, 0);
        icon(&bytes)
    };
    assert_eq!(filled(512 << 10), Ok(Format::Png));
    assert_eq!(filled((512 << 10) + 1), Err(BadIcon::TooLarge));
}

#[test]
fn a_picture_that_ends_in_its_head_is_broken() {
    let whole = [png(8, 8), jpeg(8, 8), webp(b"VP8X", b"\0\0\0\0\x3f\0\0\x3f\0\0")];
    for bytes in whole {
        assert!(icon(&bytes).is_ok());
        for length in 12..20 {
            assert_eq!(icon(&bytes[..length]), Err(BadIcon::Broken), "{:?}", &bytes[..length]);
        }
    }
    assert_eq!(icon(b"\xff\xd8\xff\xda\0\x02"), Err(BadIcon::Broken), "a scan without a frame");
}

#[test]
fn an_svg_may_hold_all_that_draws() {
    taken("");
    taken("<defs><linearGradient id='a'/></defs><rect fill='url(#a)' style='stroke:url( \"#a\" )'/><use href='#a'/>");
    taken("<image xlink:href='data:image/png;base64,AAAA'/><image href=' data:image/jpeg;base64,AA'/>");
    taken("<style>.a{fill:red} /* url(#b) */</style><style><![CDATA[ .b > .c{fill:#fff} ]]></style>");
    taken("<text font-family='Only'>on &amp; off &#8364; javascript</text><title>url</title><!-- <script/> -->");
    taken("<animate attributeName='opacity' to='1'/><g transform='rotate(4)' data-name='src'/>");
    let prefixed =
        b"<?xml version='1.0' encoding='UTF-8'?>\n<s:svg xmlns:s='http://www.w3.org/2000/svg'><s:g/></s:svg>\n";
    assert_eq!(icon(prefixed), Ok(Format::Svg));
    assert_eq!(icon(&[b"\xef\xbb\xbf", svg("").as_slice()].concat()), Ok(Format::Svg));
}

#[test]
fn an_svg_may_not_hold_script() {
    refused("<script>alert(1)</script>", BadSvg::Script);
    refused("<g><SCRIPT/></g>", BadSvg::Script);
    refused("<a:script xmlns:a='http://www.w3.org/2000/svg'/>", BadSvg::Script);
    for handler in ["<g onload='x'/>", "<g ONCLICK='x'/>", "<g a:onload='x'/>", "<set attributeName='onclick' to='x'/>"]
    {
        refused(handler, BadSvg::EventHandler);
    }
    refused("<foreignObject><p/></foreignObject>", BadSvg::WebPage);
    refused("<x xmlns='http://www.w3.org/1999/xhtml'/>", BadSvg::WebPage);
    refused("<iframe/>", BadSvg::WebPage);
}

#[test]
fn an_svg_may_not_name_what_is_elsewhere() {
    for inside in [
        "<image href='https://evil.example/a.png'/>",
        "<use xlink:href='//evil.example/a.svg#b'/>",
        "<a href='javascript:alert(1)'/>",
        "<a href='&#106;avascript:alert(1)'/>",
        "<image href='data:image/svg+xml;base64,AAAA'/>",
        "<image href='data:text/html,x'/>",
        "<animate attributeName='xlink:href' to='https://evil.example/'/>",
        "<rect fill='url(https://evil.example/a)'/>",
        "<rect style='fill:URL( \"https://evil.example/a\")'/>",
        "<style>@import 'https://evil.example/a';</style>",
        "<style>a{fill:u&#114;l(https://evil.example/a)}</style>",
        "<style>a{fill:u<![CDATA[rl(https://evil.example/a)]]>}</style>",
        "<style>a{fill:\\75rl(https://evil.example/a)}</style>",
        "<style>a{background:image-set('https://evil.example/a' 1x)}</style>",
        "<g xml:base='https://evil.example/'/>",
    ] {
        refused(inside, BadSvg::External);
    }
    let sheet = [b"<?xml-stylesheet href='a.css'?>", svg("").as_slice()].concat();
    assert_eq!(icon(&sheet), Err(BadIcon::Svg(BadSvg::External)));
}

#[test]
fn an_svg_is_well_formed_and_has_no_entities_of_its_own() {
    refused("&name;", BadSvg::DocumentType);
    refused("<g a='&name;'/>", BadSvg::DocumentType);
    let doctype = [b"<!DOCTYPE svg [<!ENTITY a 'b'>]>", svg("").as_slice()].concat();
    assert_eq!(icon(&doctype), Err(BadIcon::Svg(BadSvg::DocumentType)));
    for inside in ["<g>", "</g>", "<g></h>", "<g a=b/>", "&", "<!-- "] {
        assert!(matches!(icon(&svg(inside)), Err(BadIcon::Svg(_))), "{inside}");
    }
    let malformed = Err(BadIcon::Svg(BadSvg::Malformed));
    for whole in [
        "<svg/>",
        "<svg xmlns='http://www.w3.org/1999/xlink'/>",
        "<g xmlns='http://www.w3.org/2000/svg'><svg/></g>",
        "<svg xmlns='http://www.w3.org/2000/svg'/><svg xmlns='http://www.w3.org/2000/svg'/>",
        "<svg xmlns='http://www.w3.org/2000/svg'/>text",
        "<?xml version='1.0' encoding='utf-7'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    ] {
        assert_eq!(icon(whole.as_bytes()), malformed, "{whole}");
    }
    assert_eq!(icon(&svg(&"<g>".repeat(100_000))), malformed, "deep");
    assert_eq!(icon(&[svg("").as_slice(), b"\xff"].concat()), malformed, "no UTF-8");
}

#[test]
fn a_hostile_svg_costs_little() {
    let begun = std::time::Instant::now();
    let attributes: String = (0..40_000).map(|n| format!(" a{n}=''")).collect();
    taken(&format!("<g{attributes}/>"));
    taken(&format!("<style>{}</style>", "url(#".repeat(80_000)));
    taken(&"<g/>".repeat(100_000));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        start in proptest::sample::select(vec![
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L",
            b"<svg xmlns='http://www.w3.org/2000/svg'", b"",
        ]),
        rest: Vec<u8>,
    ) {
        let _ = icon(&[start, &rest].concat());
    }

    #[test]
    fn nor_does_nearly_an_svg(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "<g", ">", "/>", "</g>", " a='", "'", "<![CDATA[", "]]>", "&amp;", "&#0;", "&", "<?", "?>", "<!", "<style>", "é",
    ]), 0..30)) {
        let _ = icon(&svg(&pieces.concat()));
    }
}
