//! How far a sign-in has come: in a sealed cookie that is good for nothing else, for ten minutes. There is no session yet.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::{FUTURE_TOLERANCE, UnixSeconds};
use crate::http::Response;

use super::context::Ctx;

/// Seconds for the next step.
const VALID: UnixSeconds = 600;

/// A step, by the name of its cookie.
pub(super) struct Step(pub(super) &'static str);

#[derive(Serialize, Deserialize)]
struct Taken<T> {
    at: UnixSeconds,
    what: T,
}

impl Step {
    /// On to the page of the next step.
    pub(super) fn take<T: Serialize>(&self, ctx: &Ctx, what: T, next: String) -> Response {
        let taken = serde_json::json!(Taken { at: ctx.now, what });
        let sealed = ctx.app.sealer().seal_cookie(self.0, taken.to_string().as_bytes());
        Response::see_other(next).header("Set-Cookie", ctx.set_cookie(self.0, &sealed, VALID))
    }

    /// What this browser has come to, if it is not too long ago. Whether it still holds is the caller's to see.
    pub(super) fn taken<T: DeserializeOwned>(&self, ctx: &Ctx) -> Option<T> {
        let opened = ctx.app.sealer().open_cookie(self.0, &ctx.cookie(self.0)?)?;
        let taken: Taken<T> = serde_json::from_slice(&opened).ok()?;
        let is_now = ctx.now < taken.at + VALID && taken.at <= ctx.now + FUTURE_TOLERANCE;
        is_now.then_some(taken.what)
    }

    /// The sign-in has come further, or to its end.
    pub(super) fn forget(&self, ctx: &Ctx, response: Response) -> Response {
        match ctx.cookie(self.0) {
            Some(_) => response.header("Set-Cookie", ctx.set_cookie(self.0, "", 0)),
            None => response,
        }
    }
}
