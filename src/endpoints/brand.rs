//! The brand on the pages, and its colour as a style sheet.

use crate::domain::brand::{Brand, css};
use crate::http::{Body, Response};
use crate::pages::{ErrorPage, style_name};

use super::Answer;
use super::context::Ctx;

impl Ctx<'_> {
    /// What the house calls itself. A page that can be shown is not refused because this cannot be read.
    pub fn brand(&self) -> Brand {
        match self.settings() {
            Ok(settings) => settings.brand.clone(),
            Err(error) => {
                tracing::warn!(%error, "the brand could not be read");
                Brand::default()
            }
        }
    }
}

/// GET `/brand/{hash}.css`. Only the present colour is known.
pub fn style(ctx: &Ctx) -> Answer {
    let wanted = ctx.slug.unwrap_or_default();
    let Some(accent) = ctx.brand().accent.filter(|accent| style_name(*accent) == wanted) else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0)));
    };
    let mut response = Response::new(200).header("Content-Type", "text/css; charset=utf-8");
    response.body = Body::Owned(css(accent).into_bytes());
    Ok(response.header("Cache-Control", "public, max-age=31536000, immutable"))
}
