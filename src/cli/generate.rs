//! `latchkey generate`: what packages ship beside the program. Hidden, because nobody else needs it.

use std::path::PathBuf;

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;

use super::{Cli, CliError, Outcome, output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the completions for a shell
    Completions { shell: Shell },
    /// Write a manual page for each command into a folder
    Man { folder: PathBuf },
}

pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Completions { shell } => {
            let mut bytes = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "latchkey", &mut bytes);
            output::text(&String::from_utf8_lossy(&bytes))
        }
        Command::Man { folder } => clap_mangen::generate_to(Cli::command(), folder)
            .map_err(|e| CliError::refused(format!("{}: {e}", folder.display()))),
    }
}
