//! The embedded style sheet, script and icons.

use crate::http::Response;
use crate::pages::{ErrorPage, assets};

use super::Answer;
use super::context::Ctx;

/// GET `/static/{file}`. The name holds the hash of the content, so it may be kept for ever.
pub fn asset(ctx: &Ctx) -> Answer {
    let Some(asset) = assets::find(ctx.slug.unwrap_or_default()) else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0)));
    };
    let response = match asset.gzip.filter(|_| ctx.req.accepts_gzip()) {
        Some(gzip) => Response::embedded(asset.content_type, gzip).header("Content-Encoding", "gzip"),
        None => Response::embedded(asset.content_type, asset.bytes),
    };
    Ok(response.header("Vary", "Accept-Encoding").header("Cache-Control", "public, max-age=31536000, immutable"))
}
