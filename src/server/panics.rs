//! What a panic leaves behind: one line in the log, and no more memory used than before.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::Once;

thread_local! {
    /// Whether this thread serves requests.
    static OURS: Cell<bool> = const { Cell::new(false) };
}

/// From here on a panic of this thread is logged by `log`.
pub(super) fn mark_thread() {
    OURS.with(|ours| ours.set(true));
}

/// Makes panics of marked threads one line of the log. The standard hook would look up the names of all functions on
/// the stack when RUST_BACKTRACE is set, which costs tens of megabytes that never come back: a request that makes a
/// handler panic must not be able to spend them. Other threads keep the hook there was.
pub(super) fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| if OURS.with(Cell::get) { log(info) } else { previous(info) }));
    });
}

fn log(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    // A message that was put together at run time may hold what the request held, so only fixed ones are logged.
    let message = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not logged: made at run time)");
    tracing::error!(%place, message, "panic");
}
