//! `latchkey mail`.

use clap::Subcommand;

use super::{CliError, Outcome, output, secret};
use crate::acts::{Admin, mail as acts};
use crate::app::App;
use crate::domain::settings::Setting;
use crate::http::Params;
use crate::words::Lang;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a mail to an address, and print what the mail server says
    Test {
        #[arg(value_name = "ADDRESS")]
        address: String,
    },
    /// Keep the password at the mail server, sealed; asks for it, or reads it
    SetPassword {
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Test { address } => {
            let place = acts::test(app, "root", &address, Lang::english())?;
            output::line(&format!("{place} took the mail for {address}."))
        }
        Command::SetPassword { password_stdin } => set_password(app, password_stdin),
    }
}

fn set_password(app: &App, from_stdin: bool) -> Outcome {
    if app.settings()?.mail.username.is_none() {
        return Err(CliError::refused(format!(
            "no user name is set for the mail server: latchkey settings set {} NAME",
            Setting::SmtpUsername.name()
        )));
    }
    let typed = secret::password("Password at the mail server", from_stdin)?;
    if typed.is_empty() {
        return Err(CliError::usage("the password is empty"));
    }
    let said = Params::from_pairs([(acts::PASSWORD, typed.as_str().to_owned())]);
    acts::change(app, &Admin::local(), &said, false)?;
    output::line("The password at the mail server is kept, sealed.")
}
