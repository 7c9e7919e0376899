use proptest::prelude::*;

use super::*;

const BUILT: UnixSeconds = 1_790_000_000;
/// Some day after that.
const DAY: UnixSeconds = 1_800_000_000;
const HOUR: UnixSeconds = 3_600;

fn at(system: UnixSeconds, boot: UnixSeconds) -> Reading {
    Reading { system: system * 1_000, boot: boot * 1_000 }
}

fn mark(at: UnixSeconds) -> Mark {
    Mark { at, taken: None }
}

fn begin(kept: UnixSeconds, reading: Reading) -> Reckoning {
    Reckoning::begin(Some(&mark(kept)), BUILT, None, reading)
}

fn unvouched(r: &mut Reckoning, system: UnixSeconds, boot: UnixSeconds) -> Moment {
    r.look(at(system, boot), || Synchronised::No)
}

fn vouched(r: &mut Reckoning, system: UnixSeconds, boot: UnixSeconds) -> Moment {
    r.look(at(system, boot), || Synchronised::Yes)
}

#[test]
fn a_machine_that_is_right_is_believed_without_being_asked_for_more() {
    let mut r = begin(DAY, at(DAY + 600, 20));
    let moment = r.look(at(DAY + 600, 20), || panic!("it need not be asked"));
    assert_eq!(moment, Moment { now: DAY + 600, known: DAY + 600, standing: Standing::InStep });
}

#[test]
fn a_machine_that_woke_up_in_the_past_does_not_bring_it_back() {
    // A Raspberry Pi after a power cut: its clock is where it was weeks ago, or in 1970.
    for wrong in [DAY - 20 * 86_400, 0] {
        let mut r = begin(DAY, at(wrong, 20));
        let moment = unvouched(&mut r, wrong + 60, 80);
        assert_eq!((moment.now, moment.known), (DAY + 60, DAY + 60));
        assert_eq!(moment.standing, Standing::Behind { by: DAY - wrong });
        assert!(!moment.standing.may_purge());
        // It finds the time, and is believed again.
        let moment = vouched(&mut r, DAY + 5 * HOUR, 100);
        assert_eq!(moment, Moment { now: DAY + 5 * HOUR, known: DAY + 5 * HOUR, standing: Standing::InStep });
    }
}

#[test]
fn it_is_never_before_the_program_was_built() {
    let mut r = Reckoning::begin(None, BUILT, None, at(86_400, 5));
    assert_eq!(unvouched(&mut r, 86_400, 5).now, BUILT);
    assert_eq!(unvouched(&mut r, 86_500, 105).now, BUILT + 100);
    let mut r = begin(1_000, at(86_400, 5));
    assert_eq!(unvouched(&mut r, 86_400, 5).now, BUILT);
    let mut r = Reckoning::begin(None, BUILT, None, at(DAY, 5));
    assert_eq!(unvouched(&mut r, DAY, 5), Moment { now: DAY, known: DAY, standing: Standing::InStep });
}

#[test]
fn a_lead_of_over_an_hour_is_used_but_not_known_until_somebody_vouches_for_it() {
    let mut r = begin(DAY, at(DAY, 0));
    let moment = unvouched(&mut r, DAY + HOUR, 0);
    assert_eq!((moment.standing, moment.known), (Standing::InStep, DAY + HOUR), "an hour is no reason to doubt");
    let mut r = begin(DAY, at(DAY, 0));
    let moment = unvouched(&mut r, DAY + 3 * HOUR, 0);
    assert_eq!(moment, Moment { now: DAY + 3 * HOUR, known: DAY, standing: Standing::Doubtful { lead: 3 * HOUR } });
    assert!(!moment.standing.may_purge());
    let moment = r.look(at(DAY + 3 * HOUR + 60, 60), || Synchronised::Untold);
    assert_eq!((moment.now, moment.known), (DAY + 3 * HOUR + 60, DAY + 60), "what is known goes on");
    let moment = vouched(&mut r, DAY + 3 * HOUR + 61, 61);
    assert_eq!((moment.known, moment.standing), (DAY + 3 * HOUR + 61, Standing::InStep));
    assert!(moment.standing.may_purge());
}

#[test]
fn a_lead_that_proves_false_is_gone_with_the_process() {
    let mut r = begin(DAY, at(DAY, 0));
    assert_eq!(unvouched(&mut r, DAY + 48 * HOUR, 10).now, DAY + 48 * HOUR);
    let moment = vouched(&mut r, DAY + 20, 20);
    assert_eq!((moment.now, moment.known), (DAY + 48 * HOUR + 10, DAY + 20), "not within this one");
    assert!(!moment.standing.may_purge());
    let mut r = begin(moment.known, at(DAY + 30, 30));
    assert_eq!(vouched(&mut r, DAY + 30, 30).now, DAY + 30);
}

