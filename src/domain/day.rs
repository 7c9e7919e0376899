//! Days as people write them into a form.

use super::UnixSeconds;

/// The seconds of a day in UTC: its first, and the first of the next.
pub fn parse(text: &str) -> Option<(UnixSeconds, UnixSeconds)> {
    let day: jiff::civil::Date = text.trim().parse().ok()?;
    let begins = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    Some((begins, begins + 86_400))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::parse;

    #[test]
    fn a_day_is_from_its_first_second_to_the_next_day_s() {
        assert_eq!(parse("1970-01-01"), Some((0, 86_400)));
        assert_eq!(parse(" 2026-11-23 "), Some((1_795_392_000, 1_795_478_400)));
        for wrong in ["", "23.11.2026", "2026-02-30", "20261123x", "yesterday", "2026-13-01"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_panics(text in ".*", digits in "[0-9-]{1,14}") {
            parse(&text);
            parse(&digits);
        }
    }
}
