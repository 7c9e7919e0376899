//! The Dashboard.

use askama::Template;

use super::super::filters;
use super::super::shell::{Frame, Shell};
use crate::clock::View;
use crate::domain::UnixSeconds;
use crate::domain::backup::{FolderTrouble, Proven, Sight, Trouble};
use crate::domain::clock::Synchronised;
use crate::domain::forwarding::Misfit;
use crate::domain::health::{Disk, Failed, Warning};
use crate::domain::tls::RootProblem;
use crate::store::events::Day;
use crate::store::overview::Counts;

/// The first page of the Admin interface.
#[derive(Debug, Template)]
#[template(path = "admin/dashboard.html")]
pub struct Dashboard<'a> {
    pub ui: &'a Shell,
    pub frame: &'a Frame,
    pub warnings: Vec<Warning>,
    pub counts: Counts,
    pub chart: Chart,
    /// Id and name of some applications that are open to everybody.
    pub open: Vec<(i64, String)>,
    pub open_count: i64,
    pub keys: Vec<KeyLine>,
    pub base_url: &'a str,
    pub clock: View,
    /// When the certificate that is shown ends.
    pub certificate: Option<UnixSeconds>,
    pub is_own_ca: bool,
    pub disk: Option<Disk>,
    /// Bytes.
    pub database: u64,
    /// The last one that was proven restorable.
    pub backup: Option<Proven>,
    /// What is seen of it now.
    pub sight: Sight,
}

/// A key that signs.
#[derive(Debug)]
pub struct KeyLine {
    pub alg: String,
    /// Its age.
    pub days: i64,
    /// When the next one takes over, if there is one.
    pub followed_at: Option<UnixSeconds>,
}

/// Sign-ins and refusals by day, as bars in a box of [`Chart::WIDTH`] by [`Chart::HEIGHT`].
#[derive(Debug)]
pub struct Chart {
    pub days: Vec<Day>,
    bars: Vec<Bar>,
    sign_ins: i64,
    refusals: i64,
    /// The highest bar.
    most: i64,
}

#[derive(Debug)]
struct Bar {
    is_refusal: bool,
    x: i64,
    y: i64,
    height: i64,
}

impl Chart {
    const WIDTH: i64 = 560;
    const HEIGHT: i64 = 160;
    const BAR: i64 = 14;

    pub fn of(days: Vec<Day>) -> Self {
        let most = days.iter().map(|d| d.sign_ins.max(d.refusals)).max().unwrap_or(0);
        let step = Self::WIDTH / (days.len() as i64).max(1);
        let bar = |is_refusal, index: usize, count: i64| {
            // One of a thousand is seen too.
            let height = if count == 0 { 0 } else { (count * Self::HEIGHT / most.max(1)).max(3) };
            let x = index as i64 * step + (step - 2 * Self::BAR) / 2 + i64::from(is_refusal) * Self::BAR;
            Bar { is_refusal, x, y: Self::HEIGHT - height, height }
        };
        let of_day = |(index, day): (usize, &Day)| [bar(false, index, day.sign_ins), bar(true, index, day.refusals)];
        let bars = days.iter().enumerate().flat_map(of_day).filter(|b| b.height > 0).collect();
        let (sign_ins, refusals) = (days.iter().map(|d| d.sign_ins).sum(), days.iter().map(|d| d.refusals).sum());
        Self { days, bars, sign_ins, refusals, most }
    }
}

