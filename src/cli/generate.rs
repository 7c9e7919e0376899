//! `latchkey generate`: what packages ship beside the program. Hidden, because nobody else needs it.

use std::path::PathBuf;

use clap::{CommandFactory, Subcommand};
use clap_complete::Shell;

use super::small::route_rows;
use super::{Cli, CliError, Outcome, output};
use crate::config::SETTINGS;
use crate::domain::event_kinds::KINDS;
use crate::pages::help;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the completions for a shell
    Completions { shell: Shell },
    /// Write a manual page for each command into a folder
    Man { folder: PathBuf },
    /// Print docs/reference.md: settings, commands, addresses, events
    Reference,
    /// Print docs/troubleshooting.md: the help page in English
    Troubleshooting,
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
        Command::Reference => output::text(&reference()),
        Command::Troubleshooting => output::text(&help::document()),
    }
}

fn reference() -> String {
    let mut out = String::from(
        "# Reference\n\n\
         Made by `latchkey generate reference` from what the program itself goes by; a test compares the two.\n\n\
         ## Settings\n\n\
         Each is an option of `serve` (`--name`), an environment variable (`LATCHKEY_NAME`, in capitals, with `_` for `-`)\n\
         and a key in `/etc/latchkey/latchkey.toml` or the file named by `--config`. The command line wins over the\n\
         environment, and that over the file.\n\n\
         | setting | default | meaning |\n|---|---|---|\n",
    );
    for s in SETTINGS {
        out += &format!("| `{}` | {} | {} |\n", s.name, cell(s.default), cell(s.meaning));
    }
    out += "\n## Commands\n\nExit codes: 0 done, 1 refused, 2 not understood, 70 a fault of ours or of the machine, which may pass.\n";
    let mut root = Cli::command();
    root.build();
    for command in root.get_subcommands_mut() {
        describe(command, "latchkey", &mut out);
    }
    out += "\n## Addresses\n\nEach works with and without the slash at its end. Kinds: a *page* is for people; *api* and\n\
            *public* are for programs, *public* from any origin; *plain* is neither.\n\n\
            | methods | path | kind | for |\n|---|---|---|---|\n";
    for row in route_rows() {
        let [methods, path, kind, who] = row.as_slice() else { continue };
        out += &format!("| {methods} | `{}` | {kind} | {} |\n", cell(path), cell(who));
    }
    out += "\n## Events\n\nThe kinds that `latchkey events` and *System > Events* tell of.\n\n";
    for kind in KINDS {
        out += &format!("- `{kind}`\n");
    }
    out
}

/// A command that does something, or those below it.
fn describe(command: &mut clap::Command, above: &str, out: &mut String) {
    let name = format!("{above} {}", command.get_name());
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    if command.has_subcommands() {
        command.get_subcommands_mut().for_each(|below| describe(below, &name, out));
        return;
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    *out += &format!("\n### `{name}`\n\n{about}.\n\n```\n{usage}\n```\n");
    // Those that every command has are told of as settings.
    let own = command.get_arguments().filter(|a| !a.is_global_set() && a.get_id() != "help" && !a.is_hide_set());
    let lines: Vec<String> = own.filter_map(line_of).collect();
    if !lines.is_empty() {
        *out += &format!("\n{}\n", lines.join("\n"));
    }
}

fn line_of(argument: &clap::Arg) -> Option<String> {
    let help = argument.get_help()?.to_string();
    let values: Vec<String> = argument.get_value_names().unwrap_or_default().iter().map(|v| format!("<{v}>")).collect();
    let takes = argument.get_action().takes_values() && !values.is_empty();
    let name = match argument.get_long() {
        Some(long) if takes => format!("--{long} {}", values.join(" ")),
        Some(long) => format!("--{long}"),
        None => values.join(" "),
    };
    Some(format!("- `{name}`: {}", help.replace('\n', " ")))
}

/// In a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
