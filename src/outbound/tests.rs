use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::time::Instant;

use super::*;

/// Answers each connection with the next of these, and tells what it was asked.
fn host(answers: Vec<Vec<u8>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (address, asked) = (listener.local_addr().expect("bound"), Arc::new(Mutex::new(Vec::new())));
    let heard = asked.clone();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut buffer = vec![0; 64 << 10];
            let n = stream.read(&mut buffer).unwrap_or(0);
            heard.lock().expect("whole").push(String::from_utf8_lossy(&buffer[..n]).into_owned());
            // The client may have gone.
            _ = stream.write_all(&answer);
        }
    });
    (address, asked)
}

fn answer(status: &str, head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{head}\r\n{body}", body.len()).into_bytes()
}

fn home() -> Networks {
    Networks::parse("127.0.0.1").expect("valid")
}

fn ask(address: SocketAddr, limit: usize) -> Result<Vec<u8>, OutboundError> {
    let target = Target::parse(&format!("http://{address}/x")).expect("valid");
    Client::new(&target, home(), DefaultResolver::default()).get(limit)
}

/// Says each time what comes next.
#[derive(Debug, Clone, Default)]
struct Names(Arc<Mutex<Vec<Vec<SocketAddr>>>>);

impl Names {
    fn of(answers: &[&[SocketAddr]]) -> Self {
        Self(Arc::new(Mutex::new(answers.iter().map(|a| a.to_vec()).collect())))
    }
}

impl Resolver for Names {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        for address in self.0.lock().expect("whole").remove(0) {
            found.push(address);
        }
        Ok(found)
    }
}

#[test]
fn an_answer_is_read_whole_and_bounded_to_the_byte() {
    let (address, asked) = host(vec![answer("200 OK", "", "12345"), answer("200 OK", "", "123456")]);
    assert_eq!(ask(address, 5).expect("fits"), b"12345");
    let error = ask(address, 5).expect_err("too large");
    assert!(error.to_string().contains("5 bytes") && !error.may_pass, "{error}");
    let asked = asked.lock().expect("whole")[0].to_ascii_lowercase();
    assert!(asked.starts_with("get /x http/1.1\r\n") && asked.contains("user-agent: latchkey\r\n"), "{asked}");
    assert!(!asked.contains("accept-encoding") && !asked.contains("cookie"), "{asked}");
}

#[test]
fn an_answer_that_says_no_length_is_bounded_too() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 200 << 10]].concat();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n".to_vec();
    let chunked = [chunked, vec![b'x'; 200 << 10]].concat();
    let head = [b"HTTP/1.1 200 OK\r\nX: ".to_vec(), vec![b'x'; 64 << 10]].concat();
    let (address, _) = host(vec![endless, chunked, head]);
    for _ in 0..3 {
        let error = ask(address, USUAL).expect_err("too large").to_string();
        assert!(error.contains("larger"), "{error}");
    }
}

#[test]
fn no_redirect_is_followed_and_only_200_counts() {
    let (other, asked_other) = host(vec![answer("200 OK", "", "elsewhere")]);
    let to = format!("Location: http://{other}/\r\n");
    let codes =
        ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent", "204 No", "404 No", "500 No"];
    let (address, _) = host(codes.map(|code| answer(code, &to, "")).to_vec());
    for code in codes {
        let error = ask(address, 9).expect_err(code);
        assert!(error.to_string().contains(&code[..3]), "{code}: {error}");
        assert_eq!(error.may_pass, !code.starts_with('3'), "{code}: {error}");
    }
    assert!(asked_other.lock().expect("whole").is_empty());
}

#[test]
fn a_form_is_sent_as_one_and_taken_by_200_or_204() {
    let answers =
        ["200 OK", "204 No Content", "400 Bad Request", "302 Found"].map(|s| answer(s, "Location: /y\r\n", ""));
    let (address, asked) = host(answers.to_vec());
    let target = Target::parse(&format!("http://{address}/out?a=b")).expect("valid");
    let post = || Client::new(&target, home(), DefaultResolver::default()).post_form(&[("logout_token", "a+b&c=d")]);
    assert!(post().is_ok() && post().is_ok() && post().is_err() && post().is_err());
    let asked = asked.lock().expect("whole")[0].to_ascii_lowercase();
    assert!(asked.starts_with("post /out?a=b http/1.1\r\n"), "{asked}");
    assert!(asked.contains("content-type: application/x-www-form-urlencoded\r\n"), "{asked}");
    assert!(asked.contains("content-length: 26\r\n"), "{asked}");
}

