//! Memory for requests. What most of them need is small and each connection's own; the few large buffers are shared
//! and used again, because memory of many sizes, given back by many threads, never quite goes back to the system.

use std::mem;
use std::sync::Mutex;

use super::lock;
use super::wire::{Lost, Wire};

/// What a connection's inbox holds without asking: enough for the head that a browser sends.
const INBOX: usize = 2048;
/// Requests up to this are put together in memory of their own.
const OWN: usize = 4096;

/// The large buffers that nobody uses. How many there can be is decided by whoever allows their use.
pub(super) struct Buffers {
    /// Bytes that a large buffer can hold: any request that is accepted at all.
    pub(super) large: usize,
    free: Mutex<Vec<Vec<u8>>>,
}

/// A buffer, large or not.
pub(super) struct Buffer<'a> {
    pub(super) bytes: Vec<u8>,
    home: Option<&'a Buffers>,
}

impl Buffer<'_> {
    /// An empty buffer with memory of its own.
    pub(super) fn own(size: usize) -> Self {
        Self { bytes: Vec::with_capacity(size), home: None }
    }
}

impl Buffers {
    pub(super) fn new(large: usize) -> Self {
        Self { large, free: Mutex::default() }
    }

    /// Whether so many bytes need a large buffer.
    pub(super) fn is_large(size: usize) -> bool {
        size > OWN
    }

    /// An empty buffer for `size` bytes, at most `large`.
    pub(super) fn take(&self, size: usize) -> Buffer<'_> {
        if !Self::is_large(size) {
            return Buffer::own(size);
        }
        let used_before = lock(&self.free).pop();
        Buffer { bytes: used_before.unwrap_or_else(|| Vec::with_capacity(self.large)), home: Some(self) }
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        if let Some(home) = self.home {
            self.bytes.clear();
            lock(&home.free).push(mem::take(&mut self.bytes));
        }
    }
}

/// What has arrived from a client and was not used yet.
pub(super) struct Inbox<'a> {
    space: Buffer<'a>,
    start: usize,
    end: usize,
}

impl<'a> Inbox<'a> {
    pub(super) fn new() -> Self {
        Self { space: Buffer { bytes: vec![0; INBOX], home: None }, start: 0, end: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.space.bytes[self.start..self.end]
    }

    pub(super) fn is_full(&self) -> bool {
        self.end - self.start == self.space.bytes.len()
    }

    pub(super) fn is_large(&self) -> bool {
        self.space.home.is_some()
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Gives the large buffer back; there must be nothing in it.
    pub(super) fn shrink(&mut self) {
        if self.is_large() {
            *self = Self::new();
        }
    }

    /// Goes over to a large buffer.
    pub(super) fn grow(&mut self, buffers: &'a Buffers) {
        let mut space = buffers.take(buffers.large);
        space.bytes.resize(buffers.large, 0);
        let there = self.end - self.start;
        space.bytes[..there].copy_from_slice(self.bytes());
        *self = Self { space, start: 0, end: there };
    }

    /// Reads behind what is there, up to `most` bytes in all; there must be space.
    pub(super) fn read_from(&mut self, wire: &mut Wire, most: usize) -> Result<(), Lost> {
        if self.end == self.space.bytes.len() {
            self.space.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        let until = self.space.bytes.len().min(self.start + most);
        self.end += wire.read(&mut self.space.bytes[self.end..until])?;
        Ok(())
    }
}
