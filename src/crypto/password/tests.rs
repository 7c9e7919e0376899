use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use argon2::PasswordVerifier as _;

use super::*;

/// Cheap enough to hash by the hundred.
const CHEAP: Cost = Cost { memory_kib: 64, passes: 2 };
const MEBIBYTE: usize = 1024;

fn limits() -> Limits {
    Limits { workers: 2, queue: 64, reserved: 0, patience: Duration::from_secs(60), keep: Duration::from_millis(200) }
}

fn cheap() -> PasswordHasher {
    PasswordHasher::with(CHEAP, limits())
}

/// A hash that the argon2 crate makes by itself.
fn foreign(memory_kib: u32, passes: u32, lanes: u32, output: usize) -> String {
    let params = Params::new(memory_kib, passes, lanes, Some(output)).unwrap();
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2::PasswordHasher::hash_password_with_salt(&hasher, b"correct horse", b"salt of another").unwrap().to_string()
}

#[test]
fn the_right_password_is_right_and_any_other_is_wrong() {
    let hasher = cheap();
    for password in ["correct horse", "", "pässwörd 🐎", &"x".repeat(100_000)] {
        let phc = hasher.hash(password).unwrap();
        assert_eq!(hasher.verify(password, &phc), Ok(Verified::Right));
        assert_eq!(hasher.verify(&format!("{password} "), &phc), Ok(Verified::Wrong));
        assert_eq!(hasher.verify("other", &phc), Ok(Verified::Wrong));
    }
}

#[test]
fn a_hash_is_a_phc_string_with_its_own_salt_that_another_implementation_verifies() {
    let (a, b) = (cheap().hash("correct horse").unwrap(), cheap().hash("correct horse").unwrap());
    assert!(a.starts_with("$argon2id$v=19$m=64,t=2,p=1$"), "{a}");
    assert_ne!(a, b);
    assert!(Argon2::default().verify_password(b"correct horse", &*a).is_ok());
    assert!(Argon2::default().verify_password(b"correct house", &*a).is_err());
}

#[test]
fn hashes_of_other_parameters_are_verified_and_weak_ones_named() {
    let hasher = cheap();
    for (phc, right) in [
        (foreign(64, 2, 1, 32), Verified::Right),
        (foreign(64, 3, 1, 32), Verified::Right),
        (foreign(64, 1, 1, 32), Verified::RightButWeak),
        (foreign(32, 9, 1, 32), Verified::RightButWeak),
        (foreign(64, 2, 4, 16), Verified::RightButWeak),
        (foreign(64, 5, 1, 64), Verified::RightButWeak),
        (foreign(40_000, 1, 2, 24), Verified::RightButWeak),
    ] {
        assert_eq!(hasher.verify("correct horse", &phc), Ok(right), "{phc}");
        assert_eq!(hasher.verify("correct house", &phc), Ok(Verified::Wrong), "{phc}");
    }
}

#[test]
fn a_new_cost_makes_the_old_hash_weak() {
    let hasher = cheap();
    let old = hasher.hash("correct horse").unwrap();
    hasher.set_cost(Cost { memory_kib: 0, passes: 0 });
    assert_eq!(hasher.cost(), Cost::FLOOR, "never below the floor");
    assert_eq!(hasher.verify("correct horse", &old), Ok(Verified::RightButWeak));
    let new = hasher.hash("correct horse").unwrap();
    assert!(new.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{new}");
    assert_eq!(hasher.verify("correct horse", &new), Ok(Verified::Right));
    hasher.set_cost(Cost { memory_kib: u32::MAX, passes: u32::MAX });
    assert_eq!(hasher.cost(), Cost { memory_kib: MAX_MEMORY_KIB, passes: Cost::MAX_PASSES });
    assert_eq!(PasswordHasher::new(CHEAP).cost(), Cost::FLOOR);
}

#[test]
fn a_stored_hash_that_cannot_be_checked_is_wrong() {
    let good = foreign(64, 2, 1, 32);
    assert!(Stored::parse(&good).is_ok());
    let salt_and_hash = good.splitn(5, '$').nth(4).unwrap();
    for bad in [
        "",
        "correct horse",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
        &good.replace("argon2id", "argon2i"),
        &good.replace("v=19", "v=16"),
        &good.replace("$v=19", ""),
        &good.replace("m=64", "m=262145"),
        &good.replace("m=64", "m=4294967295"),
        &good.replace("t=2", "t=4294967295"),
        &good.replace("p=1", "p=17"),
        &good.replace("p=1", "p=9"),
        &good.replace("p=1", "p=0"),
        &good.replace("p=1", "p=1,keyid=AAAA"),
        &good.replace("p=1", "p=1,data=AAAA"),
        good.rsplit_once('$').unwrap().0,
        &format!("$argon2id$v=19$m=262144,t=9,p=1${}", salt_and_hash.rsplit_once('$').unwrap().0),
        &foreign(64, 2, 1, 12),
    ] {
        assert!(Stored::parse(bad).is_err(), "{bad}");
        assert_eq!(cheap().verify("correct horse", bad), Ok(Verified::Wrong), "{bad}");
    }
}

/// The time of the quickest of several, taken in turn, so that a busy machine slows both alike.
fn quickest_in_turn(a: &dyn Fn(), b: &dyn Fn()) -> (Duration, Duration) {
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..15).map(|_| (timed(a), timed(b))).reduce(|(a, b), (x, y)| (a.min(x), b.min(y))).unwrap()
}

