//! Secrets that are typed or piped, never given as arguments: everybody on the machine sees those.

use std::io::{self, BufRead, IsTerminal, Read as _};

use zeroize::Zeroizing;

use super::{CliError, terminal};
use crate::crypto::envelope::{LEAST_PASSPHRASE, Passphrase};

/// Longer lines are no passphrases.
const MAX_LINE: u64 = 4096;

/// A passphrase to close with: from standard input, or asked for twice.
pub fn new_passphrase(from_stdin: bool) -> Result<Passphrase, CliError> {
    let text = match from_stdin {
        true => line(&mut io::stdin().lock())?,
        false => {
            let first = terminal::ask_secret("Passphrase of the backup")?;
            if *first != *terminal::ask_secret("The same again")? {
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
    let text =
        if from_stdin { line(&mut io::stdin().lock())? } else { terminal::ask_secret("Passphrase of the backup")? };
    Ok(Passphrase::new(text))
}

/// A password that somebody else made: from standard input, or asked for once.
pub fn password(question: &str, from_stdin: bool) -> Result<Zeroizing<String>, CliError> {
    if from_stdin { line(&mut io::stdin().lock()) } else { terminal::ask_secret(question) }
}

/// Whether there is somebody who can be asked.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn line(input: &mut impl BufRead) -> Result<Zeroizing<String>, CliError> {
    let mut line = Zeroizing::new(String::with_capacity(MAX_LINE as usize));
    input.by_ref().take(MAX_LINE).read_line(&mut line).map_err(|e| CliError::usage(format!("standard input: {e}")))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}
