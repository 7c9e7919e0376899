//! Looking for events: by user, application, kind and time, newest first, page by page. Among a million events too, a
//! page takes milliseconds: each query goes along one index, and no further than [`LOOK`] events.

use rusqlite::{Connection, Row, ToSql};

use super::{COLUMNS, DAY, Event, row};
use crate::domain::UnixSeconds;
use crate::error::Internal;
use crate::store::find;

/// Which events are looked for; `None` asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub user: Option<String>,
    /// By its slug.
    pub application: Option<String>,
    pub kind: Option<String>,
    /// Only what was refused.
    pub refusals: bool,
    /// The first second that counts.
    pub from: Option<UnixSeconds>,
    /// The first second that does not count any more.
    pub until: Option<UnixSeconds>,
}

/// Some events, newest first.
#[derive(Debug)]
pub struct Page {
    pub events: Vec<Event>,
    /// Older ones are found before this id. There may be some although this page has none: it ended at [`LOOK`].
    pub next: Option<i64>,
}

/// As many events are looked at for one page.
pub const LOOK: i64 = 20_000;
/// Up to here it is counted how many events an index would lead to.
const COUNT: i64 = 1_000;

/// What an index can lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    User,
    Application,
    Kind,
    Refusals,
    All,
}

impl Path {
    /// The index and the condition that it serves.
    fn sql(self) -> &'static str {
        match self {
            Self::User => "INDEXED BY events_by_user WHERE username = :user",
            Self::Application => "INDEXED BY events_by_application WHERE application = :application",
            Self::Kind => "INDEXED BY events_by_kind WHERE kind = :kind",
            Self::Refusals => "INDEXED BY events_by_refusal WHERE is_refusal = 1",
            Self::All => "WHERE 1",
        }
    }

    /// The paths that lead to everything that is looked for.
    fn of(filter: &Filter) -> Vec<Self> {
        let mut paths = Vec::new();
        paths.extend(filter.user.as_ref().map(|_| Self::User));
        paths.extend(filter.application.as_ref().map(|_| Self::Application));
        paths.extend(filter.refusals.then_some(Self::Refusals));
        paths.extend(filter.kind.as_ref().map(|_| Self::Kind));
        if paths.is_empty() {
            paths.push(Self::All);
        }
        paths
    }
}

/// The span of ids that is looked through: above the first, below the second.
type Span = (i64, i64);

/// The newest `most` events that the filter asks for, with an id below `before`.
pub fn page(connection: &Connection, filter: &Filter, before: Option<i64>, most: usize) -> Result<Page, Internal> {
    let nothing = Page { events: Vec::new(), next: None };
    let Some((above, below)) = span(connection, filter)? else { return Ok(nothing) };
    let below = before.map_or(below, |before| before.min(below));
    let path = shortest(connection, filter, (above, below))?;
    // The last one that is looked at, where it is not the last there is.
    let end = steps(connection, path, filter, (above, below), LOOK)?;
    let span = (end.map_or(above, |end| end.max(above)), below);
    let mut events = ask(connection, &look_sql(path), filter, span, most as i64 + 1, row)?;
    let is_full = events.len() > most;
    events.truncate(most);
    let next = if is_full { events.last().map(|e| e.id) } else { end.filter(|end| *end > above).map(|end| end + 1) };
    Ok(Page { events, next })
}

/// Between which ids the filter's time lies. `None`: nothing is from then.
fn span(connection: &Connection, filter: &Filter) -> Result<Option<Span>, Internal> {
    if filter.from.is_none() && filter.until.is_none() {
        return Ok(Some((0, i64::MAX)));
    }
    let first = filter.from.unwrap_or(i64::MIN).div_euclid(DAY);
    let last = filter.until.unwrap_or(i64::MAX).saturating_sub(1).div_euclid(DAY);
    let sql = "SELECT min(first_id) - 1, max(last_id) + 1 FROM event_days WHERE day BETWEEN ?1 AND ?2";
    let found = find(connection, sql, [first, last], |r| Ok(r.get::<_, Option<i64>>(0)?.zip(r.get(1)?)))?;
    Ok(found.flatten())
}

