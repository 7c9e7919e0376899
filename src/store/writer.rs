//! The one writer thread: group commit, a savepoint per job.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::Connection;

use super::Tx;
use super::checkpoints::Signal;
use crate::error::Internal;
use crate::metrics::Histogram;

/// Runs in the batch's transaction; what it returns is called once the batch is on the disk, or is not.
type Job = Box<dyn FnOnce(&Connection) -> (Answer, Effect) + Send>;
type Answer = Box<dyn FnOnce(Result<(), Internal>) + Send>;
/// Runs at the end of a transaction that changed something.
type Rider = Box<dyn Fn(&Tx) -> Result<(), Internal> + Send + Sync>;
/// Rung after a commit that queued something.
type Bell = Box<dyn Fn() + Send + Sync>;

/// What a job did to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Nothing,
    Changed,
    /// Changed, and something is queued for somebody who waits for that.
    Queued,
}

/// Jobs in one transaction at most: bounds how long the first one waits for its answer.
const BATCH: usize = 64;

enum Work {
    Job(Job),
    /// Close the database: nothing comes after this.
    End,
}

pub(super) struct Writer {
    work: Sender<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Requesters that wait for their commit.
    waiting: AtomicUsize,
    shared: Arc<Shared>,
}

/// What the thread has in common with those who ask.
#[derive(Default)]
struct Shared {
    rider: OnceLock<Rider>,
    bell: OnceLock<Bell>,
    /// Who is told of commits.
    checkpoints: OnceLock<Arc<Signal>>,
    commits: Histogram,
    failing: AtomicBool,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (work, inbox) = channel();
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let serve = move || serve(connection, &inbox, &theirs);
        let spawned = std::thread::Builder::new().name("writer".into()).spawn(serve);
        if let Err(error) = &spawned {
            tracing::error!(%error, "the writer thread could not be started; every write will be refused");
        }
        Self { work, thread: Mutex::new(spawned.ok()), waiting: AtomicUsize::new(0), shared }
    }

    pub(super) fn ride_along(&self, rider: Rider) {
        // Set by whoever opened the database, once.
        drop(self.shared.rider.set(rider));
    }

    pub(super) fn when_queued(&self, bell: Bell) {
        drop(self.shared.bell.set(bell));
    }

    /// Leaves checkpoints to somebody who is told of every commit.
    pub(super) fn tell_of_commits(&self, checkpoints: Arc<Signal>) {
        drop(self.shared.checkpoints.set(checkpoints));
    }

    /// Does what waits, then closes the connection: the last one to close folds the write-ahead log into the database.
    pub(super) fn end(&self) {
        let thread = self.thread.lock().unwrap_or_else(|e| e.into_inner()).take();
        if let Some(thread) = thread
            && self.work.send(Work::End).is_ok()
        {
            drop(thread.join());
        }
    }

    pub(super) fn run<T, E>(&self, work: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Internal> + Send + 'static,
    {
        let (send, receive) = sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let before = connection.total_changes();
            let (result, is_queued) = in_savepoint(connection, work);
            // What was rolled back was counted too.
            let effect = match connection.total_changes() != before {
                _ if result.is_err() => Effect::Nothing,
                true if is_queued => Effect::Queued,
                true => Effect::Changed,
                false => Effect::Nothing,
            };
            let answer: Answer = Box::new(move |committed| {
                let result = match (result, committed) {
                    (Ok(_), Err(error)) => Err(error.into()),
                    (result, _) => result,
                };
                // The requester may have gone (a deadline); the work is done all the same.
                drop(send.send(result));
            });
            (answer, effect)
        });
        let gone = || Internal::Unavailable("the writer has stopped".into());
        self.waiting.fetch_add(1, Relaxed);
        let result =
            self.work.send(Work::Job(job)).map_err(|_| gone()).and_then(|()| receive.recv().map_err(|_| gone()));
        self.waiting.fetch_sub(1, Relaxed);
        result?
    }

    /// Requesters that wait for their commit.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Relaxed)
    }

    /// Whether the last transaction that had something to write did not come to the disk.
    pub(super) fn is_failing(&self) -> bool {
        self.shared.failing.load(Relaxed)
    }

    /// How long commits took that had something to write.
    pub(super) fn commits(&self) -> &Histogram {
        &self.shared.commits
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

fn serve(connection: Connection, inbox: &Receiver<Work>, shared: &Shared) {
    let mut is_over = false;
    while !is_over {
        let Ok(Work::Job(first)) = inbox.recv() else { return };
        let mut answers = Vec::new();
        let result = batch(&connection, first, inbox, &mut answers, &mut is_over).and_then(|effect| {
            ride(&connection, effect, &shared.rider);
            let begun = Instant::now();
            connection.execute_batch("COMMIT")?;
            if effect != Effect::Nothing {
                shared.commits.observe(begun.elapsed());
                shared.failing.store(false, Relaxed);
            }
            Ok(effect)
        });
        if let Err(error) = &result {
            tracing::error!(%error, "a transaction failed; its requests are answered with an error");
            shared.failing.store(true, Relaxed);
            if !connection.is_autocommit() {
                drop(connection.execute_batch("ROLLBACK"));
            }
        }
        for answer in answers {
            answer(result.clone().map(drop));
        }
        if let (Ok(Effect::Queued), Some(bell)) = (&result, shared.bell.get()) {
            bell();
        }
        if let Some(checkpoints) = shared.checkpoints.get() {
            checkpoints.committed();
        }
    }
}

/// A transaction, still open, with every job that is waiting.
fn batch(
    connection: &Connection,
    first: Job,
    inbox: &Receiver<Work>,
    answers: &mut Vec<Answer>,
    is_over: &mut bool,
) -> Result<Effect, Internal> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        // Runs nothing, but the requester must hear of it: an aborted job answers for itself when it is dropped.
        return Err(error.into());
    }
    let mut job = first;
    let mut effect = Effect::Nothing;
    loop {
        let (answer, its_effect) = job(connection);
        answers.push(answer);
        effect = effect.max(its_effect);
        // A full disk makes SQLite roll the whole transaction back. Another job would run outside of any.
        if connection.is_autocommit() {
            return Err(Internal::Unavailable("the transaction was rolled back".into()));
        }
        if answers.len() == BATCH {
            break;
        }
        job = match inbox.try_recv() {
            Ok(Work::Job(next)) => next,
            Ok(Work::End) => {
                *is_over = true;
                break;
            }
            Err(_) => break,
        };
    }
    Ok(effect)
}

