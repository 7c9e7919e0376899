//! What hostile clients send, and what must be true after it: the process lives, has not grown, and serves the next.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::child::Process;
use super::support::{Client, get, post, serve};
use crate::server::Limits;

/// Each input with the status it is refused with.
fn refusals() -> Vec<(Vec<u8>, u16)> {
    let mut rows: Vec<(Vec<u8>, u16)> = Vec::new();
    let mut add = |lines: &str, status| rows.push((format!("POST / HTTP/1.1\r\n{lines}\r\n\r\n").into_bytes(), status));
    for length in ["100000000000000", "18446744073709551615", "9223372036854775808", "65537"] {
        add(&format!("Host: a\r\nContent-Length: {length}"), 413);
    }
    for length in ["5, 5", "+5", "-1", "0x5", ""] {
        add(&format!("Host: a\r\nContent-Length: {length}"), 400);
    }
    add("Host: a\r\nContent-Length: 5\r\nContent-Length: 5", 400);
    add("Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", 411);
    add("Host: a\r\nTransfer-Encoding: chunked", 411);
    add("Accept: */*", 400);
    add("Host: a\r\nHost: b", 400);
    add("Host: a\r\nX: \u{1}", 400);
    add("Host: a\r\nX: \u{0}", 400);
    add("Host: a\r\nX: \u{e4}", 400);
    add("Host: a\r\nX: a\nY: b", 400);
    add("Host: a\r\nX: a\rY: b", 400);
    add("Host: a\r\nExpect: tea", 417);
    add(&format!("Host: a\r\nX: {}", "x".repeat(100_000)), 431);
    add(&format!("Host: a\r\n{}X: y", "X: y\r\n".repeat(10_000)), 431);
    add(&format!("Host: a\r\n{}X: y", "X: y\r\n".repeat(100)), 431);
    rows.push((b"GET / HTTP/2.0\r\nHost: a\r\n\r\n".to_vec(), 505));
    rows.push((b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 505));
    rows.push((b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 501));
    rows.push((format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(9000)).into_bytes(), 414));
    rows.push((b"GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(), 400));
    rows.push((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400));
    rows
}

#[test]
fn every_refusal_says_in_words_what_was_wrong_and_closes() {
    let server = serve(Limits::default());
    for (bytes, status) in refusals() {
        let mut client = Client::of(&server);
        let reply = client.ask(&bytes);
        let sent = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert_eq!(reply.status(), status, "{sent:?}");
        assert_eq!(reply.header("connection"), Some("close"), "{sent:?}");
        assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"), "{sent:?}");
        let id = reply.header("x-request-id").unwrap();
        assert!(id.len() == 16 && reply.body.contains(id) && reply.body.len() > 60, "{}", reply.body);
        assert!(client.is_closed(), "{sent:?}");
    }
    assert_eq!(Client::of(&server).ask(post("/echo", "", "hello")).status(), 200);
}

#[test]
fn refused_input_repeated_leaves_no_thread_no_descriptor_and_no_memory_behind() {
    let mut process = Process::quick();
    let (threads, descriptors) = (process.threads(), process.descriptors());
    for (bytes, _) in refusals() {
        let bytes = &bytes;
        let address = process.address;
        thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(move || (0..10).for_each(|_| assert!(Client::to(address).send(bytes).is_closed())));
            }
        });
    }
    process.assert_well("3,000 refused requests");
    process.assert_threads_end(threads);
    assert!(process.descriptors() <= descriptors + 8, "{} descriptors", process.descriptors());
}

#[test]
fn an_endless_header_line_is_cut_off() {
    let mut process = Process::quick();
    let mut client = Client::to(process.address);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    let begun = Instant::now();
    let chunk = [b'x'; 65_536];
    while client.0.write_all(&chunk).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "still reading");
    }
    process.assert_well("an endless header line");
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_read_and_one_at_the_limit_is_taken() {
    let server = serve(Limits::default());
    let reply = Client::of(&server).ask(post("/echo", "", &"b".repeat(65_537)));
    assert_eq!(reply.status(), 413, "the client that sends it all still reads the answer");
    assert_eq!(Client::of(&server).ask(post("/echo", "", &"b".repeat(65_536))).status(), 200);
}

