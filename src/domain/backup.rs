//! Backups: what their manifest says, when the next nightly one is due, and which old ones may go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::UnixSeconds;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// What stands at the head of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The version of Latchkey that made it.
    pub latchkey: String,
    /// The number of the database's schema.
    pub schema: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    pub base_url: Option<String>,
    pub install_id: String,
    /// Rows of each table that a restore keeps.
    pub counts: BTreeMap<String, i64>,
}

/// Why a manifest is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    #[error("what was encrypted is not a backup of Latchkey's (its manifest cannot be read)")]
    Unreadable,
    #[error(
        "it was made by a newer Latchkey (format {0}, this one reads up to {FORMAT}). Install that version or a later one"
    )]
    Newer(u32),
}

impl Manifest {
    pub fn parse(bytes: &[u8]) -> Result<Self, BadManifest> {
        /// A newer manifest may have lost everything else.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let format: Format = serde_json::from_slice(bytes).map_err(|_| BadManifest::Unreadable)?;
        match format.format {
            0 => Err(BadManifest::Unreadable),
            1..=FORMAT => serde_json::from_slice(bytes).map_err(|_| BadManifest::Unreadable),
            newer => Err(BadManifest::Newer(newer)),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        // A map of texts and numbers is always JSON.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// A backup that was opened, checked and counted before it was encrypted: kept in the database for the Dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proven {
    pub at: UnixSeconds,
    pub bytes: u64,
    pub place: String,
    /// Whether it stays where it is. Others are carried away, as they should be.
    #[serde(default)]
    pub nightly: bool,
}

/// What is seen of the file of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// It is there, and as long as it was.
    Whole,
    Gone,
    /// It has so many bytes now.
    Altered(u64),
    /// It was no file, or is one that cannot be seen from here.
    Unseen,
}

/// Why no nightly backup is written to its folder: most often the disk that belongs there is not mounted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderTrouble {
    #[error(
        "the backup folder {0} is not there, so nothing is written: is its disk mounted? A new folder on another disk is made by you, not by Latchkey: install -d -m 700 -o latchkey -g latchkey {0}"
    )]
    Missing(String),
    #[error(
        "{folder} is not the folder that the nightly backups went to so far, so nothing is written to it: is its disk mounted? If it is the one to use from now on, say so: truncate -s 0 {mark}"
    )]
    Other { folder: String, mark: String },
    #[error("the backup folder cannot be looked at: {0}")]
    Unreadable(String),
}

/// What is wrong where backups are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the disk of the backups does not answer")]
    Silent,
    #[error(transparent)]
    Folder(FolderTrouble),
    #[error("{0} is not there any more: somebody removed it, or its disk is not mounted")]
    Gone(String),
    #[error("{0} was changed since it was proven restorable: it is not as long as it was")]
    Altered(String),
}

/// What is wrong, by the last backup and by what was seen of its file and of the folder of the next. One that is made by
/// hand may be carried away; one that is made at night should stay.
pub fn troubles(last: Option<&Proven>, seen: Option<(Sight, Option<FolderTrouble>)>) -> Vec<Trouble> {
    let Some((sight, folder)) = seen else { return vec![Trouble::Silent] };
    let of_file = last.and_then(|last| match sight {
        Sight::Gone if last.nightly => Some(Trouble::Gone(last.place.clone())),
        Sight::Altered(_) => Some(Trouble::Altered(last.place.clone())),
        Sight::Whole | Sight::Gone | Sight::Unseen => None,
    });
    folder.map(Trouble::Folder).into_iter().chain(of_file).collect()
}

/// Older than this, a backup is warned of.
pub const STALE: UnixSeconds = 3 * 86_400;

/// A time of day, in minutes after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay(i64);

impl TimeOfDay {
    /// When a house sleeps.
    pub const HALF_PAST_THREE: Self = Self(3 * 60 + 30);

    /// Reads `03:30`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |text: &str, most: i64| {
            let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            text.parse::<i64>().ok().filter(|n| plain && *n < most)
        };
        Some(Self(number(hours, 24)? * 60 + number(minutes, 60).filter(|_| minutes.len() == 2)?))
    }

    /// When it was this time of day last, by a clock that is `offset` seconds ahead of UTC.
    fn last(self, now: UnixSeconds, offset: i64) -> UnixSeconds {
        let local = now + offset;
        let today = local - local.rem_euclid(86_400) + self.0 * 60;
        (if today > local { today - 86_400 } else { today }) - offset
    }
}

