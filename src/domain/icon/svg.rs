//! SVG files that hold nothing but a picture. They are served so that they could do nothing else anyway; what is
//! refused here would not work, or would tell somebody elsewhere who looks at the picture.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::BadSvg;

const NAMESPACE: &str = "http://www.w3.org/2000/svg";
/// Elements within elements; browsers give up at 256.
const MOST_DEPTH: usize = 200;

/// Whether a file is meant to be SVG: only then is it of use to say what is wrong with it as such.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    start.starts_with(b"<") && start.windows(4).take(4096).any(|w| w == b"<svg" || w == b":svg")
}

/// Reads the whole file once and refuses the first thing that is no picture.
pub(super) fn check(bytes: &[u8]) -> Result<(), BadSvg> {
    let text = std::str::from_utf8(bytes).map_err(|_| BadSvg::Malformed)?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut state = State::default();
    loop {
        match reader.read_event().map_err(|_| BadSvg::Malformed)? {
            Event::Eof if state.is_over() => return Ok(()),
            Event::Eof => return Err(BadSvg::Malformed),
            event => state.take(&event)?,
        }
    }
}

#[derive(Default)]
struct State {
    /// Names of the elements that are open.
    depth: usize,
    had_root: bool,
    /// What the open style sheet says so far.
    style: Option<String>,
}

impl State {
    fn is_over(&self) -> bool {
        self.had_root && self.depth == 0
    }

    fn take(&mut self, event: &Event) -> Result<(), BadSvg> {
        match event {
            Event::Start(element) => {
                self.element(element)?;
                self.depth += 1;
                if element.local_name().into_inner().eq_ignore_ascii_case("style") {
                    self.style = Some(String::new());
                }
                if self.depth > MOST_DEPTH { Err(BadSvg::Malformed) } else { Ok(()) }
            }
            Event::Empty(element) => self.element(element),
            Event::End(_) => {
                self.depth -= 1;
                self.style.take().map_or(Ok(()), |sheet| style(&sheet))
            }
            Event::Text(text) => self.text(text),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().map_err(|_| BadSvg::Malformed)?;
                match (character, quick_xml::escape::resolve_predefined_entity(name)) {
                    (Some(c), _) => self.text(c.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => self.text(text),
                    (None, None) => Err(BadSvg::DocumentType),
                }
            }
            Event::Decl(declaration) => match declaration.encoding() {
                None => Ok(()),
                // Read in another encoding, other words would stand here.
                Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
                Some(_) => Err(BadSvg::Malformed),
            },
            Event::PI(instruction) if instruction.target().eq_ignore_ascii_case("xml-stylesheet") => {
                Err(BadSvg::External)
            }
            Event::DocType(_) => Err(BadSvg::DocumentType),
            Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), BadSvg> {
        if let Some(sheet) = &mut self.style {
            sheet.push_str(text);
        }
        // Nothing but space stands around the root.
        if self.depth > 0 || text.trim().is_empty() { Ok(()) } else { Err(BadSvg::Malformed) }
    }

    fn element(&mut self, element: &BytesStart) -> Result<(), BadSvg> {
        let name = element.local_name().into_inner().to_ascii_lowercase();
        if self.depth == 0 {
            let prefix = element.name().prefix().map(|p| format!("xmlns:{}", p.into_inner()));
            let declared = element.try_get_attribute(prefix.as_deref().unwrap_or("xmlns"));
            let is_svg = declared.ok().flatten().is_some_and(|a| a.value == NAMESPACE);
            if self.had_root || name != "svg" || !is_svg {
                return Err(BadSvg::Malformed);
            }
            self.had_root = true;
        }
        match name.as_str() {
            "script" | "handler" | "listener" => return Err(BadSvg::Script),
            "foreignobject" | "iframe" | "object" | "embed" | "audio" | "video" | "link" | "meta" | "base" => {
                return Err(BadSvg::WebPage);
            }
            _ => {}
        }
        // Names given twice are the browser's to refuse, and to look for them here would take long for a long list.
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| BadSvg::Malformed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| BadSvg::DocumentType)?;
            self::attribute(attribute.key.into_inner(), &value)?;
        }
        Ok(())
    }
}

fn attribute(name: &str, value: &str) -> Result<(), BadSvg> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let (local, value) = (local.to_ascii_lowercase(), value.trim().to_ascii_lowercase());
    if prefix == "xmlns" || name == "xmlns" {
        return if value.contains("xhtml") { Err(BadSvg::WebPage) } else { Ok(()) };
    }
    match local.as_str() {
        _ if local.starts_with("on") => Err(BadSvg::EventHandler),
        // What an animation sets.
        "attributename" if value.starts_with("on") => Err(BadSvg::EventHandler),
        "attributename" if value.ends_with("href") => Err(BadSvg::External),
        "href" | "src" if !is_inside(&value) => Err(BadSvg::External),
        "base" => Err(BadSvg::External),
        "href" | "src" => Ok(()),
        _ => style(&value),
    }
}

/// A style sheet, or a value that may hold styles.
fn style(text: &str) -> Result<(), BadSvg> {
    let text = text.to_ascii_lowercase();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("url(") {
        rest = &rest[at + 4..];
        if !is_inside(rest.trim_start().trim_start_matches(['"', '\''])) {
            return Err(BadSvg::External);
        }
    }
    // Other ways to name a file, and backslashes, which could spell any of these words in another way.
    let is_open = ["@import", "image-set(", "image(", "src(", "javascript:"].iter().any(|w| text.contains(w));
    let is_hidden = text.contains('\\') && text.contains(['(', '@', '{']);
    if is_open || is_hidden { Err(BadSvg::External) } else { Ok(()) }
}

/// Whether a reference stays within the file.
fn is_inside(reference: &str) -> bool {
    let pictures = ["data:image/png", "data:image/jpeg", "data:image/webp"];
    reference.is_empty() || reference.starts_with('#') || pictures.iter().any(|p| reference.starts_with(p))
}
