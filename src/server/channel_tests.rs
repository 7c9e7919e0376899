//! What the HTTP library does on kept-alive Unix connections, and how the way inside copes with it.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::UnixListener;
use std::sync::Condvar;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use super::super::answer::After;
use super::super::engine::Engine;
use super::super::word::{Word, Words, random_hex};
use super::*;
use crate::http::{Response, Scheme, Via};

struct Inside {
    channel: Channel,
    words: Arc<Words>,
    address: SocketAddr,
    served: Arc<AtomicUsize>,
    /// Requests for /closed wait until it is open.
    gate: Arc<(Mutex<bool>, Condvar)>,
}

fn listener() -> (UnixListener, SocketAddr) {
    let address = SocketAddr::from_abstract_name(format!("latchkey-test-{}", random_hex())).unwrap();
    (UnixListener::bind_addr(&address).unwrap(), address)
}

fn inside(limits: Limits) -> Inside {
    let (listener, address) = listener();
    let words = Arc::new(Words::new());
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    let gate = Arc::<(Mutex<bool>, Condvar)>::default();
    let waits_at = Arc::clone(&gate);
    let handler = move |r: &crate::http::Request| {
        count.fetch_add(1, SeqCst);
        match r.path.as_str() {
            "/slow" => thread::sleep(Duration::from_millis(300)),
            "/closed" => drop(waits_at.1.wait_while(lock(&waits_at.0), |open| !*open).unwrap()),
            _ => {}
        }
        Response::text(200, r.path.clone())
    };
    let locker = Arc::<Locker>::default();
    let shared = (Arc::clone(&words), Arc::clone(&locker));
    Engine::start(listener, shared, Arc::new(handler), limits.clone()).unwrap();
    Inside { channel: Channel::new(address.clone(), locker, &limits), words, address, served, gate }
}

impl Inside {
    fn request(&self, path: &str, id: &RequestId) -> Vec<u8> {
        let word = Word {
            id: id.clone(),
            client: "192.0.2.1".parse().unwrap(),
            via: Via::Direct(Scheme::Http),
            after: After::Keep,
            expires: Instant::now() + Duration::from_secs(5),
        };
        format!("GET {path} HTTP/1.1\r\n{}host: a\r\n\r\n", self.words.line(&word)).into_bytes()
    }

    fn ask(&self, path: &str) -> Result<String, Refusal> {
        let id = self.words.new_id();
        let answer = self.channel.ask(&self.request(path, &id), &id)?;
        Ok(String::from_utf8(answer.bytes().to_vec()).unwrap())
    }
}

#[test]
fn kept_alive_inner_connections_carry_answers_written_by_any_worker() {
    let inside = inside(Limits::default());
    thread::scope(|threads| {
        for client in 0..40 {
            let inside = &inside;
            threads.spawn(move || {
                for n in 0..100 {
                    let path = format!("/{client}/{n}");
                    assert!(inside.ask(&path).unwrap().ends_with(&format!("\r\n\r\n{path}")));
                }
            });
        }
    });
    let opened = lock(&inside.channel.pool).idle.len();
    assert!((1..=40).contains(&opened), "{opened} connections for 4,000 requests");
    assert_eq!(inside.served.load(SeqCst), 4000);
}

#[test]
fn a_burst_of_new_inner_connections_strands_none() {
    for _ in 0..20 {
        let inside = inside(Limits { app_time: Duration::from_secs(3), ..Limits::default() });
        thread::scope(|threads| {
            for _ in 0..40 {
                threads.spawn(|| inside.ask("/").unwrap());
            }
        });
    }
}

#[test]
fn the_library_goes_on_accepting_after_connections_that_say_nothing_or_nonsense() {
    let inside = inside(Limits::default());
    for nonsense in ["", "?\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nhost", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
        for _ in 0..20 {
            let mut stranger = UnixStream::connect_addr(&inside.address).unwrap();
            stranger.write_all(nonsense.as_bytes()).unwrap();
        }
        inside.ask("/").unwrap();
    }
}