/// Whether a nightly backup is due: none was made since it was time for one last. A night that was missed is made up
/// for; a backup from the future, by a clock that was wrong, counts for nothing.
pub fn is_due(last: Option<UnixSeconds>, now: UnixSeconds, at: TimeOfDay, offset: i64) -> bool {
    last.is_none_or(|last| last > now || last < at.last(now, offset))
}

const PREFIX: &str = "latchkey-";
const SUFFIX: &str = ".age";

/// The name of a nightly backup: by its time in UTC, so that names sort by age, and by the installation, so that several
/// can share a folder.
pub fn file_name(at: UnixSeconds, installation: &str) -> String {
    format!("{PREFIX}{}-{installation}{SUFFIX}", stamp(at))
}

/// A point in time for a name: `20261125-203000`, UTC.
pub fn stamp(at: UnixSeconds) -> String {
    let time = jiff::Timestamp::from_second(at).unwrap_or_default();
    jiff::fmt::strtime::format("%Y%m%d-%H%M%S", time).unwrap_or_default()
}

/// Which backups of a folder an installation has made itself.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    /// What its names end with.
    pub installation: &'a str,
    /// Those it is known to have made when names did not say yet whose they are.
    pub older: &'a [String],
}

impl Own<'_> {
    /// Whether a name is one that [`file_name`] gives here, or gave.
    fn is_one(self, name: &str) -> bool {
        let Some(rest) = inner(name) else { return false };
        let stamp = rest.strip_suffix(self.installation).and_then(|r| r.strip_suffix('-'));
        stamp.is_some_and(is_stamp) || is_stamp(rest) && self.older.iter().any(|o| o == name)
    }
}

/// Whether a name is one of those that did not say whose they are.
pub fn is_older_name(name: &str) -> bool {
    inner(name).is_some_and(is_stamp)
}

fn inner(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)
}

fn is_stamp(text: &str) -> bool {
    text.len() == 15 && text.bytes().enumerate().all(|(at, b)| if at == 8 { b == b'-' } else { b.is_ascii_digit() })
}