#[test]
fn a_user_who_does_not_exist_costs_what_one_with_a_new_or_an_old_hash_does() {
    let old = PasswordHasher::with(Cost { memory_kib: 4 * 1024, passes: 2 }, limits());
    let hasher = PasswordHasher::with(Cost { memory_kib: 8 * 1024, passes: 6 }, limits());
    for phc in [hasher.hash("correct horse").unwrap(), old.hash("correct horse").unwrap()] {
        let (known, unknown) =
            quickest_in_turn(&|| assert_eq!(hasher.verify("wrong", &phc), Ok(Verified::Wrong)), &|| {
                assert_eq!(hasher.verify_nobody("wrong"), Ok(()))
            });
        let (less, more) = (known.min(unknown), known.max(unknown));
        // Without the work made up, the factor would be six; with no work at all, thousands.
        assert!(more < less * 3, "known {known:?}, unknown {unknown:?}");
    }
}

#[test]
fn many_at_once_all_get_their_answer_and_only_two_work() {
    let hasher = cheap();
    let phc = hasher.hash("correct horse").unwrap();
    let (start, working, most) = (Barrier::new(64), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..64 {
            let (hasher, phc, start, working, most) = (&hasher, &phc, &start, &working, &most);
            scope.spawn(move || {
                start.wait();
                let (password, expected) =
                    if n % 2 == 0 { ("correct horse", Verified::Right) } else { ("wrong", Verified::Wrong) };
                assert_eq!(hasher.verify(password, phc), Ok(expected));
                let peak = hasher.pool.run(Line::Known, 1, |_| {
                    let now = working.fetch_add(1, Ordering::SeqCst) + 1;
                    thread::sleep(Duration::from_millis(1));
                    working.fetch_sub(1, Ordering::SeqCst);
                    now
                });
                most.fetch_max(peak.unwrap(), Ordering::SeqCst);
            });
        }
    });
    assert_eq!(most.into_inner(), 2);
}

/// Holds every worker until `then` is done.
fn while_all_work(hasher: &PasswordHasher, workers: usize, then: impl FnOnce()) {
    let (begun, ended) = (Barrier::new(workers + 1), Barrier::new(workers + 1));
    let hold = |_: &mut [Block]| {
        begun.wait();
        ended.wait();
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| hasher.pool.run(Line::Known, 1, hold).unwrap());
        }
        begun.wait();
        then();
        ended.wait();
    });
}

#[test]
fn a_full_queue_is_busy_at_once_and_a_long_wait_in_the_end() {
    let patience = Duration::from_millis(300);
    let hasher = PasswordHasher::with(CHEAP, Limits { queue: 1, patience, ..limits() });
    while_all_work(&hasher, 2, || {
        thread::scope(|scope| {
            let start = Instant::now();
            let waiting = scope.spawn(|| hasher.verify_nobody("x"));
            while hasher.pool.load().1 < 1 {
                thread::yield_now();
            }
            let second = Instant::now();
            assert_eq!(hasher.verify_nobody("x"), Err(Busy), "the queue is full");
            assert!(second.elapsed() < patience);
            assert_eq!(waiting.join().unwrap(), Err(Busy), "nobody came to an end");
            assert!(start.elapsed() >= patience);
        });
        assert_eq!(hasher.pool.load().1, 0);
    });
    assert_eq!(hasher.verify_nobody("x"), Ok(()), "the passing twin: free again");
}

