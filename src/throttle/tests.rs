use std::net::Ipv6Addr;

use super::counts::{MOST, MOST_WRITTEN, MOST_WRITTEN_OF_USERS};
use super::places::MOST_AT_ONCE_FROM_ONE;
use super::*;
use crate::crypto::password::{Line, PasswordHasher};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const ALICE: Account = Account::User { id: 1, round: 0 };
const BOB: Account = Account::User { id: 2, round: 0 };
const PHONE: Hash = [7; 32];

fn throttle() -> Throttle {
    Throttle::new(TagKey::random())
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn fail(t: &Throttle, account: Account, n: u32, now: i64) -> bool {
    (0..n).all(|_| t.begin(account, None, HOME, now).is_ok())
}

#[test]
fn guessing_is_slowed_and_another_address_is_not() {
    let t = throttle();
    assert!(!fail(&t, ALICE, 20, 1000), "twenty guesses in a second must not all be looked at");
    assert!(t.begin(ALICE, None, HOME, 1000).is_err());
    assert!(t.begin(ALICE, None, address("192.0.2.2"), 1000).is_ok());
    assert!(t.begin(BOB, None, HOME, 1000).is_ok());
}

#[test]
fn names_of_nobody_are_counted_each_for_itself() {
    let t = throttle();
    assert!(!fail(&t, Account::Nobody("alice"), 20, 1000));
    for other in [Account::Nobody("bob"), Account::Nobody("user 1 0"), ALICE] {
        assert!(t.begin(other, None, HOME, 1000).is_ok(), "{other:?}");
    }
}

#[test]
fn a_known_device_does_not_wait_for_strangers_and_waits_for_its_own_guesses() {
    let t = throttle();
    assert!(!fail(&t, ALICE, 20, 1000));
    assert!((0..4).all(|_| t.begin(ALICE, Some(PHONE), HOME, 1000).is_ok()), "strangers beside it count apart");
    assert!(t.begin(ALICE, Some(PHONE), HOME, 1000).is_err(), "its own guesses count");
    assert!(t.begin(ALICE, Some(PHONE), address("192.0.2.2"), 1000).is_err(), "wherever it goes");
    assert!(t.begin(ALICE, Some([8; 32]), HOME, 1000).is_ok(), "and for it alone");
    assert!((0..3).all(|_| t.begin_second_factor(ALICE, None, 1000).is_ok()));
    assert!(t.begin_second_factor(ALICE, None, 1000).is_err());
    assert!(t.begin_second_factor(ALICE, Some(PHONE), 1000).is_ok());
}

#[test]
fn second_factors_are_counted_by_user_and_apart_from_passwords() {
    let t = throttle();
    assert!((0..3).all(|_| t.begin_second_factor(ALICE, None, 1000).is_ok()));
    assert_eq!(t.begin_second_factor(ALICE, None, 1000).err(), Some(30));
    assert!(t.begin_second_factor(BOB, None, 1000).is_ok() && t.begin(ALICE, None, HOME, 1000).is_ok());
    assert!(t.begin_second_factor(ALICE, None, 1030).is_ok());
}

#[test]
fn guesses_at_passwords_and_codes_keep_no_passkey_waiting() {
    let t = throttle();
    assert!(!fail(&t, ALICE, 20, 1000) && (0..4).any(|_| t.begin_second_factor(ALICE, None, 1000).is_err()));
    assert!((0..4).all(|_| t.begin_passkey(ALICE, None, HOME, 1000).is_ok()));
    assert_eq!(t.begin_passkey(ALICE, None, HOME, 1000).err(), Some(1), "its own wrong answers do");
    assert!(t.begin_passkey(ALICE, None, address("192.0.2.2"), 1000).is_ok());
    assert!(t.begin_passkey(ALICE, Some(PHONE), HOME, 1000).is_ok());
}

#[test]
fn recovery_mails_are_counted_by_name_by_network_and_by_user() {
    let t = throttle();
    assert!((0..3).all(|_| t.begin_recovery("alice", HOME, 1000).is_ok()));
    assert_eq!(t.begin_recovery("alice", HOME, 1000), Err(30));
    assert!((0..6).all(|n| t.begin_recovery(&n.to_string(), HOME, 1000).is_ok()));
    assert_eq!(t.begin_recovery("bob", HOME, 1000), Err(30), "ten by one network");
    assert!(t.begin_recovery("alice", address("192.0.2.2"), 1000).is_ok());
    assert!(t.begin_recovery_mail(ALICE, 1000).is_ok() && t.begin_recovery_mail(BOB, 1000).is_ok());
    assert_eq!(t.begin_recovery_mail(ALICE, 1000), Err(180));
    assert!(t.begin(ALICE, None, HOME, 1000).is_ok(), "sign-ins are counted apart");
    assert!(t.begin_verification_mail(ALICE, 1000).is_ok());
    let told: Vec<_> = t.of_user(1, 0, 1000).iter().map(|s| (s.guessed, s.until)).collect();
    let until = Some(1180);
    assert_eq!(told, [(Guessed::Mail, until), (Guessed::Verification, until), (Guessed::Password, None)]);
    let next = Account::User { id: 1, round: 1 };
    assert!(t.begin_recovery_mail(next, 1000).is_ok() && t.begin_verification_mail(next, 1000).is_ok());
}

#[test]
fn a_user_is_told_of_each_kind_of_thing_a_few_times_and_the_last_mail_knows_that_it_is() {
    let t = throttle();
    let waits: Vec<_> = (0..5).map(|_| t.begin_notice(ALICE, "unknown device", 1000)).collect();
    assert_eq!(waits, [Ok(0), Ok(0), Ok(0), Ok(900), Err(900)]);
    assert_eq!(t.begin_notice(ALICE, "password changed", 1000), Ok(0), "each kind for itself");
    assert_eq!(t.begin_notice(BOB, "unknown device", 1000), Ok(0));
    assert_eq!(t.begin_notice(ALICE, "unknown device", 1900), Ok(900), "and again after a while");
    assert_eq!(t.of_user(1, 0, 1000), [], "nobody waits for them");
}

#[test]
fn success_forgets_and_a_withdrawn_attempt_does_not_count() {
    let t = throttle();
    for _ in 0..100 {
        let attempt = t.begin(ALICE, None, HOME, 1000).expect("right passwords are never slowed");
        t.succeeded(attempt);
        let attempt = t.begin(ALICE, None, HOME, 1000).expect("nor busy ones");
        t.withdraw(attempt);
    }
}

#[test]
fn a_withdrawn_attempt_takes_no_other_with_it() {
    let t = throttle();
    let busy = t.begin(ALICE, None, HOME, 1000).expect("a first attempt");
    assert!(fail(&t, ALICE, 3, 1000), "the free ones");
    t.withdraw(busy);
    assert!(t.begin(ALICE, None, HOME, 1000).is_ok(), "one was given back");
    assert!(t.begin(ALICE, None, HOME, 1000).is_err(), "and one only");
}

#[test]
fn a_round_that_is_over_counts_no_more() {
    let t = throttle();
    assert!(!fail(&t, ALICE, 20, 1000));
    assert_eq!(t.of_user(1, 0, 1000).len(), 1);
    let next = Account::User { id: 1, round: 1 };
    assert!(fail(&t, next, 4, 1000) && !fail(&t, next, 4, 1000), "the next round has a limit of its own");
}

#[test]
fn what_counts_of_a_user_is_told_and_nothing_of_others() {
    let t = throttle();
    fail(&t, ALICE, 6, 1000);
    fail(&t, BOB, 6, 1000);
    t.begin_second_factor(ALICE, Some(PHONE), 1000).expect("a first attempt");
    let expected = [
        Slowed { guessed: Guessed::Password, source: Source::network(HOME), failures: 4, until: Some(1001) },
        Slowed { guessed: Guessed::SecondFactor, source: Source::Device(PHONE), failures: 1, until: None },
    ];
    assert_eq!(t.of_user(1, 0, 1000), expected);
    assert_eq!(t.of_user(1, 1, 1000), []);
    assert_eq!(t.of_user(1, 0, 1000 + 3_600), [], "after an hour nothing counts");
}

#[test]
fn a_clock_that_went_back_makes_nobody_wait_longer_and_brings_no_wait_back() {
    let t = throttle();
    fail(&t, ALICE, 6, 1_000_000);
    assert_eq!(t.begin(ALICE, None, HOME, 1_000).err(), Some(1), "as long as before, from the new time on");
    assert!(t.begin(ALICE, None, HOME, 1_001).is_ok());

    let t = throttle();
    fail(&t, ALICE, 6, 1_000_000);
    t.begin(BOB, None, HOME, 1_000_000 + 4_000).expect("time goes on");
    assert!(fail(&t, ALICE, 4, 1_000_000), "what was forgotten stays so");

    // Requests that overtake each other by seconds make nothing run off sooner.
    let t = throttle();
    fail(&t, ALICE, 6, 1_000);
    for now in (0..200).map(|n| 1_000 - n % 2) {
        assert!(t.begin(ALICE, None, HOME, now).is_err());
    }
}

#[test]
fn what_was_written_down_counts_after_a_restart() {
    let key = TagKey::random();
    let before = Throttle::new(key.clone());
    assert!(!fail(&before, ALICE, 20, 1000) && !fail(&before, Account::Nobody("eve"), 20, 1000));
    assert!(before.is_changed(1000));
    let changes = before.changes(1000);
    assert_eq!((changes.put.len(), changes.gone.len()), (2, 0));
    before.written(&changes, true);
    assert!(!before.is_changed(1000) && before.changes(1000).is_empty(), "once is enough");
    let start = |now| {
        let after = Throttle::new(key.clone());
        after.remember(changes.put.clone(), now);
        after
    };
    for account in [ALICE, Account::Nobody("eve")] {
        assert_eq!(start(1000).begin(account, None, HOME, 1000).err(), Some(1), "{account:?}");
        assert!(start(1001).begin(account, None, HOME, 1001).is_ok(), "the wait runs off");
        assert!(fail(&start(4600), account, 4, 4600), "and the failures are forgotten in time");
        assert_eq!(start(10).begin(account, None, HOME, 10).err(), Some(1), "a clock behind lengthens nothing");
    }
    assert_eq!(start(1000).of_user(1, 0, 1000), before.of_user(1, 0, 1000));
    let late = start(4600);
    assert!(late.is_changed(4600), "what says nothing any more is taken away");
    assert_eq!(late.changes(4600).gone.len(), 2);
}

#[test]
fn what_succeeded_is_taken_away_and_what_was_not_written_is_tried_again() {
    let t = throttle();
    fail(&t, ALICE, 2, 1000);
    let changes = t.changes(1000);
    t.written(&changes, false);
    assert!(t.is_changed(1000));
    assert_eq!(t.changes(1000), changes);
    t.written(&changes, true);
    let attempt = t.begin(ALICE, None, HOME, 1000).expect("a third attempt");
    t.succeeded(attempt);
    assert!(t.is_changed(1000));
    assert_eq!(t.changes(1000).gone, [changes.put[0].key]);
}

#[test]
fn one_network_cannot_take_all_places_nor_a_known_devices() {
    let t = throttle();
    let crowd: Vec<_> = std::iter::from_fn(|| t.place(None, HOME)).collect();
    assert!(crowd.len() < PasswordHasher::MOST_AT_ONCE, "{}", crowd.len());
    let neighbour = t.place(None, address("192.0.2.2"));
    let device = t.place(Some(PHONE), HOME);
    let line = |place: &Option<Place>| place.as_ref().map(Place::line);
    assert_eq!((line(&neighbour), line(&device)), (Some(Line::Strangers), Some(Line::Known)));
    assert!(neighbour.is_some() && device.is_some() && t.place(None, HOME).is_none());
    drop((crowd, neighbour, device));
    assert!(t.place(None, HOME).is_some());
    assert!(t.places.is_empty());
}

#[test]
fn an_ipv6_network_counts_as_one_address() {
    let t = throttle();
    let address = |n: u16| IpAddr::from([0x2001, 0xdb8, 1, 2, 0, 0, 0, n]);
    assert!((0..50).map(|n| t.begin(ALICE, None, address(n), 1000)).any(|r| r.is_err()));
}

#[test]
fn the_networks_of_one_site_have_a_limit_together() {
    let t = throttle();
    let network = |site: u16, n: u16| IpAddr::from([0x2001, 0xdb8, site, n, 0, 0, 0, 1]);
    assert!((0..40).all(|n| t.begin(ALICE, None, network(1, n), 1000).is_ok()));
    assert_eq!(t.begin(ALICE, None, network(1, 40), 1000).err(), Some(1));
    // The twins: another site, another user, a known device, and whoever was right.
    assert!(t.begin(ALICE, None, network(2, 0), 1000).is_ok() && t.begin(BOB, None, network(1, 0), 1000).is_ok());
    assert!(t.begin(ALICE, Some(PHONE), network(1, 0), 1000).is_ok());
    let busy = t.begin(ALICE, None, network(1, 40), 1001).expect("the wait is over");
    t.withdraw(busy);
    t.succeeded(t.begin(ALICE, None, network(1, 40), 1002).expect("that one did not count"));
    assert!((0..40).all(|n| t.begin(ALICE, None, network(1, 100 + n), 1002).is_ok()));
    assert!((0..10).all(|n| (0..10).all(|m| t.begin_recovery(&format!("{n} {m}"), network(3, n), 1000).is_ok())));
    assert_eq!(t.begin_recovery("alice", network(3, 10), 1000), Err(30), "a hundred wishes by one site");
    let places: Vec<_> = (0..100).filter_map(|n| t.place(None, network(4, n))).collect();
    assert_eq!(places.len(), MOST_AT_ONCE_FROM_ONE, "and as many places as by one address");
}

/// Strangers' wishes, each from a network of its own.
fn flood(t: &Throttle, now: i64) {
    for n in 0..MOST as u32 {
        let address = Ipv6Addr::from(u128::from(n) << 80 | 0x2001 << 112);
        t.begin_recovery("somebody", address.into(), now).expect("a first wish");
    }
}

#[test]
fn strangers_cannot_make_second_factors_mails_and_known_devices_be_forgotten() {
    let t = throttle();
    assert!((0..3).all(|_| t.begin_second_factor(ALICE, None, 1000).is_ok()));
    assert!((0..3).all(|_| t.begin_second_factor(ALICE, Some(PHONE), 1000).is_ok()));
    assert!((0..4).all(|_| t.begin(ALICE, Some(PHONE), HOME, 1000).is_ok()));
    assert!(t.begin_recovery_mail(ALICE, 1000).is_ok() && t.begin_verification_mail(ALICE, 1000).is_ok());
    // When nobody waits: the count decides how long the next wait is.
    flood(&t, 1200);
    assert!(t.begin_second_factor(ALICE, None, 1200).is_ok() && t.begin(ALICE, Some(PHONE), HOME, 1200).is_ok());
    assert_eq!(t.begin_second_factor(ALICE, None, 1200).err(), Some(60));
    assert_eq!(t.begin(ALICE, Some(PHONE), HOME, 1200).err(), Some(2));
    assert!(t.begin_second_factor(ALICE, Some(PHONE), 1200).is_ok());
    assert_eq!(t.begin_second_factor(ALICE, Some(PHONE), 1200).err(), Some(60));
    assert!(t.begin_recovery_mail(ALICE, 1200).is_ok() && t.begin_verification_mail(ALICE, 1200).is_ok());
    assert_eq!(t.begin_recovery_mail(ALICE, 1200).err(), Some(360));
    assert_eq!(t.begin_verification_mail(ALICE, 1200).err(), Some(360));
    // The twin: time does.
    assert!((0..3).all(|_| t.begin_second_factor(ALICE, None, 1200 + 3600).is_ok()));
}

#[test]
fn of_strangers_counts_those_of_one_failure_make_room_first() {
    let t = throttle();
    assert!(fail(&t, ALICE, 4, 1000) && fail(&t, BOB, 1, 1000));
    flood(&t, 1100);
    let of = |user| t.of_user(user, 0, 1100).iter().map(|s| s.failures).collect::<Vec<_>>();
    assert_eq!((of(1), of(2)), (vec![4], vec![]), "the oldest of one failure is gone");
}

#[test]
fn memory_and_what_is_written_are_bounded_and_what_says_most_is_written() {
    let t = throttle();
    let nobody = |n: u32, now| _ = t.begin(Account::Nobody(&n.to_string()), None, HOME, now).expect("a first attempt");
    (0..(MOST as u32 - 500)).for_each(|n| nobody(n, 1000));
    fail(&t, BOB, 4, 1000);
    // What strangers cannot make is written however little it says beside theirs.
    t.begin_recovery_mail(ALICE, 1000).expect("a first mail");
    let changes = t.changes(1000);
    assert_eq!(changes.put.len(), MOST_WRITTEN);
    assert!([1, 2].iter().all(|id| changes.put.iter().any(|row| row.target.user == Some((*id, 0)))));
    (0..(MOST as u32 + 500)).for_each(|n| nobody(n, 4601));
    assert!(t.lock().of_strangers.len() <= MOST);
    for id in 0..(MOST as i64 + 500) {
        t.begin_recovery_mail(Account::User { id, round: 0 }, 4601).expect("a first mail");
    }
    assert!(t.lock().of_users.len() <= MOST);
    // A crowd of users takes no place of strangers' counts on the disk.
    let changes = t.changes(4601);
    let of_users = changes.put.iter().filter(|row| row.target.user.is_some()).count();
    assert_eq!((of_users, changes.put.len()), (MOST_WRITTEN_OF_USERS, MOST_WRITTEN));
}
