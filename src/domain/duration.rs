//! Durations as people write them: `90s`, `15m`, `12h`, `7d`.

use crate::words::Words;

const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
const LONGEST: i64 = 10 * 366 * 86_400;

/// A duration such as `90`, `90s`, `15m`, `12h` or `7d`, in seconds: one second to ten years.
pub fn parse(text: &str) -> Result<i64, Words> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = if unit.is_empty() { "s" } else { unit };
    let bad = || Words::new("bad-duration");
    let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(bad)?;
    let number: i64 = number.parse().map_err(|_| bad())?;
    let total = number.checked_mul(seconds).filter(|total| (1..=LONGEST).contains(total));
    total.ok_or_else(|| Words::new("bad-duration-range"))
}

/// The shortest way to write a number of seconds: in the largest unit that leaves nothing over.
pub fn write(seconds: i64) -> String {
    let unit = UNITS.into_iter().find(|(_, unit)| seconds != 0 && seconds % unit == 0);
    unit.map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_are_days_hours_minutes_and_seconds() {
        assert_eq!(parse("90"), Ok(90));
        assert_eq!(parse(" 15m "), Ok(900));
        assert_eq!(parse("12h"), Ok(43_200));
        assert_eq!(parse("7d"), Ok(604_800));
        assert_eq!((write(604_800), write(90), write(3_600)), ("7d".into(), "90s".into(), "1h".into()));
    }

    #[test]
    fn nothing_and_too_much_are_refused() {
        for text in ["", "0", "0d", "3661d", "5 m", "m", "-1", "1w", "99999999999999999999"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("3660d").is_ok());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in 1..=LONGEST) {
            prop_assert_eq!(parse(&write(seconds)), Ok(seconds));
        }
    }
}
