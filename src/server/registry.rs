//! Who is connected: the caps on connections, and the choice of who must go when room is needed.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::limits::CLOSING;
use super::lock;

/// How long a newcomer may have to wait for a place. Others wait behind it, in the kernel's queue.
const PATIENCE: Duration = Duration::from_millis(500);

/// What a connection is doing, as far as its right to stay is concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Doing {
    /// Between two requests, nothing received of the next.
    Idle,
    /// Sending us a request, or taking an answer from us: at the client's speed.
    Client,
    /// A whole request is with the application. Not to be closed.
    Application,
    /// Told to go.
    Evicted,
}

/// One connection's place.
pub(super) struct Seat {
    number: u64,
    pub(super) socket: Arc<TcpStream>,
    pub(super) peer: IpAddr,
    /// Counts against its address; trusted proxies do not.
    capped: bool,
    doing: AtomicU8,
    /// Milliseconds after the registry's start at which the present wait for the client began.
    since: AtomicU64,
    /// Bytes of the shared memory allowance that this connection holds.
    holds: AtomicUsize,
}

/// Why a connection was not let in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// Its address has enough.
    AddressFull,
    /// Every connection is with the application.
    Full,
}

pub(super) struct Registry {
    connections: usize,
    per_address: usize,
    memory: usize,
    started: Instant,
    room: Mutex<Room>,
    left: Condvar,
    held: AtomicUsize,
}

#[derive(Default)]
struct Room {
    next: u64,
    seats: HashMap<u64, Arc<Seat>>,
    by_address: HashMap<IpAddr, usize>,
    /// Threads that serve a connection, those told to go included.
    threads: usize,
}

impl Seat {
    /// Moves on to `next` unless the connection was told to go meanwhile.
    #[must_use]
    pub(super) fn go_on(&self, next: Doing) -> bool {
        self.doing.fetch_update(SeqCst, SeqCst, |now| (now != Doing::Evicted as u8).then_some(next as u8)).is_ok()
    }

    /// Closes the connection, if it is waiting for its client, and wakes its thread.
    pub(super) fn evict(&self) -> bool {
        let waiting = |now| (now == Doing::Idle as u8 || now == Doing::Client as u8).then_some(Doing::Evicted as u8);
        let evicted = self.doing.fetch_update(SeqCst, SeqCst, waiting).is_ok();
        if evicted {
            let _ = self.socket.shutdown(Shutdown::Both);
        }
        evicted
    }
}

impl Registry {
    pub(super) fn new(connections: usize, per_address: usize, memory: usize) -> Self {
        Self {
            connections,
            per_address,
            memory,
            started: Instant::now(),
            room: Mutex::default(),
            left: Condvar::new(),
            held: AtomicUsize::new(0),
        }
    }

