//! The own certificate authority, for those who are to trust it.

use crate::crypto::authority::pem;
use crate::crypto::digest::sha256;
use crate::http::Response;
use crate::pages::{ErrorPage, Trust};
use crate::tls::{authority, hex_pairs};

use super::Answer;
use super::context::Ctx;

/// GET `/ca.crt`: the root in PEM form, with the type by which phones offer to install it.
pub fn certificate(ctx: &Ctx) -> Answer {
    let Some(root) = ctx.app.store.read(|c| authority::root_in_use(ctx.app, c, ctx.now))? else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0)));
    };
    let text = pem(&root.certificate).into_bytes();
    Ok(Response::bytes("application/x-x509-ca-cert", text)
        .header("Content-Disposition", "attachment; filename=\"latchkey-ca.crt\""))
}

/// GET `/trust/`: how it is installed.
pub fn show(ctx: &Ctx) -> Answer {
    let Some(root) = ctx.app.store.read(|c| authority::root_in_use(ctx.app, c, ctx.now))? else {
        return Ok(ctx.error(&ErrorPage::not_found(&ctx.req.id.0)));
    };
    let page = Trust {
        ui: &ctx.shell(),
        name: &root.name,
        permitted: &root.permitted.to_string(),
        fingerprint: &hex_pairs(&sha256(&root.certificate)),
        until: root.validity.not_after,
        is_to_be_replaced: root.problem.is_some(),
    };
    Ok(Response::html(200, page.render()))
}
