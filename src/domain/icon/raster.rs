//! The heads of PNG, JPEG and WebP files: which one it is, and how large.

use super::Format;

/// The format that the first bytes announce, and width and height if the head can be read. `None`: none of ours.
pub(super) fn read(bytes: &[u8]) -> Option<(Format, Option<(u32, u32)>)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some((Format::Png, png(bytes)))
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some((Format::Jpeg, jpeg(bytes)))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some((Format::WebP, webp(bytes)))
    } else {
        None
    }
}

/// The image header is the first chunk (PNG section 5.6), and something follows it.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(8..33).filter(|h| h.starts_with(b"\0\0\0\rIHDR"))?;
    let has_data = bytes.get(33..).is_some_and(|rest| rest.windows(4).any(|w| w == b"IDAT"));
    has_data.then_some((big(header.get(8..12)?), big(header.get(12..16)?)))
}

/// Walks the segments to the frame header (ITU-T T.81 annex B).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let (0xff, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?) else { return None };
        match marker {
            // Fill bytes.
            0xff => at += 1,
            // Segments without a length; the end of the picture and its scan must not come before the frame.
            0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 | 0xda => return None,
            // SOF0 to SOF15, but for the tables that lie among them.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((big(bytes.get(at + 7..at + 9)?), big(bytes.get(at + 5..at + 7)?)));
            }
            _ => at += 2 + big(bytes.get(at + 2..at + 4)?) as usize,
        }
    }
}

/// The first chunk says which of three kinds it is (RFC 9649 sections 2.5 to 2.7).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let data = bytes.get(20..)?;
    match bytes.get(12..16)? {
        b"VP8 " if data.get(3..6) == Some(b"\x9d\x01\x2a") => {
            Some((little(data.get(6..8)?) & 0x3fff, little(data.get(8..10)?) & 0x3fff))
        }
        b"VP8L" if data.first() == Some(&0x2f) => {
            let bits = little(data.get(1..5)?);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(data.get(4..7)?) + 1, little(data.get(7..10)?) + 1)),
        _ => None,
    }
}

fn big(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |n, b| n << 8 | u32::from(*b))
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b))
}