#[test]
fn a_host_that_says_nothing_is_left_after_five_seconds() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    // One says nothing at all; the other a byte a second.
    let slow = std::thread::spawn(move || {
        let (silent, _) = listener.accept().expect("a connection");
        let (mut slow, _) = listener.accept().expect("a connection");
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" {
            if slow.write_all(&[*byte]).is_err() {
                break;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        drop(silent);
    });
    for _ in 0..2 {
        let begun = Instant::now();
        let error = ask(address, 9).expect_err("slow");
        assert!(error.to_string().contains("5 seconds") && error.may_pass, "{error}");
        assert!((4_500..7_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    }
    slow.join().expect("ended");
}

#[test]
fn every_address_of_a_name_is_checked_and_the_checked_one_is_asked() {
    let (here, asked) = host(vec![answer("200 OK", "", "home")]);
    // Nobody listens there, and nobody is asked there.
    let elsewhere = SocketAddr::new([127, 0, 0, 2].into(), here.port());
    let target = Target::parse(&format!("http://rebind.example:{}/", here.port())).expect("valid");
    let names = Names::of(&[&[elsewhere, here], &[elsewhere]]);
    let got = Client::new(&target, home(), names.clone()).get(9);
    assert_eq!(got.expect("one of them is allowed"), b"home");
    assert_eq!((names.0.lock().expect("whole").len(), asked.lock().expect("whole").len()), (1, 1), "resolved once");
    let error = Client::new(&target, home(), names).get(9).expect_err("none is allowed");
    assert!(error.to_string().contains("rebind.example (127.0.0.2)") && !error.may_pass, "{error}");
}

#[test]
fn nobody_at_home_is_asked_who_was_not_allowed() {
    let (address, asked) = host(vec![answer("200 OK", "", "secret")]);
    for scheme in ["http", "https"] {
        for host in ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0"] {
            let target = Target::parse(&format!("{scheme}://{host}:{}/", address.port())).expect("valid");
            let got = Client::new(&target, Networks::default(), DefaultResolver::default()).get(9);
            let error = got.expect_err(host);
            assert!(error.to_string().contains("Outbound networks"), "{scheme} {host}: {error}");
        }
    }
    assert!(asked.lock().expect("whole").is_empty());
    assert_eq!(ask(address, 9).expect("its twin, allowed"), b"secret");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_none() {
    let (address, _) = host(vec![answer("200 OK", "", "no TLS at all")]);
    let target = Target::parse(&format!("https://{address}/")).expect("valid");
    let error = Client::new(&target, home(), DefaultResolver::default()).get(9).expect_err("no TLS");
    assert!(error.to_string().contains("https"), "{error}");
}

#[test]
fn slow_hosts_do_not_take_all_workers() {
    let outbound = Outbound::default();
    let place = |wanted, n: usize| outbound.place(wanted, &format!("https://{n}.example/"));
    let places: Vec<_> = (0..AT_ONCE).map(|n| place(Wanted::RequestObject, n).expect("room")).collect();
    assert!(place(Wanted::RequestObject, 9).is_err_and(|e| e.may_pass && e.is_busy));
    let for_keys = place(Wanted::Keys, 9);
    assert!(for_keys.is_ok(), "whoever sends browsers somewhere keeps no client from being known");
    drop(places);
    assert!(place(Wanted::RequestObject, 9).is_ok());
}

#[test]
fn a_slow_address_does_not_take_all_places() {
    let outbound = Outbound::default();
    let place = |url: &str| outbound.place(Wanted::RequestObject, url);
    let _two = [place("https://slow.example/"), place("https://slow.example/")].map(|p| p.expect("room"));
    assert!(place("https://slow.example/").is_err_and(|e| e.is_busy));
    assert!(place("https://other.example/").is_ok());
}