#[test]
fn a_stranger_on_the_inner_socket_is_turned_away() {
    let inside = inside(Limits::default());
    let forged = "GET / HTTP/1.1\r\nx-latchkey-edge: 00 1 ::1 http keep 9999999\r\nconnection: close\r\n\r\n";
    let without = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let huge = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000000000\r\n\r\n";
    for request in [forged, without] {
        let mut stranger = UnixStream::connect_addr(&inside.address).unwrap();
        stranger.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stranger.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    let mut stranger = UnixStream::connect_addr(&inside.address).unwrap();
    stranger.write_all(huge.as_bytes()).unwrap();
    assert_eq!(inside.served.load(SeqCst), 0);
    inside.ask("/").unwrap();
}

#[test]
fn an_inner_connection_that_was_closed_unused_is_replaced_without_a_word() {
    let inside = inside(Limits::default());
    let (closed, other_end) = UnixStream::pair().unwrap();
    drop(other_end);
    lock(&inside.channel.pool).idle.push(closed);
    inside.ask("/").unwrap();
    assert_eq!(inside.served.load(SeqCst), 1);
}

#[test]
fn a_request_that_was_taken_is_never_sent_again() {
    let inside = inside(Limits::default());
    let (taking, mut other_end) = UnixStream::pair().unwrap();
    let taker = thread::spawn(move || other_end.read(&mut [0; 4096]).unwrap());
    lock(&inside.channel.pool).idle.push(taking);
    assert_eq!(inside.ask("/"), Err(Refusal::BadAnswer));
    assert!(taker.join().unwrap() > 0);
    assert_eq!(inside.served.load(SeqCst), 0);
    inside.ask("/").unwrap();
}

#[test]
fn requests_beyond_the_places_in_flight_wait_a_while_and_are_then_refused() {
    let waiting = Limits { in_flight: 2, queue_time: Duration::from_secs(5), ..Limits::default() };
    for (limits, expected) in [(waiting.clone(), 4), (Limits { queue_time: Duration::from_millis(50), ..waiting }, 2)] {
        let inside = inside(limits);
        let answered = thread::scope(|threads| {
            let asking: Vec<_> = (0..4).map(|_| threads.spawn(|| inside.ask("/slow").is_ok())).collect();
            asking.into_iter().map(|a| a.join().unwrap()).filter(|ok| *ok).count()
        });
        assert_eq!(answered, expected);
    }
}

#[test]
fn requests_that_really_wait_keep_no_quick_one_out() {
    let inside = inside(Limits::default());
    thread::scope(|threads| {
        let waiting: Vec<_> = (0..64).map(|_| threads.spawn(|| inside.ask("/closed").unwrap())).collect();
        while inside.served.load(SeqCst) < 64 {
            thread::yield_now();
        }
        let quick = inside.ask("/");
        *lock(&inside.gate.0) = true;
        inside.gate.1.notify_all();
        assert!(quick.is_ok(), "it was answered while all others waited");
        waiting.into_iter().for_each(|w| drop(w.join().unwrap()));
    });
}

#[test]
fn who_has_waited_is_not_overtaken_by_a_newcomer() {
    let inside = inside(Limits { in_flight: 1, queue_time: Duration::from_secs(30), ..Limits::default() });
    let order = Mutex::new(Vec::new());
    let channel = &inside.channel;
    let enter = |who| {
        let place = channel.take_place().unwrap();
        lock(&order).push(who);
        drop(place);
    };
    thread::scope(|threads| {
        let place = channel.take_place().unwrap();
        for (waiting, who) in ["first", "second"].into_iter().enumerate() {
            let enter = &enter;
            threads.spawn(move || enter(who));
            while channel.load().1 <= waiting {
                thread::yield_now();
            }
        }
        drop(place);
        enter("newcomer");
    });
    assert_eq!(*lock(&order), ["first", "second", "newcomer"]);
    assert_eq!(channel.load(), (0, 0));
}

#[test]
fn beyond_a_few_one_connection_is_opened_at_a_time_and_only_when_nothing_was_answered_for_a_while() {
    let mut pool = Pool::new();
    let begin = pool.moved;
    for _ in 0..EAGER {
        assert!(pool.has_place(96, begin));
        assert!(pool.take(begin).is_none());
    }
    let late = begin + PATIENCE;
    assert!(!pool.has_place(96, begin) && !pool.has_place(EAGER, late) && pool.has_place(96, late));
    assert!(pool.take(late).is_none());
    assert!(!pool.has_place(96, late), "one has just been opened");
    assert!(pool.has_place(96, late + PATIENCE));
    // A connection that is there is used at once, and delays no other.
    pool.idle.push(UnixStream::pair().unwrap().0);
    assert!(pool.has_place(96, late) && pool.take(late + PATIENCE).is_some());
    assert!(!pool.has_place(EAGER + 2, late + PATIENCE) && pool.has_place(96, late + PATIENCE));
}

#[test]
fn an_application_that_takes_too_long_costs_its_own_request_only() {
    let inside = inside(Limits { app_time: Duration::from_millis(100), ..Limits::default() });
    assert_eq!(inside.ask("/slow"), Err(Refusal::AppTooSlow));
    inside.ask("/").unwrap();
    assert_eq!(lock(&inside.channel.pool).in_use, 0);
}

/// Runs itself in a process of its own, which ends.
#[test]
fn the_process_ends_with_70_when_the_library_is_gone() {
    const CHILD: &str = "LATCHKEY_TEST_LOSE_THE_LIBRARY";
    if std::env::var_os(CHILD).is_some() {
        return lose_the_library();
    }
    let name = "server::channel::tests::the_process_ends_with_70_when_the_library_is_gone";
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    assert_eq!(child.args(["--exact", name]).env(CHILD, "1").output().unwrap().status.code(), Some(70));
}

fn lose_the_library() {
    let (listener, _) = listener();
    let other_handle = listener.try_clone().unwrap();
    let shared = (Arc::new(Words::new()), Arc::default());
    Engine::start(listener, shared, Arc::new(|_| Response::new(200)), Limits::default()).unwrap();
    rustix::net::shutdown(&other_handle, rustix::net::Shutdown::Both).unwrap();
    thread::sleep(Duration::from_secs(5));
}
