//! Help for those for whom something does not work.

use crate::config::Tls;
use crate::http::Response;
use crate::pages::{Help, Shell};

use super::Answer;
use super::context::Ctx;

/// GET `/help/`. It needs no session and no database: it is read when either is in trouble.
pub fn show(ctx: &Ctx) -> Answer {
    let ui = shell(ctx);
    let has_authority = ctx.app.config.tls == Tls::OwnCa;
    let page = Help { ui: &ui, base_url: ctx.app.base.as_str(), has_authority };
    Ok(Response::html(200, page.render()))
}

/// In the language of the page that led here, also where that was the user's own.
fn shell(ctx: &Ctx) -> Shell {
    match ctx.signed_in() {
        Ok(Some(who)) => ctx.shell_of(&who.user),
        Ok(None) => ctx.shell(),
        Err(error) => {
            tracing::debug!(request = %ctx.req.id, %error, "the help page is shown without looking who asks");
            ctx.shell()
        }
    }
}
