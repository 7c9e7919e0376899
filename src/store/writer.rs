//! The one writer thread: group commit, a savepoint per job.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};

use rusqlite::Connection;

use super::Tx;
use crate::error::Internal;

/// Runs in the batch's transaction; what it returns is called once the batch is on the disk, or is not.
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;
type Answer = Box<dyn FnOnce(Result<(), Internal>) + Send>;

/// Jobs in one transaction at most: bounds how long the first one waits for its answer.
const BATCH: usize = 64;

pub(super) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Self {
        let (jobs, inbox) = channel::<Job>();
        // Ends when the last sender is gone; the connection closes (and the WAL is folded in) with it.
        let spawned = std::thread::Builder::new().name("writer".into()).spawn(move || serve(connection, &inbox));
        if let Err(error) = spawned {
            tracing::error!(%error, "the writer thread could not be started; every write will be refused");
        }
        Self { jobs }
    }

    pub(super) fn run<T, E>(&self, work: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Internal> + Send + 'static,
    {
        let (send, receive) = sync_channel(1);
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, work);
            Box::new(move |committed| {
                let result = match (result, committed) {
                    (Ok(_), Err(error)) => Err(error.into()),
                    (result, _) => result,
                };
                // The requester may have gone (a deadline); the work is done all the same.
                drop(send.send(result));
            })
        });
        let gone = || Internal::Unavailable("the writer has stopped".into());
        self.jobs.send(job).map_err(|_| gone())?;
        receive.recv().map_err(|_| gone())?
    }
}

fn serve(connection: Connection, inbox: &Receiver<Job>) {
    while let Ok(first) = inbox.recv() {
        let mut answers = Vec::new();
        let result = batch(&connection, first, inbox, &mut answers);
        if let Err(error) = &result {
            tracing::error!(%error, "a transaction failed; its requests are answered with an error");
            if !connection.is_autocommit() {
                drop(connection.execute_batch("ROLLBACK"));
            }
        }
        for answer in answers {
            answer(result.clone());
        }
    }
}

/// One transaction with every job that is waiting.
fn batch(
    connection: &Connection,
    first: Job,
    inbox: &Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), Internal> {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
        // Runs nothing, but the requester must hear of it: an aborted job answers for itself when it is dropped.
        return Err(error.into());
    }
    answers.push(first(connection));
    while answers.len() < BATCH {
        let Ok(job) = inbox.try_recv() else { break };
        answers.push(job(connection));
    }
    Ok(connection.execute_batch("COMMIT")?)
}

fn in_savepoint<T, E: From<Internal>>(connection: &Connection, work: impl FnOnce(&Tx) -> Result<T, E>) -> Result<T, E> {
    connection.execute_batch("SAVEPOINT job").map_err(Internal::from)?;
    let result = catch_unwind(AssertUnwindSafe(|| work(&Tx(connection))))
        .unwrap_or_else(|_| Err(Internal::fault("a write job panicked").into()));
    let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
    connection.execute_batch(end).map_err(Internal::from)?;
    result
}
