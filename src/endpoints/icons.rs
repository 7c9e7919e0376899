//! Uploaded pictures, for everybody who knows their address: applications show people's pictures too.

use crate::error::Internal;
use crate::http::{Body, Response};
use crate::pages::ErrorPage;
use crate::store::icons;

use super::Answer;
use super::context::Ctx;

/// A picture does nothing but be drawn, even when somebody opens its address itself: no script, nothing fetched, an
/// origin of its own.
const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/// GET `/icon/{hash}`. The path is the hash of the content, so it may be kept for ever.
pub fn icon(ctx: &Ctx) -> Answer {
    let hash = ctx.slug.unwrap_or_default();
    let Some(icon) = ctx.app.store.read(|c| icons::by_hash(c, hash))? else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0)));
    };
    let content_type = ["image/png", "image/jpeg", "image/webp", "image/svg+xml"]
        .into_iter()
        .find(|known| *known == icon.content_type)
        .ok_or_else(|| Internal::fault("a stored picture is of no kind that is served"))?;
    let mut response = Response::new(200);
    response.body = Body::Owned(icon.bytes);
    Ok(response
        .header("Content-Type", content_type)
        .header("Content-Security-Policy", CSP)
        .header("Content-Disposition", "inline")
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header("Cache-Control", "public, max-age=31536000, immutable"))
}