#[test]
fn an_upload_may_be_larger_where_files_are_uploaded_and_nowhere_else() {
    let server = serve(Limits::default());
    let ask = |path: &str, size: usize| Client::of(&server).ask(post(path, "", &"b".repeat(size)));
    for size in [65_536, 65_537, 90_000, 576 << 10] {
        let reply = ask("/upload?a=b", size);
        assert_eq!((reply.status(), reply.body), (200, size.to_string()));
    }
    assert_eq!(ask("/upload", (576 << 10) + 1).status(), 413);
    assert_eq!(ask("/echo", 65_537).status(), 413);
    assert_eq!(ask("/echo?/upload", 65_537).status(), 413);
    let put = format!("PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n{}", "b".repeat(65_537));
    assert_eq!(Client::of(&server).ask(put).status(), 413);
}

#[test]
fn line_ends_in_a_parameter_cannot_split_an_answer() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    let split = client.ask(get("/split?to=/x%0d%0aSet-Cookie:%20a=b", ""));
    assert_eq!((split.status(), split.header("set-cookie"), split.header("location")), (500, None, None));
    assert_eq!(client.ask(get("/split?to=/x%20y", "")).header("location"), Some("/x y"));
}

/// Connects from another loopback address, as if from another machine.
pub(super) fn connect_from(source: Ipv4Addr, to: SocketAddr) -> Option<TcpStream> {
    use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddr::new(IpAddr::V4(source), 0)).unwrap();
    connect(&socket, &to).ok()?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    Some(stream)
}

/// `count` connections, 50 from each address.
pub(super) fn crowd(count: usize, to: SocketAddr) -> Vec<TcpStream> {
    let source = |n: usize| Ipv4Addr::new(127, 0, 1, u8::try_from(1 + n / 50).unwrap());
    (0..count).filter_map(|n| connect_from(source(n), to)).collect()
}

/// Sends a byte to each connection a few times a second until the server has closed them all.
fn drip(crowd: &mut Vec<TcpStream>, process: &mut Process, at_most: Duration) {
    let begun = Instant::now();
    let mut rounds = 0;
    for stream in crowd.iter() {
        stream.set_nonblocking(true).unwrap();
    }
    while !crowd.is_empty() {
        assert!(begun.elapsed() < at_most, "{} connections are still open", crowd.len());
        crowd.retain_mut(|s| {
            let mut answer = [0; 1024];
            // An answer is a refusal; after it comes the end.
            let open = loop {
                match s.read(&mut answer) {
                    Ok(0) => break false,
                    Ok(_) => {}
                    Err(e) => break e.kind() == std::io::ErrorKind::WouldBlock,
                }
            };
            open && s.write(b"x").is_ok()
        });
        rounds += 1;
        if rounds % 4 == 1 {
            process.assert_well("dripping connections");
        }
        thread::sleep(Duration::from_millis(250));
    }
}

#[test]
fn slow_heads_and_bodies_are_reaped_and_others_are_served_meanwhile() {
    let mut process = Process::quick();
    let mut slow = crowd(500, process.address);
    for (n, stream) in slow.iter_mut().enumerate() {
        let begin = if n % 2 == 0 {
            "GET / HTTP/1.1\r\nHost: a\r\nX: "
        } else {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
        };
        stream.write_all(begin.as_bytes()).unwrap();
    }
    drip(&mut slow, &mut process, Duration::from_secs(4));
    process.assert_well("500 slow requests");
}

#[test]
fn a_thousand_silent_connections_are_shed_and_reaped() {
    let mut process = Process::quick();
    let threads = process.threads();
    let silent = crowd(1000, process.address);
    process.assert_well("1,000 silent connections");
    assert!(process.threads() <= 256 + 8 + 80, "{} threads", process.threads());
    thread::sleep(Duration::from_millis(1500));
    process.assert_threads_end(threads);
    drop(silent);
}

