//! Times for people: in the way of the page's language, in UTC. Where scripts run, `comfort.js` says them in the
//! reader's own time zone.

use std::borrow::Borrow;

use askama::filters::Safe;

use crate::clock::rfc3339;
use crate::domain::UnixSeconds;
use crate::words::{Lang, escape};

use super::Shell;

impl Shell {
    /// A `<time>` with the exact time behind it.
    pub fn time(&self, at: impl Borrow<UnixSeconds>) -> Safe<String> {
        let at = *at.borrow();
        let words = escape(&written(self.lang, at, "time-pattern"));
        Safe(format!("<time class=\"when\" datetime=\"{}\">{words}</time>", rfc3339(at)))
    }

    /// The same without the element, for the middle of a sentence.
    pub fn date_and_time(&self, at: UnixSeconds) -> String {
        written(self.lang, at, "time-pattern")
    }

    /// A day without its time.
    pub fn date(&self, at: impl Borrow<UnixSeconds>) -> String {
        written(self.lang, *at.borrow(), "date-pattern")
    }
}

/// By a pattern of the catalogue.
fn written(lang: Lang, at: UnixSeconds, pattern: &str) -> String {
    let time = jiff::Timestamp::from_second(at).ok().map(|t| t.to_zoned(jiff::tz::TimeZone::UTC));
    let written = time.and_then(|t| jiff::fmt::strtime::format(lang.say(pattern), &t).ok());
    written.unwrap_or_else(|| rfc3339(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::languages;

    #[test]
    fn every_language_writes_times_in_its_way() {
        let english = Shell::plain(Lang::english());
        let html = r#"<time class="when" datetime="2026-11-23T00:31:05Z">23 Nov 2026, 00:31 UTC</time>"#;
        assert_eq!(english.time(1_795_393_865).0, html);
        for lang in languages() {
            let shell = Shell::plain(lang);
            let day = shell.date(1_795_393_865);
            assert!(day.contains("2026") && day.contains("23"), "{day}");
            assert!(shell.time(1_795_393_865).0.contains("00:31 UTC"));
        }
    }
}
