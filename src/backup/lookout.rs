//! Looks at the file of the last backup and at the folder of the next: on a thread of its own, since a disk across a
//! network that is gone answers never, and nobody may wait for it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use rusqlite::Connection;

use super::folder::Folder;
use super::make;
use crate::config::Config;
use crate::domain::backup::{FolderTrouble, Proven, Sight, Trouble, troubles};
use crate::error::Internal;

/// How long a disk may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// Looks at once. Those that are never answered do not pile up.
const MOST: usize = 4;

/// Who looks.
#[derive(Debug, Clone, Default)]
pub struct Lookout(Arc<()>);

/// What to look at: the last backup, and the folder, where backups are made at night.
#[derive(Debug, Clone)]
pub struct Question {
    last: Option<Proven>,
    folder: Option<Folder>,
}

/// What was seen of the last backup and of the folder of the next.
#[derive(Debug, Clone)]
pub struct Seen {
    pub last: Option<Proven>,
    pub sight: Sight,
    pub troubles: Vec<Trouble>,
}

impl Question {
    pub fn of(config: &Config, connection: &Connection) -> Result<Self, Internal> {
        let is_nightly = !config.backup_recipients.is_empty();
        let folder = is_nightly.then(|| Folder::of(config, connection)).transpose()?;
        Ok(Self { last: make::last(connection)?, folder })
    }

    fn answer(&self) -> (Sight, Option<FolderTrouble>) {
        (self.last.as_ref().map_or(Sight::Unseen, sight), self.folder.as_ref().and_then(Folder::trouble))
    }
}

impl Lookout {
    /// Looks, for as long as somebody can wait.
    pub fn look(&self, question: Question) -> Seen {
        let last = question.last.clone();
        let answer = self.ask(question);
        let sight = answer.as_ref().map_or(Sight::Unseen, |(sight, _)| *sight);
        Seen { troubles: troubles(last.as_ref(), answer), last, sight }
    }

    fn ask(&self, question: Question) -> Option<(Sight, Option<FolderTrouble>)> {
        // Each thread that looks holds one more.
        if Arc::strong_count(&self.0) > MOST {
            return None;
        }
        let (out, (say, said)) = (Arc::clone(&self.0), channel());
        let look = move || {
            // Nobody may be waiting any more.
            _ = say.send(question.answer());
            drop(out);
        };
        std::thread::Builder::new().name("lookout".into()).spawn(look).ok()?;
        said.recv_timeout(PATIENCE).ok()
    }
}

fn sight(last: &Proven) -> Sight {
    let path = Path::new(&last.place);
    if !path.is_absolute() {
        return Sight::Unseen;
    }
    match std::fs::metadata(path) {
        // A device, or a pipe.
        Ok(about) if !about.is_file() => Sight::Unseen,
        Ok(about) if about.len() == last.bytes => Sight::Whole,
        Ok(about) => Sight::Altered(about.len()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Sight::Gone,
        Err(_) => Sight::Unseen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_or_gone_or_another_one() {
        let path = std::env::temp_dir().join(format!("latchkey-lookout-{}", std::process::id()));
        let place = path.display().to_string();
        let proven = Proven { at: 0, bytes: 3, place, nightly: true };
        let seen = |proven: &Proven| {
            let question = Question { last: Some(proven.clone()), folder: None };
            Lookout::default().look(question).sight
        };
        assert_eq!(seen(&proven), Sight::Gone);
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(seen(&proven), Sight::Whole);
        std::fs::write(&path, "ab").unwrap();
        assert_eq!(seen(&proven), Sight::Altered(2));
        std::fs::remove_file(&path).unwrap();
        for place in ["standard output", "/dev/null"] {
            assert_eq!(seen(&Proven { place: place.into(), ..proven.clone() }), Sight::Unseen);
        }
    }

    #[test]
    fn those_that_wait_for_ever_are_few() {
        let lookout = Lookout::default();
        let stuck: Vec<Lookout> = (0..MOST).map(|_| lookout.clone()).collect();
        let question = Question { last: None, folder: None };
        assert_eq!(lookout.look(question.clone()).troubles, [Trouble::Silent]);
        drop(stuck);
        assert_eq!(lookout.look(question).troubles, []);
    }
}
