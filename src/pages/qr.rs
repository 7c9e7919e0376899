//! QR codes on pages, as drawings without a style of their own: the page's content policy lets no other in.

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, which readers need to find it.
const QUIET: usize = 4;

/// A QR code as an SVG drawing with this name. `None` when the text is too long for one.
pub fn svg(text: &str, name: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size {
        for x in (0..code.size).filter(|x| code[y][*x].value()) {
            path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
        }
    }
    let name = askama::filters::escape(name, askama::filters::Html).ok()?;
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{name}\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_drawn_inert_and_what_is_too_long_is_not() {
        let drawn = svg("otpauth://totp/x", "\"><script>").expect("a drawing");
        assert!(drawn.starts_with("<svg") && !drawn.contains("<script>"), "{drawn}");
        assert!(svg(&"x".repeat(3_000), "long").is_none());
    }
}
