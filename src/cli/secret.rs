//! Secrets that are typed or piped, never given as arguments: everybody on the machine sees those.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, IsTerminal, Read as _, Write};

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::CliError;
use crate::crypto::envelope::{LEAST_PASSPHRASE, Passphrase};

/// Longer lines are no passphrases.
const MAX_LINE: u64 = 4096;

/// A passphrase to close with: from standard input, or asked for twice.
pub fn new_passphrase(from_stdin: bool) -> Result<Passphrase, CliError> {
    let text = match from_stdin {
        true => line(&mut io::stdin().lock())?,
        false => {
            let first = ask("Passphrase of the backup: ")?;
            if *first != *ask("The same again: ")? {
                return Err(CliError::usage("the two passphrases differ"));
            }
            first
        }
    };
    let passphrase = Passphrase::new(text);
    if !passphrase.is_long_enough() {
        return Err(CliError::usage(format!(
            "the passphrase is too short: it protects every secret of the house, and is guessed at away from here. Take {LEAST_PASSPHRASE} characters or more"
        )));
    }
    Ok(passphrase)
}

/// A passphrase to open with: from standard input, or asked for once.
pub fn passphrase(from_stdin: bool) -> Result<Passphrase, CliError> {
    let text = if from_stdin { line(&mut io::stdin().lock())? } else { ask("Passphrase of the backup: ")? };
    Ok(Passphrase::new(text))
}

/// Whether there is somebody who can be asked.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on the terminal, without showing what is typed.
fn ask(question: &str) -> Result<Zeroizing<String>, CliError> {
    let failed = |e: io::Error| CliError::usage(format!("the terminal: {e}"));
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
    terminal.write_all(question.as_bytes()).map_err(failed)?;
    let before = tcgetattr(&terminal).map_err(|e| failed(e.into()))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent).map_err(|e| failed(e.into()))?;
    let typed = line(&mut BufReader::new(&terminal));
    tcsetattr(&terminal, OptionalActions::Flush, &before).map_err(|e| failed(e.into()))?;
    terminal.write_all(b"\n").map_err(failed)?;
    typed
}

fn line(input: &mut impl BufRead) -> Result<Zeroizing<String>, CliError> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_LINE as usize));
    input.by_ref().take(MAX_LINE).read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}
