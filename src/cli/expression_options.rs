//! What the commands of policies and scope mappings share: where an expression comes from, and what it is tried with.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use super::CliError;
use crate::domain::expression::MAX_SOURCE;

/// An expression, given or in a file.
#[derive(Debug, Args)]
#[group(required = false, multiple = false)]
pub struct Source {
    /// The expression itself
    #[arg(long, value_name = "TEXT")]
    expression: Option<String>,
    /// A file that holds the expression; - reads standard input
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Source {
    /// The text, if one was named.
    pub fn read(&self) -> Result<Option<String>, CliError> {
        match (&self.expression, &self.file) {
            (Some(text), _) => Ok(Some(text.clone())),
            (None, Some(path)) => read_file(path).map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The text of a new one.
    pub fn required(&self) -> Result<String, CliError> {
        self.read()?.ok_or_else(|| CliError::usage("an expression is needed: --expression TEXT or --file FILE"))
    }
}

fn read_file(path: &PathBuf) -> Result<String, CliError> {
    let mut text = String::new();
    // One byte more than can be accepted: what is longer is refused by its length.
    let most = MAX_SOURCE as u64 + 1;
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().take(most).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(|error| CliError::refused(format!("{}: {error}", path.display())))
}

/// Whom and where a trial is about.
#[derive(Debug, Args)]
pub struct With {
    /// The user to try it with
    pub user: String,
    /// The short name of an application, for expressions that ask
    #[arg(long, value_name = "SLUG", default_value = "", hide_default_value = true)]
    pub app: String,
    /// Where the user would come from, for expressions that ask
    #[arg(long, default_value = "", hide_default_value = true)]
    pub address: String,
}
