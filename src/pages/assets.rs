//! The files of `static/`, embedded and served under names that hold the hash of their content, so that a
//! browser may keep them for ever and still never shows an old one.

use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest;
use flate2::Compression;
use flate2::write::GzEncoder;
use include_dir::{Dir, include_dir};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static");

static ASSETS: LazyLock<Assets> = LazyLock::new(Assets::load);

/// A file to serve with `Cache-Control: public, max-age=31536000, immutable`.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub content_type: &'static str,
    pub bytes: &'static [u8],
    /// The same compressed, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// The path of a file of `static/`: `look.css` -> `/static/look.0a1b2c3d.css`. A name that does not exist is a
/// mistake of ours: the log says so, and the path answers 404.
pub fn url(name: &str) -> &'static str {
    ASSETS.urls.get(name).map_or_else(
        || {
            tracing::error!(name, "there is no such static file");
            "/static/missing"
        },
        String::as_str,
    )
}

/// The file behind what follows `/static/` in a path. Only the current hash is known.
pub fn find(path_tail: &str) -> Option<Asset> {
    let file = ASSETS.files.get(path_tail)?;
    Some(Asset { content_type: file.content_type, bytes: file.bytes, gzip: file.gzip.as_deref() })
}

struct Assets {
    urls: HashMap<&'static str, String>,
    files: HashMap<String, File>,
}

struct File {
    content_type: &'static str,
    bytes: &'static [u8],
    gzip: Option<Vec<u8>>,
}

impl Assets {
    fn load() -> Self {
        let mut assets = Self { urls: HashMap::new(), files: HashMap::new() };
        for file in files() {
            let Some(name) = file.path().to_str() else { continue };
            let Some((stem, extension)) = name.rsplit_once('.') else { continue };
            let Some(content_type) = content_type(extension) else { continue };
            // The route has one segment for the name.
            let served = format!("{}.{}.{extension}", stem.replace('/', "-"), hash8(file.contents()));
            assets.urls.insert(name, format!("/static/{served}"));
            let bytes = file.contents();
            assets.files.insert(served, File { content_type, bytes, gzip: compressed(bytes) });
        }
        assets
    }
}

/// The files of the folder, and of those in it.
fn files() -> impl Iterator<Item = &'static include_dir::File<'static>> {
    FOLDER.files().chain(FOLDER.dirs().flat_map(Dir::files))
}

/// Compressed once, for as long as the program runs.
fn compressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let gzip = encoder.write_all(bytes).and_then(|()| encoder.finish());
    gzip.ok().filter(|gzip| gzip.len() < bytes.len())
}

/// A kind of file that is not listed is not served.
fn content_type(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    })
}

pub(super) fn hash8(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA256, bytes);
    digest.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_served_under_the_hash_of_its_content() {
        let names: Vec<_> = files().filter_map(|file| file.path().to_str()).collect();
        assert!(names.contains(&"look.css") && names.contains(&"form-post.js") && names.contains(&"key.svg"));
        assert!(names.contains(&"icons/wiki.svg"));
        for name in names {
            let (stem, extension) = name.rsplit_once('.').unwrap();
            let tail = url(name).strip_prefix("/static/").unwrap();
            let asset = find(tail).unwrap_or_else(|| panic!("{name} is not served"));
            assert_eq!(tail, format!("{}.{}.{extension}", stem.replace('/', "-"), hash8(asset.bytes)));
            assert_eq!(asset.bytes, std::fs::read(format!("static/{name}")).unwrap());
        }
    }

    #[test]
    fn what_is_compressed_is_smaller_and_the_same() {
        let look = find(url("look.css").strip_prefix("/static/").unwrap()).unwrap();
        let gzip = look.gzip.unwrap();
        assert!(gzip.len() * 3 < look.bytes.len(), "{} of {}", gzip.len(), look.bytes.len());
        let mut back = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(gzip), &mut back).unwrap();
        assert_eq!(back, look.bytes);
        assert_eq!(compressed(b"short"), None, "what would grow stays as it is");
    }

    #[test]
    fn types_are_exact() {
        let of = |name: &str| find(url(name).strip_prefix("/static/").unwrap()).unwrap().content_type;
        assert_eq!(of("look.css"), "text/css; charset=utf-8");
        assert_eq!(of("form-post.js"), "text/javascript; charset=utf-8");
        assert_eq!(of("key.svg"), "image/svg+xml");
    }

    #[test]
    fn the_hash_is_the_beginning_of_sha_256() {
        assert_eq!(hash8(b"abc"), "ba7816bf");
    }

    #[test]
    fn other_paths_are_not_found() {
        for tail in ["", "look.css", "look.00000000.css", "../Cargo.toml", "/look.css"] {
            assert!(find(tail).is_none(), "{tail}");
        }
    }
}