#[test]
fn bodies_that_stop_just_before_their_end_do_not_fill_the_memory() {
    let mut process = Process::quick();
    let begin = post("/", "", &"b".repeat(65_536));
    let mut stalled = crowd(500, process.address);
    for stream in &mut stalled {
        let _ = stream.write_all(&begin.as_bytes()[..begin.len() - 1]);
    }
    process.assert_well("500 stalled bodies");
    drop(stalled);
}

#[test]
fn uploads_that_stop_just_before_their_end_do_not_fill_the_memory_and_give_way_to_one_that_goes_on() {
    let mut process = Process::quick();
    let whole = post("/upload", "", &"b".repeat(576 << 10));
    let mut stalled = crowd(200, process.address);
    for stream in &mut stalled {
        stream.set_write_timeout(Some(Duration::from_millis(5))).unwrap();
        let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 1]);
    }
    process.assert_well("200 stalled uploads");
    let begun = Instant::now();
    while Client::to(process.address).ask(&whole).status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(10), "no upload gets through");
    }
    process.assert_well("an upload among stalled ones");
    drop(stalled);
}

#[test]
fn many_whole_uploads_at_once_are_taken_a_few_at_a_time() {
    let mut process = Process::quick();
    let whole = post("/upload", "", &"b".repeat(576 << 10));
    let (whole, address) = (&whole, process.address);
    let taken: usize = thread::scope(|threads| {
        let ask = move |_| {
            threads.spawn(move || {
                let source = Ipv4Addr::new(127, 0, 3, 1);
                let mut client = Client(connect_from(source, address).unwrap());
                client.0.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
                let status = client.ask(whole).status();
                assert!(status == 200 || status == 503, "{status}");
                usize::from(status == 200)
            })
        };
        let all: Vec<_> = (0..60).map(ask).collect();
        all.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(taken >= 20, "{taken} of 60");
    process.assert_well("60 uploads at once");
}

#[test]
fn answers_that_nobody_reads_do_not_fill_the_memory() {
    let mut process = Process::quick();
    let requests = get("/large", "").repeat(100);
    let mut deaf = crowd(500, process.address);
    for stream in &mut deaf {
        let _ = stream.write_all(requests.as_bytes());
    }
    for _ in 0..4 {
        process.assert_well("500 clients that read no answer");
        thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn unread_pipelining_blocks_nobody_else() {
    let mut process = Process::quick();
    let requests = get("/", "").repeat(1000);
    let mut pipelining = crowd(16, process.address);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(2) {
        for stream in &mut pipelining {
            stream.set_write_timeout(Some(Duration::from_millis(10))).unwrap();
            let _ = stream.write(requests.as_bytes());
        }
        process.assert_well("unread pipelining");
    }
}

#[test]
fn out_of_descriptors_the_server_sheds_and_then_recovers() {
    for descriptors in [64, 96] {
        let mut process = Process::with_descriptors(descriptors);
        let held = crowd(300, process.address);
        process.assert_well("300 connections with few descriptors");
        drop(held);
        process.assert_well("out of descriptors");
    }
}

#[test]
fn one_address_cannot_take_the_places_of_all() {
    let mut process = Process::quick();
    let mut greedy: Vec<_> =
        (0..100).filter_map(|_| connect_from(Ipv4Addr::new(127, 0, 2, 1), process.address)).collect();
    thread::sleep(Duration::from_millis(100));
    let open =
        greedy.iter_mut().filter_map(|s| s.write_all(get("/", "").as_bytes()).ok().map(|()| s.read(&mut [0; 9])));
    let open = open.filter(|r| matches!(r, Ok(9))).count();
    assert_eq!(open, 64, "the address gets its share, and no more");
    process.assert_well("a greedy address");
}
