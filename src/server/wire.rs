//! The bytes to and from one client. TLS belongs here and nowhere else: whoever uses a `Wire` only reads, writes,
//! and says until when.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much later than its deadline a read or write may end. Within it the socket's own timeout is left as it was,
/// which saves a system call on nearly every read and write.
const TOLERANCE: Duration = Duration::from_millis(200);

/// A client's connection, every read and write of which ends by an absolute deadline, however the bytes drip.
pub(super) struct Wire {
    socket: Arc<TcpStream>,
    until: Instant,
    read_timeout: Duration,
    write_timeout: Duration,
}

/// Why no more bytes came or went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The deadline passed.
    Late,
    /// The other end is gone, or the edge closed the connection to make room.
    Gone,
}

impl Wire {
    pub(super) fn new(socket: Arc<TcpStream>) -> Self {
        // One write is one answer: waiting for more to send would only delay it.
        let _ = socket.set_nodelay(true);
        Self { socket, until: Instant::now(), read_timeout: Duration::ZERO, write_timeout: Duration::ZERO }
    }

    /// Sets the deadline for what follows.
    pub(super) fn until(&mut self, deadline: Instant) {
        self.until = deadline;
    }

    /// Reads what there is, at least one byte.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Lost> {
        loop {
            let left = self.left()?;
            if !close_enough(self.read_timeout, left) {
                self.socket.set_read_timeout(Some(left)).map_err(|_| Lost::Gone)?;
                self.read_timeout = left;
            }
            match (&*self.socket).read(into) {
                Ok(0) => return Err(Lost::Gone),
                Ok(n) => return Ok(n),
                Err(error) => retry_or_lost(&error)?,
            }
        }
    }

    /// Writes all of `first` and then of `second`, together if the socket takes them.
    pub(super) fn write_all(&mut self, mut first: &[u8], mut second: &[u8]) -> Result<(), Lost> {
        while !first.is_empty() || !second.is_empty() {
            let left = self.left()?;
            if !close_enough(self.write_timeout, left) {
                self.socket.set_write_timeout(Some(left)).map_err(|_| Lost::Gone)?;
                self.write_timeout = left;
            }
            match (&*self.socket).write_vectored(&[IoSlice::new(first), IoSlice::new(second)]) {
                Ok(0) => return Err(Lost::Gone),
                Ok(n) => {
                    let of_first = n.min(first.len());
                    first = &first[of_first..];
                    second = &second[n - of_first..];
                }
                Err(error) => retry_or_lost(&error)?,
            }
        }
        Ok(())
    }

    /// Ends the connection so that the client can read the last answer: a close with unread bytes still coming in
    /// would make the kernel send a reset, which discards the answer at the client (RFC 9112 section 9.6).
    pub(super) fn linger(&mut self, at_most: Duration) {
        let _ = self.socket.shutdown(Shutdown::Write);
        self.until(Instant::now() + at_most);
        let mut sink = [0; 2048];
        while self.read(&mut sink).is_ok() {}
    }

    fn left(&self) -> Result<Duration, Lost> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Lost::Late) } else { Ok(left.max(Duration::from_millis(1))) }
    }
}

/// A timeout that is set already serves when it ends neither before the deadline nor much after it.
fn close_enough(set: Duration, left: Duration) -> bool {
    set >= left && set - left <= TOLERANCE
}

/// An interrupted call, and one that timed out a little early, is made again (the deadline is looked at first).
fn retry_or_lost(error: &io::Error) -> Result<(), Lost> {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut => Ok(()),
        _ => Err(Lost::Gone),
    }
}