    /// Lets a connection in. When the house is full, one that waits for its client goes.
    pub(super) fn enter(&self, socket: TcpStream, peer: IpAddr, capped: bool) -> Result<Arc<Seat>, Turned> {
        let key = network(peer);
        let mut room = lock(&self.room);
        if capped && room.by_address.get(&key).is_some_and(|n| *n >= self.per_address) {
            return Err(Turned::AddressFull);
        }
        // When all are with the application, one will be done in a moment. The evicted still hold a descriptor and a
        // thread each; a few may be on their way out at a time.
        let give_up = Instant::now() + PATIENCE;
        let full = |room: &mut Room| room.seats.len() >= self.connections && !self.evict_from(room, |_| true);
        while full(&mut room) || room.threads >= self.connections + CLOSING {
            if Instant::now() >= give_up {
                return Err(Turned::Full);
            }
            let waited = self.left.wait_timeout(room, Duration::from_millis(2));
            room = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        room.next += 1;
        room.threads += 1;
        *room.by_address.entry(key).or_insert(0) += 1;
        let seat = Arc::new(Seat {
            number: room.next,
            socket: Arc::new(socket),
            peer,
            capped,
            doing: AtomicU8::new(Doing::Idle as u8),
            since: AtomicU64::new(self.now()),
            holds: AtomicUsize::new(0),
        });
        room.seats.insert(seat.number, Arc::clone(&seat));
        Ok(seat)
    }

    /// Gives a place back, at the end of the connection's thread.
    pub(super) fn leave(&self, seat: &Seat) {
        self.hold(seat, 0);
        let mut room = lock(&self.room);
        unseat(&mut room, seat);
        room.threads -= 1;
        self.left.notify_all();
    }

    /// The wait for this client begins anew.
    pub(super) fn waits_from_now(&self, seat: &Seat) {
        seat.since.store(self.now(), Relaxed);
    }

    /// Closes a connection that waits for its client; `false` when all are with the application.
    pub(super) fn evict(&self) -> bool {
        self.evict_from(&mut lock(&self.room), |_| true)
    }

    /// Of those that may go, the address with the most connections loses the one that has waited longest: a crowd
    /// from a few addresses makes room at its own cost, and not at that of a guest who came alone.
    fn evict_from(&self, room: &mut Room, may_go: impl Fn(&Seat) -> bool) -> bool {
        loop {
            let may = |s: &&Arc<Seat>| s.doing.load(SeqCst) != Doing::Application as u8 && may_go(s);
            let rank = |s: &&Arc<Seat>| {
                let crowd = if s.capped { room.by_address.get(&network(s.peer)).map_or(0, |n| *n) } else { 0 };
                (Reverse(crowd), s.since.load(Relaxed))
            };
            let Some(oldest) = room.seats.values().filter(may).min_by_key(rank).cloned() else {
                return false;
            };
            if oldest.evict() {
                unseat(room, &oldest);
                return true;
            }
            // It gave us a whole request this very moment, or has been told to go by someone else.
            if oldest.doing.load(SeqCst) == Doing::Evicted as u8 {
                unseat(room, &oldest);
            }
        }
    }

    /// Sets what `seat` holds of the shared memory allowance to `bytes`. When the allowance is used up, the
    /// connection that has held some of it longest goes; `false` when that made no room within a second.
    #[must_use]
    pub(super) fn try_hold(&self, seat: &Seat, bytes: usize) -> bool {
        let more = bytes.saturating_sub(seat.holds.load(Relaxed));
        if more == 0 {
            self.hold(seat, bytes);
            return true;
        }
        let give_up = Instant::now() + Duration::from_secs(1);
        loop {
            let add = |held: usize| held.checked_add(more).filter(|sum| *sum <= self.memory);
            if self.held.fetch_update(Relaxed, Relaxed, add).is_ok() {
                seat.holds.fetch_add(more, Relaxed);
                return true;
            }
            let others = |s: &Seat| s.number != seat.number && s.holds.load(Relaxed) > 0;
            self.evict_from(&mut lock(&self.room), others);
            if Instant::now() >= give_up {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn hold(&self, seat: &Seat, bytes: usize) {
        let before = seat.holds.swap(bytes, Relaxed);
        self.held.fetch_sub(before.saturating_sub(bytes), Relaxed);
    }

    /// Connections there are.
    pub(super) fn count(&self) -> usize {
        lock(&self.room).seats.len()
    }

    /// Waits no longer for those who say nothing. What they have sent already is still read, and answered.
    pub(super) fn close_idle(&self) {
        for seat in lock(&self.room).seats.values() {
            if seat.doing.load(SeqCst) == Doing::Idle as u8 {
                let _ = seat.socket.shutdown(Shutdown::Read);
            }
        }
    }

    /// Closes everything.
    pub(super) fn close_all(&self) {
        for seat in lock(&self.room).seats.values() {
            let _ = seat.socket.shutdown(Shutdown::Both);
        }
    }

    /// Waits until no connection is left; `false` when some still are at `deadline`.
    pub(super) fn wait_empty(&self, deadline: Instant) -> bool {
        let patience = deadline.saturating_duration_since(Instant::now());
        let waited = self.left.wait_timeout_while(lock(&self.room), patience, |r| r.threads > 0);
        !waited.unwrap_or_else(std::sync::PoisonError::into_inner).1.timed_out()
    }

    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn unseat(room: &mut Room, seat: &Seat) {
    if room.seats.remove(&seat.number).is_none() {
        return;
    }
    let key = network(seat.peer);
    if let Some(count) = room.by_address.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            room.by_address.remove(&key);
        }
    }
}

/// What counts as one address: an IPv4 address, or the IPv6 /64 that one household has at least.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (!0 << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn socket() -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        TcpStream::connect(listener.local_addr().unwrap()).unwrap()
    }

    fn enter(registry: &Registry, peer: &str) -> Result<Arc<Seat>, Turned> {
        registry.enter(socket(), peer.parse().unwrap(), true)
    }

    #[test]
    fn an_address_gets_its_share_and_the_neighbour_gets_his() {
        let r = Registry::new(100, 2, 1000);
        let first = enter(&r, "192.0.2.1").unwrap();
        enter(&r, "192.0.2.1").unwrap();
        assert_eq!(enter(&r, "192.0.2.1").err(), Some(Turned::AddressFull));
        enter(&r, "192.0.2.2").unwrap();
        assert!(r.enter(socket(), "192.0.2.1".parse().unwrap(), false).is_ok(), "trusted proxies are exempt");
        r.leave(&first);
        assert_eq!(enter(&r, "192.0.2.1").err(), Some(Turned::AddressFull), "two are left, the exempt one included");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let r = Registry::new(100, 2, 1000);
        enter(&r, "2001:db8::1").unwrap();
        enter(&r, "2001:db8::2").unwrap();
        assert_eq!(enter(&r, "2001:db8::3:4").err(), Some(Turned::AddressFull));
        enter(&r, "2001:db8:0:1::1").unwrap();
    }

    #[test]
    fn a_full_house_closes_the_one_that_has_waited_longest_but_none_that_is_being_served() {
        let r = Registry::new(2, 9, 1000);
        let served = enter(&r, "192.0.2.1").unwrap();
        assert!(served.go_on(Doing::Application));
        let waiting = enter(&r, "192.0.2.2").unwrap();
        let third = enter(&r, "192.0.2.3").unwrap();
        assert!(!waiting.go_on(Doing::Application), "it was told to go");
        assert!(third.go_on(Doing::Application) && served.go_on(Doing::Application));
        assert_eq!(enter(&r, "192.0.2.4").err(), Some(Turned::Full));
        for seat in [&served, &waiting, &third] {
            r.leave(seat);
        }
        assert!(lock(&r.room).by_address.is_empty());
        assert!(r.wait_empty(Instant::now()));
    }

    #[test]
    fn a_crowd_makes_room_at_its_own_cost() {
        let r = Registry::new(4, 9, 1000);
        let alone = enter(&r, "192.0.2.1").unwrap();
        let crowd: Vec<_> = (0..3).map(|_| enter(&r, "192.0.2.2").unwrap()).collect();
        enter(&r, "192.0.2.3").unwrap();
        assert!(alone.go_on(Doing::Client), "though it has waited longest");
        assert_eq!(crowd.iter().filter(|s| s.go_on(Doing::Client)).count(), 2);
    }

    #[test]
    fn a_trusted_proxy_is_not_a_crowd() {
        let r = Registry::new(4, 9, 1000);
        let proxied: Vec<_> = (0..2).map(|_| r.enter(socket(), "192.0.2.1".parse().unwrap(), false).unwrap()).collect();
        let others: Vec<_> = (0..2).map(|_| enter(&r, "192.0.2.2").unwrap()).collect();
        enter(&r, "192.0.2.3").unwrap();
        assert!(proxied.iter().all(|s| s.go_on(Doing::Client)));
        assert_eq!(others.iter().filter(|s| s.go_on(Doing::Client)).count(), 1);
    }

    #[test]
    fn the_memory_allowance_is_taken_from_the_one_that_has_held_it_longest() {
        let r = Registry::new(9, 9, 1000);
        let holder = enter(&r, "192.0.2.1").unwrap();
        assert!(r.try_hold(&holder, 900));
        let other = enter(&r, "192.0.2.2").unwrap();
        std::thread::scope(|threads| {
            let wants = threads.spawn(|| r.try_hold(&other, 500));
            while holder.go_on(Doing::Client) {
                std::thread::yield_now();
            }
            r.leave(&holder);
            assert!(wants.join().unwrap());
        });
        assert!(!r.try_hold(&other, 1001), "more than there is");
        r.leave(&other);
        assert_eq!(r.held.load(Relaxed), 0);
    }
}