/// Which of the names in a folder may go when `keep` backups are kept, of which `newest` is the one just made: the
/// oldest of our own, and nothing else. Those that a clock ran ahead for stay until their time has come: they must not
/// push out what was just made.
pub fn superfluous<'a>(names: &'a [String], own: Own, keep: usize, newest: &str) -> Vec<&'a str> {
    let is_old = |name: &&str| own.is_one(name) && *name <= newest;
    let mut ours: Vec<&str> = names.iter().map(String::as_str).filter(is_old).collect();
    ours.sort_unstable();
    ours.truncate(ours.len().saturating_sub(keep));
    ours
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: UnixSeconds = 86_400;

    #[test]
    fn a_manifest_reads_back_and_a_newer_one_is_named_as_such() {
        let manifest = Manifest {
            format: FORMAT,
            latchkey: "0.1.0".into(),
            schema: 2,
            created_at: "2026-11-25T20:30:00Z".into(),
            base_url: None,
            install_id: "abc".into(),
            counts: [("users".to_owned(), 3)].into(),
        };
        assert_eq!(Manifest::parse(&manifest.to_bytes()), Ok(manifest));
        assert_eq!(Manifest::parse(br#"{"format": 2, "other": true}"#), Err(BadManifest::Newer(2)));
        for wrong in [&b""[..], b"{}", b"[]", br#"{"format": 1}"#, br#"{"format": 0}"#, br#"{"format": -1}"#, b"\xff"] {
            assert_eq!(Manifest::parse(wrong), Err(BadManifest::Unreadable));
        }
    }

    #[test]
    fn times_of_day_are_hours_and_minutes() {
        assert_eq!(TimeOfDay::parse("03:30"), Some(TimeOfDay(210)));
        assert_eq!(TimeOfDay::parse("3:30"), Some(TimeOfDay(210)));
        assert_eq!(TimeOfDay::parse("00:00"), Some(TimeOfDay(0)));
        assert_eq!(TimeOfDay::parse("23:59"), Some(TimeOfDay(1439)));
        for wrong in ["", "24:00", "3", "03:60", "3:5", "03:030", "+3:30", "a:30", "03:30:00", ":30", "03:"] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_backup_is_due_once_a_night_and_a_missed_night_is_made_up_for() {
        let at = TimeOfDay::parse("03:30").unwrap();
        let midnight = 20_000 * DAY;
        let (time, due) = (midnight + 210 * 60, |last, now| is_due(last, now, at, 0));
        assert!(due(None, time - 1));
        assert!(!due(Some(time - DAY), time - 1), "not before its time");
        assert!(due(Some(time - DAY), time));
        assert!(!due(Some(time), time + 5), "once a night");
        assert!(!due(Some(time), time + DAY - 1));
        assert!(due(Some(time - DAY), time + 9 * 3600), "off at night, on at noon");
        assert!(!due(Some(time + 9 * 3600), time + 10 * 3600));
        assert!(due(Some(time + 400 * DAY), time), "made by a clock that was wrong");
        // Two hours ahead of UTC it is half past three at half past one.
        assert!(is_due(Some(time - DAY), time - 7200, at, 7200) && !is_due(Some(time - DAY), time - 7201, at, 7200));
    }

    #[test]
    fn a_nightly_backup_must_stay_and_one_made_by_hand_may_go() {
        let last = |nightly| Proven { at: 0, bytes: 3, place: "/mnt/a.age".into(), nightly };
        let found = |nightly, sight| troubles(Some(&last(nightly)), Some((sight, None)));
        let (gone, altered) = (Trouble::Gone("/mnt/a.age".into()), Trouble::Altered("/mnt/a.age".into()));
        for (nightly, sight, expected) in [
            (true, Sight::Gone, vec![gone.clone()]),
            (false, Sight::Gone, vec![]),
            (true, Sight::Altered(2), vec![altered.clone()]),
            (false, Sight::Altered(2), vec![altered]),
            (true, Sight::Whole, vec![]),
            (true, Sight::Unseen, vec![]),
        ] {
            assert_eq!(found(nightly, sight), expected, "{nightly} {sight:?}");
        }
        assert_eq!(troubles(None, None), [Trouble::Silent]);
        let missing = FolderTrouble::Missing("/mnt".into());
        let both = [Trouble::Folder(missing.clone()), gone];
        assert_eq!(troubles(Some(&last(true)), Some((Sight::Gone, Some(missing)))), both);
    }

    #[test]
    fn only_the_oldest_of_our_own_files_may_go() {
        let at = |n: UnixSeconds| 1_795_393_865 + n * DAY;
        let ours: Vec<String> = (0..4).map(|n| file_name(at(n), "0a1b2c3d")).collect();
        assert_eq!(ours[0], "latchkey-20261123-003105-0a1b2c3d.age");
        let mut names = vec![
            "latchkey-20200101-000000-0a1b2c3d.age.part".to_owned(),
            "latchkey-2020-01-01-0a1b2c3d.age".into(),
            "latchkey-20200101-00000x-0a1b2c3d.age".into(),
            "my-latchkey-20200101-000000-0a1b2c3d.age".into(),
            "latchkey-20200101-0000000a1b2c3d.age".into(),
            "latchkey-20200101-000000-ffffffff.age".into(),
            "latchkey-20200101-000000.age".into(),
            "photos.zip".into(),
        ];
        names.extend(ours.iter().rev().cloned());
        let own = Own { installation: "0a1b2c3d", older: &[] };
        let may_go = |keep, newest| superfluous(&names, own, keep, newest);
        assert_eq!(may_go(2, &ours[3]), [&ours[0], &ours[1]]);
        assert!(may_go(4, &ours[3]).is_empty() && may_go(9, &ours[3]).is_empty());
        assert_eq!(may_go(1, &ours[1]), [&ours[0]], "those from the future do not count");
        // A name that does not say whose it is counts when it is known to be ours, and only if it is such a name.
        let older = ["latchkey-20200101-000000.age".to_owned(), "photos.zip".to_owned()];
        let own = Own { older: &older, ..own };
        assert_eq!(superfluous(&names, own, 4, &ours[3]), [&older[0]]);
        assert!(is_older_name(&older[0]) && !is_older_name(&ours[0]) && !is_older_name("photos.zip"));
    }

    proptest! {
        #[test]
        fn exactly_one_is_due_a_day(minutes in 0_i64..1440, offset in -50_400_i64..50_400, start in 0_i64..2_000_000_000) {
            let at = TimeOfDay(minutes);
            let mut last = None;
            let mut made = 0;
            for hour in 0..24 * 7 {
                let now = start + hour * 3600;
                if is_due(last, now, at, offset) {
                    (last, made) = (Some(now), made + 1);
                }
            }
            // One at once, then one a day.
            prop_assert!((7..=8).contains(&made), "{}", made);
        }
    }
}
