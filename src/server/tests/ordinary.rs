//! What well-behaved clients get.

use std::thread;
use std::time::{Duration, Instant};

use super::support::{Client, get, post, serve, serve_behind};
use crate::server::{Limits, Settings, StartError, start};

#[test]
fn a_request_reaches_the_handler_as_it_was_sent() {
    let server = serve(Limits::default());
    let reply = Client::of(&server).ask(post("/echo?a=b%20c", "Cookie: x=1\r\nAccept: */*\r\n", "hello"));
    assert_eq!(reply.status(), 200);
    assert_eq!(
        reply.body,
        "Post /echo [a=b%20c] 127.0.0.1 host=id.example; cookie=x=1; accept=*/*; content-length=5 |hello|"
    );
    assert_eq!(reply.header("x-request-id"), reply.header("x-id"), "the handler knows the id that the client is told");
    assert!(reply.header("date").is_some() && reply.header("server").is_none());
}

#[test]
fn bodies_of_every_size_arrive_whole_on_one_kept_connection() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    for size in [0, 1, 1023, 1024, 1025, 4096, 8191, 65_535, 65_536, 3, 20_000] {
        let body = "b".repeat(size);
        let reply = client.ask(post("/echo", "", &body));
        assert!(reply.body.ends_with(&format!("|{body}|")), "{size}");
    }
}

#[test]
fn head_no_content_and_not_modified_leave_the_connection_in_step() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    for _ in 0..3 {
        let head = client.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n").answer(true);
        assert_eq!(head.header("content-length"), Some("300000"));
        assert_eq!(client.send(get("/empty", "")).answer(true).status(), 204);
        assert_eq!(client.send(get("/unchanged", "")).answer(true).status(), 304);
        assert_eq!(client.ask(get("/large", "")).body.len(), 300_000);
        assert_eq!(client.ask(get("/", "")).body, "ok");
    }
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    let requests: String = (0..50).map(|n| post(&format!("/echo?{n}"), "", &format!("body {n}"))).collect();
    client.send(requests);
    for n in 0..50 {
        let body = client.answer(false).body;
        assert!(body.contains(&format!("[{n}]")) && body.ends_with(&format!("|body {n}|")), "{body}");
    }
}

#[test]
fn connections_close_when_the_client_asks_and_stay_open_for_old_clients_that_ask() {
    let server = serve(Limits::default());
    let mut closing = Client::of(&server);
    assert_eq!(closing.ask(get("/", "Connection: close\r\n")).header("connection"), Some("close"));
    assert!(closing.is_closed());
    let mut old = Client::of(&server);
    let kept = old.ask("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(kept.header("connection"), Some("keep-alive"));
    assert_eq!(old.ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n").header("connection"), Some("close"));
    assert!(old.is_closed());
}

#[test]
fn a_client_that_waits_for_continue_is_told_to_go_on() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assert_eq!(client.answer(true).status(), 100);
    assert!(client.ask("body").body.ends_with("|body|"));
}

#[test]
fn forwarded_addresses_count_only_from_a_trusted_proxy() {
    let lines = "X-Forwarded-For: 203.0.113.9, 198.51.100.1\r\nX-Forwarded-Proto: https\r\n";
    let direct = Client::of(&serve(Limits::default())).ask(get("/echo", lines)).body;
    assert!(direct.contains(" 127.0.0.1 host=id.example; content-length=0 "), "{direct}");
    let proxied = Client::of(&serve_behind(Limits::default(), &["127.0.0.0/8"])).ask(get("/echo", lines)).body;
    assert!(proxied.contains(" 198.51.100.1 host=id.example; content-length=0 "), "{proxied}");
}

#[test]
fn a_panicking_handler_costs_one_answer_and_no_worker() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    for _ in 0..20 {
        let reply = client.ask(get("/panic", ""));
        assert_eq!(reply.status(), 500);
        assert!(reply.body.contains(reply.header("x-request-id").unwrap()), "{}", reply.body);
    }
    assert_eq!(client.ask(get("/", "")).body, "ok");
}

#[test]
fn an_answer_beyond_the_bound_becomes_a_500() {
    let server = serve(Limits::default());
    let mut client = Client::of(&server);
    assert_eq!(client.ask(get("/huge", "")).status(), 500);
    assert_eq!(client.ask(get("/", "")).status(), 200);
}

#[test]
fn requests_in_flight_are_answered_at_a_stop_and_idle_connections_closed() {
    let server = serve(Limits::default());
    let mut idle = Client::of(&server);
    assert_eq!(idle.ask(get("/", "")).status(), 200);
    let mut silent = Client::of(&server);
    let mut busy = Client::of(&server);
    busy.send(get("/slow", ""));
    thread::sleep(Duration::from_millis(100));
    let address = server.local_addrs()[0];
    let begun = Instant::now();
    let stopping = thread::spawn(move || server.stop(Duration::from_secs(10)));
    let reply = busy.answer(false);
    assert_eq!((reply.body.as_str(), reply.header("connection")), ("slow", None), "the answer was already on its way");
    drop(busy);
    stopping.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(idle.is_closed() && silent.is_closed());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_stop_does_not_wait_longer_than_its_deadline() {
    let server = serve(Limits::default());
    Client::of(&server).send(get("/stuck", ""));
    thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    server.stop(Duration::from_millis(200));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn an_address_in_use_is_named() {
    let server = serve(Limits::default());
    let address = server.local_addrs()[0];
    let settings = Settings { listen: vec![address], tls: None, limits: Limits::default(), trusted_proxies: vec![] };
    let error = start(settings, std::sync::Arc::new(|_| crate::http::Response::new(200))).err().unwrap();
    assert!(matches!(error, StartError::InUse { .. }), "{error}");
    assert!(error.to_string().contains(&address.to_string()));
}

#[test]
fn many_clients_at_once_are_all_answered_by_kept_connections_inside() {
    let server = serve(Limits::default());
    let address = server.local_addrs()[0];
    thread::scope(|threads| {
        for client_number in 0..60 {
            threads.spawn(move || {
                let mut client = Client::to(address);
                for n in 0..50 {
                    let body = format!("client {client_number} request {n}").repeat(1 + n);
                    assert!(client.ask(post("/echo", "", &body)).body.ends_with(&format!("|{body}|")));
                }
            });
        }
    });
}