#[test]
fn seconds_that_the_clock_is_put_back_by_are_waited_for_and_hours_are_not() {
    let mut r = begin(DAY, at(DAY, 0));
    assert_eq!(unvouched(&mut r, DAY + 10, 10).now, DAY + 10);
    for (system, boot, now) in [(DAY + 1, 11, DAY + 10), (DAY + 5, 15, DAY + 10), (DAY + 11, 21, DAY + 11)] {
        let moment = unvouched(&mut r, system, boot);
        assert_eq!((moment.now, moment.standing), (now, Standing::InStep));
    }
    let moment = unvouched(&mut r, DAY + 22 - 3 * HOUR, 32);
    assert_eq!((moment.now, moment.standing), (DAY + 22, Standing::Behind { by: 3 * HOUR }));
    assert_eq!(unvouched(&mut r, DAY + 122 - 3 * HOUR, 132).now, DAY + 122, "a code of a minute ends after a minute");
}

#[test]
fn a_process_that_comes_second_knows_how_long_ago_the_mark_was() {
    let taken = |id: &str| Mark { at: DAY, taken: Some(Taken { boot: 1_000_000, boot_id: id.into() }) };
    let later = |mark: &Mark, id| Reckoning::begin(Some(mark), BUILT, id, at(0, 8_200));
    let now = |mut r: Reckoning| unvouched(&mut r, 0, 8_200).now;
    assert_eq!(now(later(&taken("one"), Some("one"))), DAY + 7_200);
    // Another start of the machine, or nobody knows which.
    assert_eq!(now(later(&taken("one"), Some("two"))), DAY);
    assert_eq!(now(later(&taken("one"), None)), DAY);
    // A counter that is behind itself says nothing.
    let mut r = Reckoning::begin(Some(&taken("one")), BUILT, Some("one"), at(0, 10));
    assert_eq!(unvouched(&mut r, 0, 10).now, DAY);
}

#[test]
fn marks_are_written_and_read() {
    for text in ["1800000000", "1800000000 17 4026531834/5f0e"] {
        assert_eq!(text.parse::<Mark>().expect("a mark").to_string(), text);
    }
    for text in ["", "x", "1 2", "1 x y", " 1"] {
        assert_eq!(text.parse::<Mark>(), Err(BadMark), "{text:?}");
    }
}

#[test]
fn nothing_that_a_clock_can_say_is_too_much() {
    for system in [i64::MIN, i64::MAX] {
        let reading = Reading { system, boot: i64::MAX };
        let mut r = Reckoning::begin(Some(&mark(i64::MAX)), BUILT, None, reading);
        r.look(reading, || Synchronised::No);
        r.look(Reading { system: -system.saturating_add(1), boot: i64::MIN }, || Synchronised::Yes);
    }
}

fn a_step() -> impl Strategy<Value = (i64, i64, bool)> {
    let jump = prop_oneof![3 => Just(0_i64), 1 => -40_000..40_000_i64, 1 => -900_000_000..900_000_000_i64];
    (0..100_000_i64, jump, any::<bool>())
}

proptest! {
    #[test]
    fn time_never_goes_back_nor_behind_what_is_kept(
        kept in prop::option::of(BUILT - 1_000_000..DAY + 1_000_000),
        start in 0..(DAY + 1_000_000) * 1_000,
        steps in prop::collection::vec(a_step(), 1..40),
    ) {
        let mut reading = Reading { system: start, boot: 5_000 };
        let kept = kept.map(mark);
        let mut r = Reckoning::begin(kept.as_ref(), BUILT, None, reading);
        let mut before: Option<Moment> = None;
        for (passed, jump, is_vouched) in steps {
            reading = Reading { system: reading.system + passed + jump, boot: reading.boot + passed };
            let word = if is_vouched { Synchronised::Yes } else { Synchronised::No };
            let moment = r.look(reading, || word);
            prop_assert!(moment.now >= BUILT && moment.now >= moment.known);
            prop_assert!(moment.now >= kept.as_ref().map_or(0, |mark| mark.at));
            // The machine's own time is never ahead of ours.
            prop_assert!(moment.now >= reading.system.div_euclid(1_000));
            if let Some(before) = before {
                prop_assert!(moment.now >= before.now);
                // What becomes known is what passed, and never more than an hour on the word of the clock alone.
                let passed = passed.div_euclid(1_000) + 1;
                prop_assert!(is_vouched || moment.known - before.known <= DOUBTFUL_LEAD + passed);
                if let Standing::Doubtful { lead } = moment.standing {
                    prop_assert!(lead >= DOUBTFUL_LEAD && moment.known - before.known <= passed);
                }
            }
            // The next process begins where this one knew itself to be, or later.
            let mut next = begin(moment.known, reading);
            prop_assert!(next.look(reading, || word).now >= moment.known);
            before = Some(moment);
        }
    }
}
