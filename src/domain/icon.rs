//! Uploaded pictures: what one really is, by its content. What the sender says of it decides nothing.

mod raster;
mod svg;

use crate::words::Words;

/// Bytes of one picture.
pub const MOST_BYTES: usize = 512 << 10;
/// Pixels of either side of a picture made of them.
pub const MOST_PIXELS: u32 = 4096;

/// The kinds of picture that browsers show and we take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Png,
    Jpeg,
    WebP,
    Svg,
}

/// What a picture is for, and so which kinds it may be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The icon of an application or the logo of the brand.
    Icon,
    /// Somebody's picture, which applications show too: they may not keep an SVG from running.
    Portrait,
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadIcon {
    Empty,
    TooLarge,
    /// None of the kinds that are taken.
    Unknown,
    /// An SVG where only pictures made of pixels are taken.
    NoSvgHere,
    /// It begins like a picture, and is none.
    Broken,
    TooManyPixels,
    Svg(BadSvg),
}

/// What an SVG may not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadSvg {
    /// No well-formed XML in UTF-8 with `svg` around it.
    Malformed,
    /// A document type, or entities of its own.
    DocumentType,
    Script,
    /// An `on...` attribute, or an animation that would make one.
    EventHandler,
    /// Parts of a web page: `foreignObject`, frames, HTML.
    WebPage,
    /// Something to be fetched from elsewhere.
    External,
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Svg => "image/svg+xml",
        }
    }
}

impl Purpose {
    /// The types that a file field offers.
    pub fn accepts(self) -> &'static str {
        match self {
            Self::Icon => "image/png,image/jpeg,image/webp,image/svg+xml",
            Self::Portrait => "image/png,image/jpeg,image/webp",
        }
    }
}

/// Looks at a file that was uploaded.
pub fn inspect(bytes: &[u8], purpose: Purpose) -> Result<Format, BadIcon> {
    if bytes.is_empty() {
        return Err(BadIcon::Empty);
    }
    if bytes.len() > MOST_BYTES {
        return Err(BadIcon::TooLarge);
    }
    if let Some((format, size)) = raster::read(bytes) {
        return match size {
            None | Some((0, _) | (_, 0)) => Err(BadIcon::Broken),
            Some((width, height)) if width.max(height) > MOST_PIXELS => Err(BadIcon::TooManyPixels),
            Some(_) => Ok(format),
        };
    }
    if !svg::looks_like_one(bytes) {
        return Err(BadIcon::Unknown);
    }
    if purpose == Purpose::Portrait {
        return Err(BadIcon::NoSvgHere);
    }
    svg::check(bytes).map_err(BadIcon::Svg)?;
    Ok(Format::Svg)
}

impl From<BadIcon> for Words {
    fn from(bad: BadIcon) -> Self {
        Words::new(match bad {
            BadIcon::Empty => "bad-icon-empty",
            BadIcon::TooLarge => "bad-icon-too-large",
            BadIcon::Unknown => "bad-icon-unknown",
            BadIcon::NoSvgHere => "bad-icon-no-svg-here",
            BadIcon::Broken => "bad-icon-broken",
            BadIcon::TooManyPixels => "bad-icon-too-many-pixels",
            BadIcon::Svg(BadSvg::Malformed) => "bad-icon-svg-malformed",
            BadIcon::Svg(BadSvg::DocumentType) => "bad-icon-svg-document-type",
            BadIcon::Svg(BadSvg::Script) => "bad-icon-svg-script",
            BadIcon::Svg(BadSvg::EventHandler) => "bad-icon-svg-event-handler",
            BadIcon::Svg(BadSvg::WebPage) => "bad-icon-svg-web-page",
            BadIcon::Svg(BadSvg::External) => "bad-icon-svg-external",
        })
    }
}

#[cfg(test)]
mod tests;
