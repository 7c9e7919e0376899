//! Forms with files (`multipart/form-data`, RFC 7578): one small form with few fields, read strictly and bounded.
//! Names that files had where they come from, and types that are claimed of them, are not even kept.

use super::Params;

/// Parts of one form.
const MOST_PARTS: usize = 32;
/// Bytes of one part's headers. A file name of 255 characters fits, whatever they are.
const MOST_HEADERS: usize = 4096;
/// Characters of a boundary (RFC 2046 section 5.1.1).
const MOST_BOUNDARY: usize = 70;

/// What a form with files held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Multipart<'a> {
    /// The fields that are no files.
    pub fields: Params,
    files: Vec<(String, &'a [u8])>,
}

/// Why a body is not a form with files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadMultipart {
    #[error("the Content-Type of a form with files must name a boundary")]
    Boundary,
    #[error("the form with files does not keep to its boundary, or ends too early")]
    Frame,
    #[error("a part of the form has headers that cannot be read")]
    Header,
    #[error("the form has more than {MOST_PARTS} parts")]
    TooManyParts,
    #[error("one file was sent twice")]
    Duplicate,
}

impl<'a> Multipart<'a> {
    /// The bytes of the file in the field `name`. `None` when none was chosen: browsers send an empty one then.
    pub fn file(&self, name: &str) -> Option<&'a [u8]> {
        self.files.iter().find(|(n, _)| n == name).map(|(_, bytes)| *bytes).filter(|bytes| !bytes.is_empty())
    }

    /// Reads a body of this Content-Type. `None` when that is another one.
    pub fn parse(content_type: &str, body: &'a [u8]) -> Option<Result<Self, BadMultipart>> {
        let (media_type, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let is_ours = media_type.trim().eq_ignore_ascii_case("multipart/form-data");
        is_ours.then(|| boundary(parameters).ok_or(BadMultipart::Boundary).and_then(|b| Self::read(b, body)))
    }

    fn read(boundary: &str, body: &'a [u8]) -> Result<Self, BadMultipart> {
        let delimiter = format!("\r\n--{boundary}");
        let mut form = Self::default();
        let mut pairs = Vec::new();
        // The first delimiter opens the body: nobody sends a preamble, and one could be read as something else.
        let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..]).ok_or(BadMultipart::Frame)?;
        for _ in 0..=MOST_PARTS {
            if matches!(rest, b"--" | b"--\r\n") {
                form.fields = Params::of(pairs);
                return Ok(form);
            }
            let part = rest.strip_prefix(b"\r\n").ok_or(BadMultipart::Frame)?;
            let head = find(&part[..part.len().min(MOST_HEADERS)], b"\r\n\r\n").ok_or(BadMultipart::Header)?;
            let (name, is_file) = name_of(&part[..head])?;
            let content = &part[head + 4..];
            let end = find(content, delimiter.as_bytes()).ok_or(BadMultipart::Frame)?;
            match is_file {
                true if form.files.iter().any(|(n, _)| *n == name) => return Err(BadMultipart::Duplicate),
                true => form.files.push((name, &content[..end])),
                false => pairs.push((name, String::from_utf8_lossy(&content[..end]).into_owned())),
            }
            rest = &content[end + delimiter.len()..];
        }
        Err(BadMultipart::TooManyParts)
    }
}

/// The boundary among the parameters of the Content-Type. There must be one, and only one.
fn boundary(parameters: &str) -> Option<&str> {
    let values = parameters.split(';').filter_map(|p| p.split_once('='));
    let mut values = values.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary")).map(|(_, v)| v.trim());
    let value = values.next()?;
    let value = value.strip_prefix('"').map_or(Some(value), |quoted| quoted.strip_suffix('"'))?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&b);
    let is_one = values.next().is_none() && !value.is_empty() && value.len() <= MOST_BOUNDARY;
    (is_one && value.bytes().all(fits)).then_some(value)
}

/// The field's name, and whether it is a file.
fn name_of(headers: &[u8]) -> Result<(String, bool), BadMultipart> {
    let headers = std::str::from_utf8(headers).map_err(|_| BadMultipart::Header)?;
    let mut found = None;
    for line in headers.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(BadMultipart::Header)?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if found.is_none() => found = Some(disposition(value.trim())?),
            // Nothing is decided by what the sender says of the type.
            "content-type" => {}
            // A second name, or an encoding (RFC 7578 section 4.7), would mean something else to another reader.
            _ => return Err(BadMultipart::Header),
        }
    }
    found.ok_or(BadMultipart::Header)
}

/// `form-data; name="field"`, and perhaps `; filename="x"`, which makes it a file.
fn disposition(value: &str) -> Result<(String, bool), BadMultipart> {
    let mut rest = value.strip_prefix("form-data").ok_or(BadMultipart::Header)?;
    let (mut name, mut is_file) = (None, false);
    while !rest.is_empty() {
        let parameter = rest.strip_prefix(';').map(str::trim_start).ok_or(BadMultipart::Header)?;
        let (key, quoted) = parameter.split_once("=\"").ok_or(BadMultipart::Header)?;
        let end = end_of_quoted(quoted).ok_or(BadMultipart::Header)?;
        match key {
            "name" if name.is_none() => name = Some(&quoted[..end]),
            "filename" if !is_file => is_file = true,
            _ => return Err(BadMultipart::Header),
        }
        rest = quoted[end + 1..].trim_start();
    }
    // Our own fields have plain names.
    let is_plain = |n: &&str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    let name = name.filter(is_plain).ok_or(BadMultipart::Header)?;
    Ok((name.to_owned(), is_file))
}

/// Where the quotation ends. Browsers write `%22` for a quotation mark within, others `\"`.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|b| {
        let ends = b == b'"' && !is_escaped;
        is_escaped = b == b'\\' && !is_escaped;
        ends
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