#[test]
fn strangers_never_fill_the_places_of_known_ones_nor_keep_them_waiting_behind_them_all() {
    let hasher = PasswordHasher::with(CHEAP, Limits { workers: 1, queue: 6, reserved: 2, ..limits() });
    let served = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        let wait = |line, name: &'static str| {
            let (hasher, served, before) = (&hasher, &served, hasher.pool.load().1);
            scope.spawn(move || hasher.pool.run(line, 1, |_| served.lock().unwrap().push(name)).unwrap());
            while hasher.pool.load().1 == before {
                thread::yield_now();
            }
        };
        while_all_work(&hasher, 1, || {
            for name in ["stranger 1", "stranger 2", "stranger 3", "stranger 4"] {
                wait(Line::Strangers, name);
            }
            assert_eq!(hasher.in_line(Line::Strangers).verify_nobody("x"), Err(Busy), "their places are full");
            wait(Line::Known, "known 1");
            wait(Line::Known, "known 2");
            assert_eq!(hasher.verify_nobody("x"), Err(Busy), "all are");
        });
    });
    let expected = ["stranger 1", "known 1", "stranger 2", "known 2", "stranger 3", "stranger 4"];
    assert_eq!(*served.lock().unwrap(), expected);
}

#[test]
fn a_panic_gives_the_worker_back() {
    let hasher = PasswordHasher::with(CHEAP, Limits { workers: 1, queue: 0, ..limits() });
    for _ in 0..3 {
        let work =
            std::panic::AssertUnwindSafe(|| hasher.pool.run(Line::Known, 1, |_| panic!("in the middle of a hash")));
        assert!(std::panic::catch_unwind(work).is_err());
    }
    assert_eq!(hasher.verify_nobody("x"), Ok(()));
}

#[test]
fn tuning_stays_within_its_bounds_and_follows_the_target() {
    assert_eq!(tune(Duration::ZERO), Cost::FLOOR);
    assert_eq!(tune(Duration::from_secs(3600)), Cost { passes: Cost::MAX_PASSES, ..Cost::FLOOR });
}

/// Resident memory of this process in KiB: `VmRSS`, or `VmHWM` for the most there ever was.
fn resident(what: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

/// Other tests would disturb the figures: this one measures in a process of its own, which runs nothing else.
#[test]
fn memory_is_that_of_two_hashes_and_goes_back_to_the_system() {
    const CHILD: &str = "LATCHKEY_TEST_MEMORY";
    if std::env::var_os(CHILD).is_some() {
        return measure_memory();
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let name = format!("{module}::memory_is_that_of_two_hashes_and_goes_back_to_the_system");
    let output = Command::new(std::env::current_exe().unwrap())
        .args([&*name, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn measure_memory() {
    let hasher = PasswordHasher::with(Cost::FLOOR, limits());
    let phc = foreign(64, 1, 1, 32);
    hasher.verify("warm up", &phc).unwrap();
    let buffer = 19 * MEBIBYTE;
    let before = resident("VmRSS");
    // More than once: glibc learns from what is freed, and then keeps it, unless it is asked for in larger pieces.
    for round in 0..3 {
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| hasher.verify_nobody("x").unwrap());
            }
        });
        let during = resident("VmRSS");
        assert!(during > before + buffer, "round {round}: buffers are kept: {before} -> {during} KiB");
        let deadline = Instant::now() + Duration::from_secs(10);
        while resident("VmRSS") > before + 4 * MEBIBYTE {
            let now = resident("VmRSS");
            assert!(Instant::now() < deadline, "round {round}: {before} -> {during} KiB, still {now} KiB");
            thread::sleep(Duration::from_millis(20));
        }
    }
    let most = resident("VmHWM");
    println!("before {before} KiB, at most {most} KiB, after {} KiB", resident("VmRSS"));
    assert!(most < before + 2 * buffer + 8 * MEBIBYTE, "{before} -> {most} KiB");
}
