//! The memory in which passwords are hashed. Argon2 wants 19 MiB and more for each hash: a few workers share as many
//! buffers, callers queue for them, and buffers that rest are given back to the operating system.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::Block;

/// glibc serves requests of more than 32 MiB by a mapping of their own, always, and unmaps it when it is freed. Below
/// that it learns from what was freed before and starts to keep the memory (`M_MMAP_THRESHOLD` in mallopt(3)).
/// So every buffer reserves this much; what is not written to costs address space only.
const RESERVED_BLOCKS: usize = 33 * 1024;

/// How much may happen at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Hashes at a time, each with a buffer.
    pub(super) workers: usize,
    /// Callers that may wait for a worker.
    pub(super) queue: usize,
    /// Of these, places that strangers never get.
    pub(super) reserved: usize,
    /// How long each of them waits.
    pub(super) patience: Duration,
    /// How long a buffer is kept after its last use.
    pub(super) keep: Duration,
}

/// Who waits for a worker. The two lines are served in turn: however long that of strangers is, whoever is known comes
/// after one of them, and no crowd of known ones keeps strangers out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Known browsers, and those who brought a link, a session or are on this machine.
    Known,
    /// Whoever types a name in a browser that is not known.
    Strangers,
}

/// Too many passwords are being hashed: answer 503 with `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at the moment; try again in a few seconds")]
pub struct Busy;

/// Workers and their buffers. Clones share them.
#[derive(Clone)]
pub(super) struct Pool(Arc<Shared>);

struct Shared {
    limits: Limits,
    state: Mutex<State>,
    released: Condvar,
}

#[derive(Default)]
struct State {
    working: usize,
    /// Tickets of those who wait, first come first served in each line: otherwise a crowd could starve one of them.
    known: VecDeque<u64>,
    strangers: VecDeque<u64>,
    next_ticket: u64,
    /// Whether a known one was served last.
    is_strangers_turn: bool,
    resting: Vec<Resting>,
    /// Whether a thread is there to give back what rests too long.
    reaper: bool,
}

struct Resting {
    blocks: Vec<Block>,
    since: Instant,
}

/// The right to hash; given back when dropped, in a panic too.
struct Permit<'a> {
    shared: &'a Arc<Shared>,
    blocks: Vec<Block>,
}

impl Pool {
    pub(super) fn new(limits: Limits) -> Self {
        Self(Arc::new(Shared { limits, state: Mutex::default(), released: Condvar::new() }))
    }

    /// Runs `work` on this thread with `blocks` KiB of memory, whatever they hold. Waits for a worker.
    ///
    /// # Errors
    /// The queue is full, the wait took too long, or there is no memory.
    pub(super) fn run<T>(&self, line: Line, blocks: usize, work: impl FnOnce(&mut [Block]) -> T) -> Result<T, Busy> {
        let mut permit = self.permit(line)?;
        if permit.blocks.len() < blocks {
            permit.blocks = allocate(std::mem::take(&mut permit.blocks), blocks)?;
        }
        Ok(work(&mut permit.blocks[..blocks]))
    }

    /// Callers that hash, and those that wait for a worker.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.0.lock();
        (state.working, state.waiting())
    }

    fn permit(&self, line: Line) -> Result<Permit<'_>, Busy> {
        let Limits { workers, queue, reserved, patience, .. } = self.0.limits;
        let mut state = self.0.lock();
        if state.working >= workers || state.waiting() > 0 {
            let is_full = state.waiting() >= queue;
            if is_full || (line == Line::Strangers && state.strangers.len() >= queue.saturating_sub(reserved)) {
                return Err(Busy);
            }
            let ticket = state.next_ticket;
            state.next_ticket += 1;
            state.line(line).push_back(ticket);
            let not_yet = |state: &mut State| state.working >= workers || state.next() != Some(ticket);
            let (after, wait) =
                self.0.released.wait_timeout_while(state, patience, not_yet).unwrap_or_else(PoisonError::into_inner);
            state = after;
            state.line(line).retain(|waiting| *waiting != ticket);
            if wait.timed_out() {
                // The one behind may have been waiting for this ticket only.
                self.0.released.notify_all();
                return Err(Busy);
            }
        }
        state.is_strangers_turn = line == Line::Known;
        state.working += 1;
        let blocks = state.resting.pop().map(|resting| resting.blocks).unwrap_or_default();
        if state.working < workers && state.waiting() > 0 {
            self.0.released.notify_all();
        }
        Ok(Permit { shared: &self.0, blocks })
    }
}

impl State {
    fn line(&mut self, line: Line) -> &mut VecDeque<u64> {
        match line {
            Line::Known => &mut self.known,
            Line::Strangers => &mut self.strangers,
        }
    }

    fn waiting(&self) -> usize {
        self.known.len() + self.strangers.len()
    }

    /// Whose turn it is.
    fn next(&self) -> Option<u64> {
        let (first, second) = match self.is_strangers_turn {
            true => (&self.strangers, &self.known),
            false => (&self.known, &self.strangers),
        };
        first.front().or(second.front()).copied()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock, and a poisoned queue would end all sign-ins.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what rested long enough; the time until the next is due, or `None` when nothing rests.
    fn reap(&self) -> Option<Duration> {
        let keep = self.limits.keep;
        let mut state = self.lock();
        let due: Vec<Resting> = state.resting.extract_if(.., |resting| resting.since.elapsed() >= keep).collect();
        let next = state.resting.iter().map(|resting| keep.saturating_sub(resting.since.elapsed())).min();
        state.reaper = next.is_some();
        drop(state);
        drop(due);
        next
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let blocks = std::mem::take(&mut self.blocks);
        let mut state = self.shared.lock();
        state.working -= 1;
        // A larger one was needed for a foreign hash: it is not kept.
        if !blocks.is_empty() && blocks.capacity() <= RESERVED_BLOCKS {
            state.resting.push(Resting { blocks, since: Instant::now() });
        }
        if !state.resting.is_empty() && !state.reaper {
            state.reaper = start_reaper(self.shared);
            if !state.reaper {
                state.resting.clear();
            }
        }
        drop(state);
        self.shared.released.notify_all();
    }
}

/// A thread that lives as long as something rests; false when the system has no thread left.
fn start_reaper(shared: &Arc<Shared>) -> bool {
    let shared = Arc::clone(shared);
    let body = move || {
        let mut wait = Some(shared.limits.keep);
        while let Some(time) = wait {
            std::thread::sleep(time);
            wait = shared.reap();
        }
    };
    std::thread::Builder::new().name("password-memory".to_owned()).spawn(body).is_ok()
}

/// Makes `small` at least `wanted` blocks long. Never copies: what a buffer holds is of no use to the next hash.
pub(super) fn allocate(mut small: Vec<Block>, wanted: usize) -> Result<Vec<Block>, Busy> {
    if small.capacity() < wanted {
        small = Vec::new();
        let room = wanted.max(RESERVED_BLOCKS);
        small.try_reserve_exact(room).map_err(|_| {
            tracing::error!(mebibytes = room / 1024, "no memory to check a password");
            Busy
        })?;
    }
    small.resize(wanted, Block::new());
    Ok(small)
}
