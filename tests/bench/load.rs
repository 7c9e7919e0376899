//! Load from many connections at once, and what it came to.

use std::sync::Barrier;
use std::time::{Duration, Instant};

/// What a load came to.
pub struct Load {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub count: usize,
}

/// Does units of work on `threads` threads at once for `time`. `worker` makes the work of one thread; its first unit is
/// done before the clock starts.
pub fn run<W: FnMut()>(threads: usize, time: Duration, worker: impl Fn(usize) -> W + Sync) -> Load {
    measure(threads, worker, |begun, _| begun.elapsed() < time)
}

/// Does `rounds` units on each of `threads` threads.
pub fn rounds<W: FnMut()>(threads: usize, rounds: usize, worker: impl Fn(usize) -> W + Sync) -> Load {
    measure(threads, worker, |_, done| done < rounds)
}

fn measure<W: FnMut()>(
    threads: usize,
    worker: impl Fn(usize) -> W + Sync,
    go_on: impl Fn(Instant, usize) -> bool + Sync,
) -> Load {
    let start = Barrier::new(threads + 1);
    let work = |number| {
        let mut unit = worker(number);
        unit();
        let mut took = Vec::with_capacity(1 << 14);
        start.wait();
        let begun = Instant::now();
        while go_on(begun, took.len()) {
            let at = Instant::now();
            unit();
            took.push(at.elapsed());
        }
        took
    };
    let (took, whole) = std::thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..threads).map(|number| scope.spawn(move || work(number))).collect();
        start.wait();
        let begun = Instant::now();
        let took: Vec<Duration> = threads.into_iter().flat_map(|t| t.join().expect("a load thread")).collect();
        (took, begun.elapsed())
    });
    Load::of(took, whole)
}

impl Load {
    /// Units of work by the time that each took, all of them done in `whole`.
    pub fn of(mut took: Vec<Duration>, whole: Duration) -> Self {
        took.sort_unstable();
        let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
        Self { per_second: took.len() as f64 / whole.as_secs_f64(), p50: at(0.5), p99: at(0.99), count: took.len() }
    }
}

/// The middle one.
pub fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of[of.len() / 2]
}
