//! `latchkey key`.

use std::io::Read;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use super::{CliError, Outcome, output};
use crate::acts::keys::{self as acts, Ended, Ending, Made, NewDraft, PemDraft, Rotation, Signs, Start};
use crate::acts::{ActError, Admin};
use crate::app::App;
use crate::clock::rfc3339;
use crate::crypto::certificate;
use crate::crypto::keys::{Alg, Kind, MOST_PEM, rsa_bits};
use crate::store::keys::{self, KeyRole, KeyRow, KeyState};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all signing keys
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a key of an algorithm; when there is none of it yet, the key signs at once
    Add {
        /// RS256, PS256, ES256 or EdDSA
        #[arg(long)]
        alg: String,
        /// The size of an RSA key: 2048, 3072 or 4096 [default: 2048]
        #[arg(long)]
        bits: Option<usize>,
        /// What to call it [default: the algorithm and the day]
        #[arg(long)]
        name: Option<String>,
        /// When it signs beside the active key: published (takes over in 24 hours), now, or additional (only for
        /// providers that name it) [default: refuse when there is an active one]
        #[arg(long, value_name = "WHEN")]
        start: Option<String>,
    },
    /// Take over a private key in PEM (PKCS#8, PKCS#1 or SEC 1, not encrypted), with its certificate if it has one
    Import {
        /// A file with the key; - reads standard input
        file: PathBuf,
        /// What to call it [default: the algorithm and the day]
        #[arg(long)]
        name: Option<String>,
        /// When it signs beside the active key: published (takes over in 24 hours), now, or additional (only for
        /// providers that name it)
        #[arg(long, value_name = "WHEN", default_value = "published")]
        start: String,
    },
    /// Make new keys: published now, signing in 24 hours, so that no client fails to verify
    Rotate {
        /// Only the key of this algorithm
        #[arg(long)]
        alg: Option<String>,
        /// Sign with the new keys at once. Clients that cache may refuse sign-ins for a while
        #[arg(long)]
        now: bool,
        /// The same, for keys that somebody else may have: the old ones are revoked, so that nobody believes them
        #[arg(long)]
        stolen: bool,
    },
    /// Let a key sign no more; it stays published until what it signed has expired
    Retire {
        /// A key id of `latchkey key list`
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Let nobody believe a key any more, nor what it signed: somebody else may have it
    Revoke {
        /// A key id of `latchkey key list`
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
    /// Print the certificate of a key in PEM
    Certificate {
        /// A key id of `latchkey key list`
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

pub fn run(app: &App, command: Command) -> Outcome {
    let by = Admin::local();
    match command {
        Command::List { json } => list(app, json),
        Command::Add { alg, bits, name, start } => add(app, &by, parse(&alg)?, bits, name, start),
        Command::Import { file, name, start } => {
            let pem = read_file(&file)?;
            let draft = PemDraft { name: &name.unwrap_or_default(), pem: &pem, start: &start };
            // The key is an argument without an option.
            let made = acts::import(app, &by, &draft).map_err(|error| renamed(error, "pem"))?;
            print("Imported", &made)
        }
        Command::Rotate { alg, now, stolen } => {
            let how = match (now, stolen) {
                (_, true) => Rotation::Stolen,
                (true, false) => Rotation::AtOnce,
                (false, false) => Rotation::Published,
            };
            let alg = alg.as_deref().map(parse).transpose()?;
            let made = acts::rotate(app, &by, alg, how).map_err(|error| renamed(renamed(error, "how"), "alg"))?;
            made.iter().try_for_each(|each| print("Made", each))
        }
        Command::Retire { kid } => ended(&acts::end(app, &by, &find(app, &kid)?.kid, Ending::Retire)?, "Retired"),
        Command::Revoke { kid } => ended(&acts::end(app, &by, &find(app, &kid)?.kid, Ending::Revoke)?, "Revoked"),
        Command::Certificate { kid } => output::text(&certificate::to_pem(&find(app, &kid)?.certificate)),
    }
}

fn parse(alg: &str) -> Result<Alg, CliError> {
    alg.parse().map_err(CliError::usage)
}

/// A problem of a field for which there is no option of that name.
fn renamed(error: ActError, field: &str) -> ActError {
    match error {
        ActError::Malformed(problems) => ActError::Malformed(problems.renamed(field, "")),
        ActError::Refused(problems) => ActError::Refused(problems.renamed(field, "")),
        other => other,
    }
}

fn find(app: &App, kid: &str) -> Result<KeyRow, CliError> {
    let found = app.store.read(|c| keys::by_kid(c, kid))?;
    found.ok_or_else(|| CliError::refused(format!("there is no signing key {kid}; to see all: latchkey key list")))
}

fn read_file(path: &PathBuf) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    // One byte more than can be accepted: what is longer is refused by its length.
    let most = MOST_PEM as u64 + 1;
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().take(most).read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(|error| CliError::refused(format!("{}: {error}", path.display())))
}

fn list(app: &App, json: bool) -> Outcome {
    let all = app.store.read(keys::list)?;
    if json {
        return output::json(&all.iter().map(as_json).collect::<Vec<_>>());
    }
    let row = |k: &KeyRow| {
        let until = match (k.state, k.role) {
            (KeyState::Next, _) => format!("signs from {}", k.activates_at.map(rfc3339).unwrap_or_default()),
            (KeyState::Retired, _) => format!("published until {}", k.expires_at.map(rfc3339).unwrap_or_default()),
            (KeyState::Active, KeyRole::Additional) => "for providers that name it".to_owned(),
            (KeyState::Active | KeyState::Revoked, _) => String::new(),
        };
        vec![k.kid.clone(), k.alg.clone(), k.state.as_str().into(), rfc3339(k.created_at), k.name.clone(), until]
    };
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    output::table(&["KID", "ALG", "STATE", "CREATED", "NAME", ""], &rows)
}

fn as_json(k: &KeyRow) -> serde_json::Value {
    let jwk = serde_json::from_str(&k.public_jwk).unwrap_or_default();
    let ends = certificate::read(&k.certificate).map(|c| rfc3339(c.not_after));
    json!({
        "kid": k.kid, "alg": k.alg, "state": k.state.as_str(), "created_at": rfc3339(k.created_at),
        "activates_at": k.activates_at.map(rfc3339), "expires_at": k.expires_at.map(rfc3339), "name": k.name,
        "role": k.role.as_str(), "bits": rsa_bits(&jwk), "certificate_expires_at": ends,
    })
}

fn add(app: &App, by: &Admin, alg: Alg, bits: Option<usize>, name: Option<String>, start: Option<String>) -> Outcome {
    let kind = match (alg, bits) {
        (Alg::Rs256 | Alg::Ps256, Some(bits)) => Kind::ALL
            .into_iter()
            .find(|kind| kind.alg() == alg && kind.as_str().ends_with(&format!("-{bits}")))
            .ok_or_else(|| CliError::usage(format!("--bits: an RSA key has 2048, 3072 or 4096 bits, not {bits}")))?,
        (Alg::Es256 | Alg::EdDsa, Some(_)) => {
            return Err(CliError::usage(format!(
                "--bits: keys for {alg} have one size; only those for RS256 and PS256 have several"
            )));
        }
        (_, None) => Kind::of(alg, 0),
    };
    if start.is_none() && app.store.read(|c| acts::active(c, alg))?.is_some() {
        return Err(CliError::refused(format!(
            "there is an active {alg} key; to replace it: latchkey key rotate --alg {alg}. To add one beside it, say with --start when it signs"
        )));
    }
    let start = start.unwrap_or_else(|| Start::AtOnce.as_str().to_owned());
    let draft = NewDraft { name: &name.unwrap_or_default(), kind: kind.as_str(), start: &start };
    print("Made", &acts::generate(app, by, &draft)?)
}

fn print(verb: &str, made: &Made) -> Outcome {
    let Made { alg, kid, .. } = made;
    output::line(&match made.signs {
        Signs::Now => format!("{verb} {alg} {kid}; it signs from now on."),
        Signs::From(at) => format!("{verb} {alg} {kid}; it is published now and signs from {}.", rfc3339(at)),
        Signs::WhenNamed => format!(
            "{verb} {alg} {kid}; it signs for providers that name it: latchkey app set SLUG --signing-key {kid}"
        ),
    })
}

fn ended(ended: &Ended, verb: &str) -> Outcome {
    output::line(&format!("{verb} {} {}.", ended.key.alg, ended.key.kid))?;
    match &ended.successor {
        Some(next) => output::line(&format!("{} {} signs from now on.", next.alg, next.kid)),
        None => Ok(()),
    }
}
