//! `latchkey clock`.

use clap::Subcommand;

use super::{Outcome, output};
use crate::acts::Admin;
use crate::acts::clock::{self as acts, Reset};
use crate::app::App;
use crate::clock::{View, rfc3339};
use crate::domain::clock::{Standing, Synchronised};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What time it is for Latchkey, and how this machine's clock stands to it
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Believe this machine's clock, where a wrong one has left Latchkey's time in the future (or nothing vouches for it)
    Reset,
}

pub fn run(app: &App, command: Command) -> Outcome {
    match command {
        Command::Show { json: true } => output::json(&app.clock.view().as_json()),
        Command::Show { json: false } => show(&app.clock.view()),
        Command::Reset => reset(app),
    }
}

fn show(view: &View) -> Outcome {
    let mark = view.mark.map_or_else(|| "none yet".into(), rfc3339);
    output::fields(&[
        ("Latchkey's time", &rfc3339(view.now)),
        ("This machine's time", &rfc3339(view.system)),
        ("Mark", &mark),
        ("Synchronised", synchronised(view.synchronised)),
    ])?;
    output::line(&in_words(view))
}

fn synchronised(word: Synchronised) -> &'static str {
    match word {
        Synchronised::Yes => "yes",
        Synchronised::No => "no: no time service keeps this machine's clock right",
        Synchronised::Untold => "unknown: the kernel may not be asked here (adjtimex is forbidden)",
    }
}

/// How the clock stands, and what to do.
pub fn in_words(view: &View) -> String {
    match (view.standing, view.synchronised) {
        (Standing::InStep, _) => "The clock is in step.".into(),
        (Standing::Doubtful { lead }, _) => format!(
            "This machine's clock is {} ahead of the time that was last known, and nothing vouches for it. It is used, \
             but not kept, and nothing is deleted by it. Switch on time synchronisation (NTP); or if the clock is \
             right: latchkey clock reset",
            span(lead)
        ),
        (Standing::Behind { by }, Synchronised::Yes) => format!(
            "This machine's clock is synchronised, and {} behind Latchkey's time: an earlier clock was wrong. If this \
             one is right: latchkey clock reset",
            span(by)
        ),
        (Standing::Behind { by }, _) => format!(
            "This machine's clock is {} behind the time that has been. Time goes on from there, so that nothing that \
             has run out counts again. Set the clock, and switch on time synchronisation (NTP)",
            span(by)
        ),
    }
}

/// A span for people, as exact as they need it.
fn span(seconds: i64) -> String {
    let count = |n: i64, unit: &str| if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") };
    match seconds {
        ..120 => count(seconds, "second"),
        120..7_200 => count(seconds / 60, "minute"),
        7_200..172_800 => count(seconds / 3_600, "hour"),
        _ => count(seconds / 86_400, "day"),
    }
}

fn reset(app: &App) -> Outcome {
    let Reset { from, to, ended } = acts::reset(app, &Admin::local())?;
    output::line(&format!("The mark is {} now; Latchkey's time was {}.", rfc3339(to), rfc3339(from)))?;
    if from > to {
        output::line(&format!(
            "Ended {} sessions and {} grants with their tokens that were issued after that. What had run out in the {} \
             between (sessions, tokens, links, codes) counts again until its time comes once more; to be rid of it: \
             latchkey user set-password, or sign out everywhere.",
            ended.sessions,
            ended.grants,
            span(from - to)
        ))?;
    }
    output::line("A server that runs takes it over within seconds.")
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_are_in_the_unit_that_fits() {
        let spans =
            [(1, "1 second"), (119, "119 seconds"), (7_199, "119 minutes"), (7_200, "2 hours"), (864_000, "10 days")];
        for (seconds, said) in spans {
            assert_eq!(span(seconds), said);
        }
    }
}
