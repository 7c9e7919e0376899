//! Icons of our own to choose from: for applications that bring none, or whose icon is not at hand.

use std::sync::LazyLock;

use crate::crypto::digest::sha256;

/// One of them. Stored like an uploaded one as soon as an application shows it.
#[derive(Debug)]
pub struct BuiltIn {
    pub name: &'static str,
    pub svg: &'static [u8],
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// All of them, by name.
        pub const ICONS: &[BuiltIn] =
            &[$(BuiltIn { name: $name, svg: include_bytes!(concat!("../../static/icons/", $name, ".svg")) }),*];
    };
}

built_in!(
    "calendar",
    "chart",
    "chat",
    "cloud",
    "code",
    "containers",
    "documents",
    "film",
    "gateway",
    "house",
    "mail",
    "music",
    "passwords",
    "photos",
    "server",
    "wiki",
);

/// What stands for no icon, and for the one that was uploaded, where an icon is chosen by name.
pub const NO_ICON: &str = "none";
pub const UPLOADED: &str = "uploaded";

static HASHES: LazyLock<Vec<String>> = LazyLock::new(|| ICONS.iter().map(|icon| content_hash(icon.svg)).collect());

/// The name of a picture's content: its SHA-256 in hexadecimal.
pub fn content_hash(bytes: &[u8]) -> String {
    sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl BuiltIn {
    pub fn by_name(name: &str) -> Option<&'static Self> {
        ICONS.iter().find(|icon| icon.name == name)
    }

    pub fn by_hash(hash: &str) -> Option<&'static Self> {
        let at = HASHES.iter().position(|h| h == hash)?;
        ICONS.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::icon::{Format, Purpose, inspect};

    /// WCAG's relative luminance of `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let c = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn each_is_a_small_svg_that_an_upload_could_be() {
        for icon in ICONS {
            assert_eq!(inspect(icon.svg, Purpose::Icon), Ok(Format::Svg), "{}", icon.name);
            let text = std::str::from_utf8(icon.svg).unwrap();
            assert!(text.contains("viewBox=\"0 0 24 24\"") && text.len() < 600, "{}", icon.name);
            assert!(!text.contains("currentColor"), "{}: an <img> has no colour to inherit", icon.name);
            assert_eq!(BuiltIn::by_hash(&content_hash(icon.svg)).unwrap().name, icon.name);
            assert_eq!(BuiltIn::by_name(icon.name).unwrap().svg, icon.svg);
        }
        assert!(BuiltIn::by_name("no-such").is_none() && BuiltIn::by_hash("").is_none());
    }

    /// WCAG 1.4.11: 3 to 1.
    #[test]
    fn each_is_seen_on_light_and_on_dark_paper() {
        for icon in ICONS {
            let text = std::str::from_utf8(icon.svg).unwrap();
            let colour = text.split("stroke=\"").nth(1).unwrap();
            let own = luminance(&colour[..7]);
            for paper in ["#ffffff", "#f6f5f2", "#f0eee9", "#1c1f25", "#14161a", "#15181d"] {
                let paper_is = luminance(paper);
                let contrast = (own.max(paper_is) + 0.05) / (own.min(paper_is) + 0.05);
                assert!(contrast >= 3.0, "{} on {paper}: {contrast:.2}", icon.name);
            }
        }
    }

    #[test]
    fn every_file_is_in_the_list() {
        let files = std::fs::read_dir("static/icons").unwrap().count();
        assert_eq!(files, ICONS.len());
        assert!(ICONS.is_sorted_by_key(|icon| icon.name));
    }
}