impl Dashboard<'_> {
    pub fn render(&self) -> String {
        super::super::html(self)
    }

    /// How many are open besides those that are named.
    fn open_more(&self) -> Option<i64> {
        Some(self.open_count - self.open.len() as i64).filter(|more| *more > 0)
    }

    fn database_size(&self) -> String {
        size(self.database)
    }

    fn first_day(&self) -> String {
        self.chart.days.first().map(|d| self.ui.date(d.at)).unwrap_or_default()
    }

    fn last_day(&self) -> String {
        self.chart.days.last().map(|d| self.ui.date(d.at)).unwrap_or_default()
    }

    /// What time it is, and what the machine says it is.
    fn times(&self) -> [(&'static str, crate::words::Value); 2] {
        let written = |at: UnixSeconds| self.ui.date_and_time(at).as_str().into();
        [("now", written(self.clock.now)), ("system", written(self.clock.system))]
    }

    fn synchronised(&self) -> String {
        self.ui.say(match self.clock.synchronised {
            Synchronised::Yes => "dashboard-clock-synchronised",
            Synchronised::No => "dashboard-clock-alone",
            Synchronised::Untold => "dashboard-clock-untold",
        })
    }

    /// What became of the file of the last backup, when something did.
    fn backup_note(&self) -> Option<String> {
        match self.sight {
            Sight::Whole | Sight::Unseen => None,
            Sight::Gone => Some(self.ui.say("dashboard-backup-gone")),
            Sight::Altered(bytes) => {
                Some(self.ui.say_with("dashboard-backup-altered", &[("size", size(bytes).into())]))
            }
        }
    }

    fn both(
        &self,
        class: &'static str,
        key: &str,
        values: &[(&'static str, crate::words::Value)],
    ) -> (&'static str, String, String) {
        (class, self.ui.say_with(key, values), self.ui.say_with(&format!("{key}-do"), values))
    }

    fn said_of_backups(&self, trouble: &Trouble) -> (&'static str, String, String) {
        let text = |text: &str| crate::words::Value::from(text);
        match trouble {
            Trouble::Silent => self.both("bad", "warning-backup-silent", &[]),
            Trouble::Gone(place) => self.both("bad", "warning-backup-gone", &[("place", text(place))]),
            Trouble::Altered(place) => self.both("bad", "warning-backup-altered", &[("place", text(place))]),
            Trouble::Folder(FolderTrouble::Missing(folder)) => {
                self.both("bad", "warning-backup-folder-missing", &[("folder", text(folder))])
            }
            Trouble::Folder(FolderTrouble::Other { folder, mark }) => {
                self.both("bad", "warning-backup-folder-other", &[("folder", text(folder)), ("mark", text(mark))])
            }
            Trouble::Folder(FolderTrouble::Unreadable(why)) => {
                self.both("bad", "warning-backup-folder-unreadable", &[("why", text(why))])
            }
        }
    }

    /// The class, what is wrong, and what to do.
    fn said(&self, warning: &Warning) -> (&'static str, String, String) {
        let both = |class, key: &str, values: &[_]| self.both(class, key, values);
        match warning {
            Warning::DiskNearlyFull(disk) => {
                both("bad", "warning-disk", &[("free", size(disk.free).into()), ("whole", size(disk.whole).into())])
            }
            Warning::ClockBehind => both("bad", "warning-clock-behind", &self.times()),
            Warning::TimeAhead => both("bad", "warning-time-ahead", &self.times()),
            Warning::ClockDoubtful => both("bad", "warning-clock-doubtful", &self.times()),
            Warning::CertificateInvalid(validity) if self.clock.now > validity.not_after => {
                both("bad", "warning-certificate-ended", &[("at", self.ui.date(validity.not_after).into())])
            }
            Warning::CertificateInvalid(validity) => {
                both("bad", "warning-certificate-early", &[("at", self.ui.date(validity.not_before).into())])
            }
            Warning::CertificateForOthers => {
                both("bad", "warning-certificate-others", &[("url", self.base_url.into())])
            }
            Warning::CertificateTrouble(why) => both("bad", "warning-certificate-trouble", &[("why", why.into())]),
            Warning::CertificateEnds(at) => both("", "warning-certificate-ends", &[("at", self.ui.date(*at).into())]),
            Warning::Root(RootProblem::Outside(names)) => {
                both("bad", "warning-root-outside", &[("names", names.to_string().into())])
            }
            Warning::Root(RootProblem::Ends(at)) => both("", "warning-root-ends", &[("at", self.ui.date(*at).into())]),
            Warning::Misfit(Misfit::NotTrusted) => both("", "warning-proxy-trust", &[]),
            Warning::Misfit(Misfit::SaysHttp) => both("", "warning-proxy-http", &[("url", self.base_url.into())]),
            Warning::Misfit(Misfit::SaysHost(host)) => {
                both("", "warning-proxy-host", &[("host", host.into()), ("url", self.base_url.into())])
            }
            Warning::PlainHttp => both("bad", "warning-http", &[("url", self.base_url.into())]),
            Warning::Loopback => both("", "warning-loopback", &[("url", self.base_url.into())]),
            Warning::OwnHost(names) => {
                both("", "warning-own-host", &[("names", names.join(", ").into()), ("count", names.len().into())])
            }
            Warning::PasskeysElsewhere(some, all, host) => {
                let values = [
                    ("names", some.join(", ").into()),
                    ("count", (*all).into()),
                    ("host", host.into()),
                    ("url", self.base_url.into()),
                ];
                both("bad", "warning-passkeys", &values)
            }
            Warning::OneAdministrator => both("", "warning-one-administrator", &[]),
            Warning::NoBackup => both("", "warning-no-backup", &[]),
            Warning::OldBackup(days) => both("", "warning-old-backup", &[("days", (*days).into())]),
            Warning::Backup(trouble) => self.said_of_backups(trouble),
            Warning::OldKey(alg) => both("", "warning-old-key", &[("alg", alg.into())]),
            Warning::Failed(Failed::Policy(name)) => both("", "warning-policy", &[("name", name.into())]),
            Warning::Failed(Failed::ScopeMapping(name)) => both("", "warning-scope-mapping", &[("name", name.into())]),
        }
    }
}

/// A number of bytes for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bars_stay_in_their_box_and_apart(counts in proptest::collection::vec((0..2_000_000_i64, 0..9_i64), 14)) {
            let day = |(index, (sign_ins, refusals))| Day { at: index as i64 * 86_400, sign_ins, refusals };
            let chart = Chart::of(counts.into_iter().enumerate().map(day).collect());
            for bar in &chart.bars {
                prop_assert!(bar.x >= 0 && bar.x + Chart::BAR <= Chart::WIDTH);
                prop_assert!(bar.y >= 0 && bar.height >= 3 && bar.y + bar.height == Chart::HEIGHT);
            }
            prop_assert!(chart.bars.is_sorted_by(|a, b| a.x + Chart::BAR <= b.x));
        }
    }

    #[test]
    fn sizes_are_in_the_unit_that_fits() {
        assert_eq!([0, 999, 4_096].map(size), ["0 kB", "1 kB", "5 kB"]);
        assert_eq!([1_000_000, 299_999_999, 31_000_000_000].map(size), ["1 MB", "299 MB", "31 GB"]);
    }
}