/// Lets the rider add its own to a transaction that is made anyway. It must not spoil the others' work.
fn ride(connection: &Connection, effect: Effect, rider: &OnceLock<Rider>) {
    if effect != Effect::Nothing
        && let Some(rider) = rider.get()
        && let Err(error) = rider(&Tx::new(connection))
    {
        tracing::warn!(%error, "the mark of the clock was not written");
    }
}

/// What the job returned, and whether it queued something.
fn in_savepoint<T, E: From<Internal>>(
    connection: &Connection,
    work: impl FnOnce(&Tx) -> Result<T, E>,
) -> (Result<T, E>, bool) {
    let tx = Tx::new(connection);
    let result = run_in_savepoint(&tx, work);
    (result, tx.queued.get())
}

fn run_in_savepoint<T, E: From<Internal>>(tx: &Tx, work: impl FnOnce(&Tx) -> Result<T, E>) -> Result<T, E> {
    tx.execute_batch("SAVEPOINT job").map_err(Internal::from)?;
    let result = catch_unwind(AssertUnwindSafe(|| work(tx)))
        .unwrap_or_else(|_| Err(Internal::fault("a write job panicked").into()));
    match &result {
        Ok(_) => tx.execute_batch("RELEASE job").map_err(Internal::from)?,
        // Where even that fails, nothing of the batch may stay. The job's own error is the one to tell.
        Err(_) if tx.execute_batch("ROLLBACK TO job; RELEASE job").is_err() => {
            drop(tx.execute_batch("ROLLBACK"));
        }
        Err(_) => {}
    }
    result
}
