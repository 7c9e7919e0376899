//! The embedded style sheet, script and icons.

use crate::http::Response;
use crate::pages::{ErrorPage, assets};

use super::Answer;
use super::context::Ctx;

/// GET `/static/{file}`. The name holds the hash of the content, so it may be kept for ever.
pub fn asset(ctx: &Ctx) -> Answer {
    match assets::find(ctx.slug.unwrap_or_default()) {
        Some(asset) => Ok(Response::embedded(asset.content_type, asset.bytes)
            .header("Cache-Control", "public, max-age=31536000, immutable")),
        None => Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0))),
    }
}