/// The path along which the fewest events lie, as far as is counted.
fn shortest(connection: &Connection, filter: &Filter, span: Span) -> Result<Path, Internal> {
    let paths = Path::of(filter);
    if let [only] = paths[..] {
        return Ok(only);
    }
    let mut best = (i64::MAX, Path::All);
    for path in paths {
        let count = count(connection, path, filter, span)?;
        if count < best.0 {
            best = (count, path);
        }
    }
    Ok(best.1)
}

/// How many events lie along a path, counted up to [`COUNT`].
fn count(connection: &Connection, path: Path, filter: &Filter, span: Span) -> Result<i64, Internal> {
    Ok(ask(connection, &count_sql(path), filter, span, COUNT, |r| r.get(0))?.first().copied().unwrap_or(0))
}

fn count_sql(path: Path) -> String {
    format!("SELECT count(*) FROM (SELECT 1 FROM events {} AND id > :above AND id < :below LIMIT :most)", path.sql())
}

/// The event that `count` others on the path come before. `None` when there are not so many.
fn steps(
    connection: &Connection,
    path: Path,
    filter: &Filter,
    span: Span,
    count: i64,
) -> Result<Option<i64>, Internal> {
    Ok(ask(connection, &steps_sql(path), filter, span, count, |r| r.get(0))?.first().copied())
}

fn steps_sql(path: Path) -> String {
    format!(
        "SELECT id FROM events {} AND id > :above AND id < :below ORDER BY id DESC LIMIT 1 OFFSET :most",
        path.sql()
    )
}

fn look_sql(path: Path) -> String {
    format!(
        "SELECT {COLUMNS} FROM events {} AND id > :above AND id < :below
           AND (:user IS NULL OR username = :user) AND (:application IS NULL OR application = :application)
           AND (:kind IS NULL OR kind = :kind) AND (NOT :refusals OR is_refusal)
           AND at >= :from AND at < :until
         ORDER BY id DESC LIMIT :most",
        path.sql()
    )
}

/// Runs a statement that names any of the filter's parts.
fn ask<T>(
    connection: &Connection,
    sql: &str,
    filter: &Filter,
    (above, below): Span,
    most: i64,
    row: impl FnMut(&Row) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Internal> {
    let mut statement = connection.prepare_cached(sql)?;
    let values: [(&str, &dyn ToSql); 9] = [
        (":user", &filter.user),
        (":application", &filter.application),
        (":kind", &filter.kind),
        (":refusals", &filter.refusals),
        (":from", &filter.from.unwrap_or(i64::MIN)),
        (":until", &filter.until.unwrap_or(i64::MAX)),
        (":above", &above),
        (":below", &below),
        (":most", &most),
    ];
    for (name, value) in values {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(statement.raw_query().mapped(row).collect::<Result<_, _>>()?)
}

/// One event.
pub fn by_id(connection: &Connection, id: i64) -> Result<Option<Event>, Internal> {
    find(connection, &format!("SELECT {COLUMNS} FROM events WHERE id = ?1"), [id], row)
}

/// Every event that a filter asks for, newest first, read in pieces: of many only a few are in memory at a time.
pub struct Export<'a> {
    connection: &'a Connection,
    filter: &'a Filter,
    piece: std::vec::IntoIter<Event>,
    /// Where the next piece begins. `None` after the last one.
    next: Option<i64>,
}

const PIECE: usize = 500;

impl<'a> Export<'a> {
    /// From the newest on, or from the first with an id below `before`.
    pub fn new(connection: &'a Connection, filter: &'a Filter, before: Option<i64>) -> Self {
        Self { connection, filter, piece: Vec::new().into_iter(), next: Some(before.unwrap_or(i64::MAX)) }
    }
}

impl Iterator for Export<'_> {
    type Item = Result<Event, Internal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.piece.next() {
                return Some(Ok(event));
            }
            match page(self.connection, self.filter, Some(self.next.take()?), PIECE) {
                Ok(found) => (self.piece, self.next) = (found.events.into_iter(), found.next),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

/// Every statement of this file, for the test that looks at their plans.
#[cfg(test)]
pub(super) fn statements() -> Vec<String> {
    let paths = [Path::User, Path::Application, Path::Kind, Path::Refusals, Path::All];
    paths.into_iter().flat_map(|path| [count_sql(path), steps_sql(path), look_sql(path)]).collect()
}
