//! The bytes to and from one client, in the clear or by TLS. Whoever uses a `Wire` only reads, writes, and says until
//! when.

use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection};

/// How much later than its deadline a read or write may end. Within it the socket's own timeout is left as it was,
/// which saves a system call on nearly every read and write.
const TOLERANCE: Duration = Duration::from_millis(200);
/// Bytes that a client may say until hands are shaken. A greeting with the largest of the new keys has 2 KiB; the
/// protocol would allow 64 KiB, to be kept for everybody who connects.
const HANDSHAKE: usize = 16 << 10;
/// Bytes of an answer that are encrypted and not sent yet: one record of TLS.
const OUTGOING: usize = 16 << 10;
/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_millis(50);

/// A client's connection, every read and write of which ends by an absolute deadline, however the bytes drip.
pub(super) struct Wire {
    line: Line,
    tls: Option<Box<ServerConnection>>,
}

/// Why no more bytes came or went.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The deadline passed.
    Late,
    /// The other end is gone, or the edge closed the connection to make room.
    Gone,
}

/// Why hands were not shaken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoHandshake {
    Lost,
    /// The client speaks HTTP in the clear, and can be told so.
    NotTls,
}

impl Wire {
    pub(super) fn new(socket: Arc<TcpStream>) -> Self {
        // One write is one answer: waiting for more to send would only delay it.
        let _ = socket.set_nodelay(true);
        let line = Line { socket, until: Instant::now(), read_timeout: Duration::ZERO, write_timeout: Duration::ZERO };
        Self { line, tls: None }
    }

    /// Sets the deadline for what follows.
    pub(super) fn until(&mut self, deadline: Instant) {
        self.line.until = deadline;
    }

    /// Goes over to TLS, which the client has to begin.
    pub(super) fn shake_hands(&mut self, config: &Arc<ServerConfig>) -> Result<(), NoHandshake> {
        let first = self.line.peek().map_err(|_| NoHandshake::Lost)?;
        if first.is_ascii_alphabetic() {
            return Err(NoHandshake::NotTls);
        }
        let mut tls = Box::new(ServerConnection::new(Arc::clone(config)).map_err(|_| NoHandshake::Lost)?);
        let mut heard = 0;
        while tls.is_handshaking() {
            if heard > HANDSHAKE {
                return Err(NoHandshake::Lost);
            }
            heard += hear(&mut tls, &mut self.line).map_err(|_| NoHandshake::Lost)?;
        }
        tls.set_buffer_limit(Some(OUTGOING));
        self.tls = Some(tls);
        Ok(())
    }

    /// Reads what there is, at least one byte.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Lost> {
        let Some(tls) = &mut self.tls else { return some(self.line.read(into)) };
        loop {
            match tls.reader().read(into) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => hear(tls, &mut self.line)?,
                // Nothing more: by a goodbye, or without one.
                read => return some(read),
            };
        }
    }

    /// Writes all of `first` and then of `second`, together if the socket takes them.
    pub(super) fn write_all(&mut self, mut first: &[u8], mut second: &[u8]) -> Result<(), Lost> {
        while !first.is_empty() || !second.is_empty() {
            let both = [IoSlice::new(first), IoSlice::new(second)];
            let count = match &mut self.tls {
                None => some(self.line.write_vectored(&both))?,
                Some(tls) => {
                    let taken = some(tls.writer().write_vectored(&both))?;
                    tell(tls, &mut self.line)?;
                    taken
                }
            };
            let of_first = count.min(first.len());
            first = &first[of_first..];
            second = &second[count - of_first..];
        }
        Ok(())
    }

    /// Ends the connection so that the client can read the last answer: a close with unread bytes still coming in
    /// would make the kernel send a reset, which discards the answer at the client (RFC 9112 section 9.6).
    pub(super) fn linger(&mut self, at_most: Duration) {
        self.say_goodbye();
        let _ = self.line.socket.shutdown(Shutdown::Write);
        self.until(Instant::now() + at_most);
        let mut sink = [0; 2048];
        while some(self.line.read(&mut sink)).is_ok() {}
    }

    /// Tells a TLS client that the connection ends here and was not cut off (RFC 8446 section 6.1).
    pub(super) fn say_goodbye(&mut self) {
        if let Some(tls) = &mut self.tls {
            self.line.until = Instant::now() + FAREWELL;
            tls.send_close_notify();
            let _ = tell(tls, &mut self.line);
        }
    }
}

/// Takes in what the client said and answers what the protocol has to answer. Gives the number of bytes.
fn hear(tls: &mut ServerConnection, line: &mut Line) -> Result<usize, Lost> {
    let count = some(tls.read_tls(line))?;
    let understood = tls.process_new_packets();
    // An alert is what a client is told that was not understood.
    tell(tls, line)?;
    understood.map(|_| count).map_err(|error| {
        tracing::debug!(%error, "a TLS connection failed");
        Lost::Gone
    })
}

/// Sends what is encrypted and waits to be sent.
fn tell(tls: &mut ServerConnection, line: &mut Line) -> Result<(), Lost> {
    while tls.wants_write() {
        some(tls.write_tls(line))?;
    }
    Ok(())
}

/// A number of bytes; none at all is the end.
fn some(count: io::Result<usize>) -> Result<usize, Lost> {
    match count {
        Ok(0) => Err(Lost::Gone),
        Ok(n) => Ok(n),
        Err(error) if error.kind() == ErrorKind::TimedOut => Err(Lost::Late),
        Err(_) => Err(Lost::Gone),
    }
}

/// The socket and its deadline. `TimedOut` is what it says when that has passed.
struct Line {
    socket: Arc<TcpStream>,
    until: Instant,
    read_timeout: Duration,
    write_timeout: Duration,
}

impl Line {
    /// The next byte, which stays to be read.
    fn peek(&mut self) -> Result<u8, Lost> {
        let mut byte = [0];
        some(self.try_reading(|socket| socket.peek(&mut byte)))?;
        Ok(byte[0])
    }

    fn try_reading(&mut self, mut read: impl FnMut(&TcpStream) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            let left = self.left()?;
            if !close_enough(self.read_timeout, left) {
                self.socket.set_read_timeout(Some(left))?;
                self.read_timeout = left;
            }
            match read(&self.socket) {
                Err(error) if is_to_be_tried_again(&error) => {}
                done => return done,
            }
        }
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left.max(Duration::from_millis(1))) }
    }
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.try_reading(|mut socket| socket.read(into))
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        loop {
            let left = self.left()?;
            if !close_enough(self.write_timeout, left) {
                self.socket.set_write_timeout(Some(left))?;
                self.write_timeout = left;
            }
            match (&*self.socket).write_vectored(parts) {
                Err(error) if is_to_be_tried_again(&error) => {}
                done => return done,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A timeout that is set already serves when it ends neither before the deadline nor much after it.
fn close_enough(set: Duration, left: Duration) -> bool {
    set >= left && set - left <= TOLERANCE
}

/// An interrupted call, and one that timed out a little early, is made again (the deadline is looked at first).
fn is_to_be_tried_again(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
