//! Mails: the server they go to, how they are said, and the queue in which they wait. Nothing here is done while no mail
//! server is set.

mod letter;
mod queue;
mod recovery;
mod send;
mod trouble;

pub use letter::{Letter, Secret};
pub use queue::{Mailer, Request};
pub use send::deliver;
pub use trouble::Trouble;

use crate::app::App;
use crate::error::Internal;

impl App {
    /// Whether a mail server is set, so that pages tell of mail.
    pub fn has_mail(&self) -> Result<bool, Internal> {
        Ok(matches!(self.settings()?.mail.server(), Ok(Some(_))))
    }
}
