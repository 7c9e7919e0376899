//! `latchkey ca`: the own certificate authority.

use clap::Subcommand;

use super::{CliError, Outcome, clock as clock_words, output};
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::authority::pem;
use crate::crypto::digest::sha256;
use crate::domain::tls::RootProblem;
use crate::tls::authority::{self, Root};
use crate::tls::hex_pairs;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the root's name, its SHA-256, and what it may vouch for
    Show,
    /// Print the root's certificate, for devices and applications to trust
    Certificate,
    /// Make a new root, which has to be installed on every device
    Renew {
        /// Names and addresses besides the base URL's host [default: what `serve` was told last]
        #[arg(long, value_name = "NAME,..")]
        tls_names: Option<String>,
        /// Make it even if the time may be wrong
        #[arg(long)]
        despite_clock: bool,
    },
}

impl Command {
    pub fn add_to(&self, sources: &mut crate::config::Sources) {
        if let Self::Renew { tls_names: Some(names), .. } = self {
            sources.option("tls-names", Some(names));
            sources.option("tls", Some("own-ca"));
        }
    }
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Show => show(&root(app)?),
        Command::Certificate => output::text(&pem(&root(app)?.certificate)),
        Command::Renew { despite_clock, .. } => renew(app, despite_clock),
    }
}

fn root(app: &App) -> Result<Root, CliError> {
    let wanted = authority::wanted_by_command(app)?;
    let root = app.store.read(|c| authority::root(c, &wanted, app.clock.now()))?;
    root.ok_or_else(|| {
        CliError::refused("there is no certificate authority yet: `latchkey serve --tls own-ca` makes one")
    })
}

fn show(root: &Root) -> Outcome {
    let leaf = root.leaf.map_or_else(|| "none yet".into(), |l| format!("until {}", rfc3339(l.not_after)));
    output::fields(&[
        ("Name", &root.name),
        ("Vouches for", &root.permitted.to_string()),
        ("Valid until", &rfc3339(root.validity.not_after)),
        ("SHA-256", &hex_pairs(&sha256(&root.certificate))),
        ("Server's certificate", &leaf),
    ])?;
    match &root.problem {
        None => {}
        Some(RootProblem::Outside(names)) => output::note(&format!(
            "warning: it may not vouch for {names}. Make a new one with `latchkey ca renew`, and install it on every device."
        )),
        Some(RootProblem::Ends(_)) => output::note(
            "warning: it ends soon. Make a new one with `latchkey ca renew`, and install it on every device.",
        ),
    }
    Ok(())
}

fn renew(app: &App, despite_clock: bool) -> Outcome {
    let wanted = authority::wanted_by_command(app)?;
    let clock = app.clock.view();
    // The rule by which a server makes no certificate of its own accord: a root is installed on every device.
    if !clock.standing.may_purge() && !despite_clock {
        return Err(CliError::refused(format!(
            "the root would be valid from {}, and that may be wrong: {}. Nothing was changed. Mend the time first; or, if a root of that time is what you want, add --despite-clock",
            rfc3339(clock.now),
            clock_words::in_words(&clock)
        )));
    }
    app.sealer_if_there()?;
    let name = authority::renew(app, &wanted, app.clock.now())?;
    output::line(&format!("Made the root {name}, which vouches for {wanted}."))?;
    output::line("A server that runs takes it up within seconds. Install it on every device and application:")?;
    output::line(&format!("  {}", app.base.join("/trust/")))
}
