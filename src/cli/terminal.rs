//! Talking with a person at a terminal: questions, passwords that are not shown, QR codes.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, IsTerminal, Read, Write};

use fast_qr::{ECL, QRBuilder};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::{CliError, output};

/// Longer lines are no answers.
const MAX_LINE: u64 = 4096;
/// Light modules around a QR code, which readers need to find it.
const QUIET: usize = 4;

/// Whether there is somebody who can be asked.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks a question. Only Enter gives what was offered.
pub fn ask(question: &str, offered: Option<&str>) -> Result<String, CliError> {
    match offered {
        Some(offered) => output::text(&format!("{question} [{offered}]: "))?,
        None => output::text(&format!("{question}: "))?,
    }
    let mut line = String::new();
    let read = io::stdin().lock().take(MAX_LINE).read_line(&mut line).map_err(failed)?;
    if read == 0 {
        return Err(CliError::refused("no answer; nothing was changed"));
    }
    let line = line.trim();
    Ok(if line.is_empty() { offered.unwrap_or_default() } else { line }.to_owned())
}

/// Asks for yes or no. Anything but yes is no.
pub fn confirm(question: &str) -> Result<bool, CliError> {
    let answer = ask(&format!("{question} [y/N]"), None)?.to_lowercase();
    Ok(matches!(answer.as_str(), "y" | "yes"))
}

/// Asks for a secret on the terminal, without showing what is typed.
pub fn ask_secret(question: &str) -> Result<Zeroizing<String>, CliError> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(failed)?;
    let before = tcgetattr(&terminal).map_err(|e| failed(e.into()))?;
    // Silent first: what is typed as soon as the question stands there is neither shown nor thrown away.
    tcsetattr(&terminal, OptionalActions::Flush, &silent(&before)).map_err(|e| failed(e.into()))?;
    let asked = terminal.write_all(format!("{question}: ").as_bytes());
    let read = asked.and_then(|()| read_secret(&terminal));
    tcsetattr(&terminal, OptionalActions::Flush, &before).map_err(|e| failed(e.into()))?;
    terminal.write_all(b"\n").map_err(failed)?;
    read.map_err(failed)?.ok_or_else(|| CliError::refused("interrupted; nothing was changed"))
}

/// A terminal that shows nothing. Its keys for signals end the line instead: who presses Ctrl-C would otherwise be left
/// with a terminal that stays silent.
fn silent(before: &Termios) -> Termios {
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
    silent.special_codes[SpecialCodeIndex::VEOL] = before.special_codes[SpecialCodeIndex::VINTR];
    silent.special_codes[SpecialCodeIndex::VEOL2] = before.special_codes[SpecialCodeIndex::VQUIT];
    silent
}

/// Reads a line. `None` when it was ended by anything but Enter.
fn read_secret(mut terminal: &File) -> io::Result<Option<Zeroizing<String>>> {
    // A terminal gives a line at a time.
    let mut bytes = Zeroizing::new([0; MAX_LINE as usize]);
    let length = terminal.read(&mut *bytes)?;
    let Some(line) = bytes[..length].strip_suffix(b"\n") else { return Ok(None) };
    let text = std::str::from_utf8(line).map_err(|_| io::Error::other("what was typed is no text (UTF-8)"))?;
    Ok(Some(Zeroizing::new(text.trim_end_matches('\r').to_owned())))
}

fn failed(error: io::Error) -> CliError {
    CliError::usage(format!("the terminal: {error}"))
}

/// A QR code of half blocks, dark on light whatever the terminal's own colours are. `None` where the text is too long.
pub fn qr_code(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::L).build().ok()?;
    let side = code.size + 2 * QUIET;
    let inside = QUIET..QUIET + code.size;
    let is_dark = |x: usize, y: usize| inside.contains(&x) && inside.contains(&y) && code[y - QUIET][x - QUIET].value();
    let mut out = String::new();
    for y in (0..side).step_by(2) {
        // Bright white as paper, black as ink.
        out.push_str("\x1b[30;107m");
        out.extend((0..side).map(|x| match (is_dark(x, y), is_dark(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        }));
        out.push_str("\x1b[0m\n");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_code_has_its_finders_in_three_corners_and_light_around_it() {
        let text = "https://auth.home.example/setup/?token=0123456789012345678901234567890123456789abc";
        let code = qr_code(text).expect("it fits");
        let rows: Vec<Vec<char>> = code
            .lines()
            .map(|l| l.trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[0m").chars().collect())
            .collect();
        let side = rows[0].len();
        assert!(rows.iter().all(|r| r.len() == side) && side <= 80, "square, and it fits a terminal: {side}");
        assert!(rows[..2].iter().flatten().all(|c| *c == ' '), "four light rows");
        assert!(rows.iter().all(|r| r[..4].iter().chain(&r[side - 4..]).all(|c| *c == ' ')));
        // The top edge of a finder: seven dark modules, with dark below only at the ends.
        let top = |from: usize| rows[2][from..from + 7].iter().collect::<String>();
        assert_eq!((top(4).as_str(), top(side - 11).as_str()), ("█▀▀▀▀▀█", "█▀▀▀▀▀█"));
        assert!(qr_code(&"x".repeat(5_000)).is_none());
    }
}
