//! https: what clients of each version get, and what those who do not keep to the protocol cannot do.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ALL_VERSIONS, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use super::child::Process;
use super::hostile::{connect_from, crowd};
use super::support::{Client, get, post, serve_with};
use crate::crypto::authority::{issue, make_root};
use crate::crypto::identity::Identity;
use crate::domain::tls::{Names, Validity};
use crate::server::{Certificate, Limits, Server};

pub(super) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A root, and a certificate under it.
pub(super) struct House {
    pub(super) root: Vec<u8>,
    identity: Identity,
}

impl House {
    #[expect(clippy::disallowed_methods, reason = "the clients of these tests look at the machine's clock")]
    pub(super) fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let (now, names) = (i64::try_from(now).unwrap(), Names::parse("id.example").unwrap());
        let root = make_root("House", &names, Validity::of_root(now)).unwrap();
        let validity = Validity::of_leaf(now, Validity::of_root(now));
        let leaf = issue("House", &root.private_pkcs8, &names, validity).unwrap();
        let identity = Identity::own(&leaf.certificate_der, &leaf.private_pkcs8).unwrap();
        Self { root: root.certificate_der, identity }
    }

    pub(super) fn certificate(&self) -> Arc<Certificate> {
        Arc::new(Certificate::new(&self.identity))
    }

    fn trusted(&self, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
        trusting(&self.root, versions)
    }
}

/// A client that trusts one root.
pub(super) fn trusting(root: &[u8], versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    config.with_protocol_versions(versions).unwrap().with_root_certificates(roots).with_no_client_auth()
}

/// Connects and shakes hands.
pub(super) fn connect(to: SocketAddr, config: &ClientConfig) -> std::io::Result<Client<Stream>> {
    let Client(mut socket) = Client::to(to);
    let name = ServerName::try_from("id.example").unwrap();
    let mut tls = ClientConnection::new(Arc::new(config.clone()), name).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut socket)?;
    }
    Ok(Client(StreamOwned::new(tls, socket)))
}

fn serve(limits: Limits) -> (Server, House) {
    let house = House::new();
    (serve_with(limits, &[], Some(house.certificate())), house)
}

#[test]
fn clients_of_either_version_are_served_by_http_1_1() {
    let (server, house) = serve(Limits::default());
    for (version, spoken) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let mut config = house.trusted(&[version]);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut client = connect(server.https_addrs()[0], &config).unwrap();
        assert_eq!(client.ask(get("/via", "")).body, "Direct(Https)");
        assert_eq!(client.0.conn.protocol_version(), Some(spoken));
        assert_eq!(client.0.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    }
    let mut config = house.trusted(ALL_VERSIONS);
    config.alpn_protocols = vec![b"h2".to_vec()];
    assert!(connect(server.https_addrs()[0], &config).is_err(), "HTTP/2 alone is not spoken");
    assert!(connect(server.https_addrs()[0], &House::new().trusted(ALL_VERSIONS)).is_err(), "another root");
    assert_eq!(Client::of(&server).ask(get("/via", "")).body, "Direct(Http)");
}

#[test]
fn bodies_and_answers_of_every_size_pass_whole_on_one_kept_connection() {
    let (server, house) = serve(Limits::default());
    for version in ALL_VERSIONS {
        let mut client = connect(server.https_addrs()[0], &house.trusted(&[version])).unwrap();
        for size in [0, 1, 1025, 4096, 16_384, 16_385, 65_536, 3] {
            let body = "b".repeat(size);
            assert!(client.ask(post("/echo", "", &body)).body.ends_with(&format!("|{body}|")), "{size}");
        }
        assert_eq!(client.ask(post("/upload", "", &"u".repeat(300_000))).body, "300000");
        assert_eq!(client.ask(get("/large", "")).body.len(), 300_000);
        let requests: String = (0..20).map(|n| post(&format!("/echo?{n}"), "", "x")).collect();
        client.send(requests);
        (0..20).for_each(|n| assert!(client.answer(false).body.contains(&format!("[{n}]"))));
    }
}

#[test]
fn the_end_of_a_connection_is_told_and_not_a_cut() {
    let (server, house) = serve(Limits { idle_time: Duration::from_millis(300), ..Limits::default() });
    let mut asked = connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap();
    assert_eq!(asked.ask(get("/", "Connection: close\r\n")).status(), 200);
    assert_eq!(asked.0.read(&mut [0; 9]).unwrap(), 0, "without a goodbye it would be an error");
    let mut idle = connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap();
    assert_eq!(idle.ask(get("/", "")).status(), 200);
    assert_eq!(idle.0.read(&mut [0; 9]).unwrap(), 0);
    let mut refused = connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap();
    assert_eq!(refused.ask("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").status(), 400);
    assert_eq!(refused.0.read(&mut [0; 9]).unwrap(), 0);
}

#[test]
fn who_speaks_http_to_the_https_port_is_told_so() {
    let (server, house) = serve(Limits::default());
    let mut client = Client::to(server.https_addrs()[0]);
    let reply = client.ask(get("/", ""));
    assert_eq!((reply.status(), reply.header("connection")), (400, Some("close")));
    assert!(reply.body.contains("https://"), "{}", reply.body);
    assert!(client.is_closed());
    assert_eq!(connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap().ask(get("/", "")).body, "ok");
}

#[test]
fn open_connections_keep_their_certificate_and_new_ones_get_the_new_one() {
    let (first, second) = (House::new(), House::new());
    let certificate = first.certificate();
    let server = serve_with(Limits::default(), &[], Some(Arc::clone(&certificate)));
    let to = server.https_addrs()[0];
    let mut open = connect(to, &first.trusted(ALL_VERSIONS)).unwrap();
    certificate.replace(&second.identity);
    assert_eq!(open.ask(get("/", "")).body, "ok");
    assert_eq!(connect(to, &second.trusted(ALL_VERSIONS)).unwrap().ask(get("/", "")).body, "ok");
    assert!(connect(to, &first.trusted(ALL_VERSIONS)).is_err());
    assert_eq!(open.ask(get("/", "")).body, "ok");
}

#[test]
fn a_stop_answers_what_is_in_flight_and_closes_the_rest() {
    let (server, house) = serve(Limits::default());
    let mut idle = connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap();
    assert_eq!(idle.ask(get("/", "")).status(), 200);
    let mut shaking = Client::to(server.https_addrs()[0]);
    let mut busy = connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap();
    busy.send(get("/slow", ""));
    thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    let stopping = thread::spawn(move || server.stop(Duration::from_secs(10)));
    assert_eq!(busy.answer(false).body, "slow");
    drop(busy);
    stopping.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(shaking.is_closed());
}

#[test]
fn a_client_that_says_nothing_is_gone_after_five_seconds() {
    let (server, house) = serve(Limits::default());
    let begun = Instant::now();
    let mut silent = Client::to(server.https_addrs()[0]);
    let mut stuck = Client::to(server.https_addrs()[0]);
    stuck.send(b"\x16\x03\x01\x02\x00");
    assert_eq!(connect(server.https_addrs()[0], &house.trusted(ALL_VERSIONS)).unwrap().ask(get("/", "")).body, "ok");
    assert!(silent.is_closed() && stuck.is_closed());
    let (least, most) = (Duration::from_millis(4900), Duration::from_millis(6500));
    assert!((least..most).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

/// Beginnings of handshakes that do not go on.
fn abortive() -> [Vec<u8>; 6] {
    let hello = {
        let name = ServerName::try_from("id.example").unwrap();
        let config = Arc::new(trusting(&House::new().root, ALL_VERSIONS));
        let mut out = Vec::new();
        ClientConnection::new(config, name).unwrap().write_tls(&mut out).unwrap();
        out
    };
    [
        hello[..hello.len() / 2].to_vec(),
        hello.clone(),
        [hello, b"\x16\x03\x03\x00\x05junk!".to_vec()].concat(),
        b"\x16\x03\x01\xff\xff".to_vec(),
        b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10".to_vec(),
        vec![0; 300],
    ]
}

#[test]
fn a_thousand_aborted_handshakes_leave_nothing_behind() {
    let mut process = Process::quick();
    let (threads, descriptors) = (process.threads(), process.descriptors());
    let (https, all) = (process.https, &abortive());
    thread::scope(|scope| {
        for n in 0..10_u8 {
            scope.spawn(move || {
                for bytes in all.iter().cycle().take(100) {
                    let mut stream = connect_from(Ipv4Addr::new(127, 0, 4, n + 1), https).unwrap();
                    let _ = stream.write_all(bytes);
                }
            });
        }
    });
    process.assert_well("1,000 aborted handshakes");
    process.assert_threads_end(threads);
    assert!(process.descriptors() <= descriptors + 8, "{} descriptors", process.descriptors());
    assert_eq!(process.over_tls().ask(get("/", "")).body, "ok");
}

#[test]
fn silent_tls_clients_are_shed_and_reaped_and_others_are_served_meanwhile() {
    let mut process = Process::quick();
    let threads = process.threads();
    let silent = crowd(500, process.https);
    let begun = Instant::now();
    process.assert_well("500 silent TLS clients");
    assert_eq!(process.over_tls().ask(get("/", "")).body, "ok");
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    thread::sleep(Duration::from_millis(1200));
    process.assert_threads_end(threads);
    drop(silent);
}

/// A message of the handshake may be spread over many records: 64 KiB of it would be kept for each who begins one.
#[test]
fn endless_greetings_do_not_fill_the_memory() {
    let mut process = Process::quick();
    // A greeting of 65,000 bytes, all but its last record.
    let mut greeting = b"\x16\x03\x01\x3f\xf0\x01\x00\xfd\xe8\x03\x03".to_vec();
    greeting.resize(5 + 0x3ff0, 0);
    for _ in 0..2 {
        greeting.extend_from_slice(b"\x16\x03\x01\x3f\xf0");
        greeting.resize(greeting.len() + 0x3ff0, 0);
    }
    let mut greeting_all = crowd(250, process.https);
    for stream in &mut greeting_all {
        let _ = stream.write_all(&greeting);
    }
    process.assert_well("250 endless greetings");
    drop(greeting_all);
}

/// Clients that shook hands, each from one of a few addresses.
fn shaken(process: &Process, count: u8) -> Vec<Client<Stream>> {
    let config = Arc::new(trusting(&process.root, ALL_VERSIONS));
    (0..count)
        .map(|n| {
            let mut socket = connect_from(Ipv4Addr::new(127, 0, 5, 1 + n / 50), process.https).unwrap();
            socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
            let mut tls = ClientConnection::new(Arc::clone(&config), ServerName::try_from("id.example").unwrap());
            let tls = tls.as_mut().unwrap();
            while tls.is_handshaking() {
                tls.complete_io(&mut socket).unwrap();
            }
            let tls =
                std::mem::replace(tls, ClientConnection::new(Arc::clone(&config), "x".try_into().unwrap()).unwrap());
            Client(StreamOwned::new(tls, socket))
        })
        .collect()
}

#[test]
fn bytes_that_drip_over_tls_are_reaped() {
    let mut process = Process::quick();
    let mut slow = shaken(&process, 100);
    for (n, client) in slow.iter_mut().enumerate() {
        client.0.sock.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        client.send(if n % 2 == 0 {
            "GET / HTTP/1.1\r\nHost: a\r\nX: "
        } else {
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n"
        });
    }
    let begun = Instant::now();
    while !slow.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(6), "{} connections are still open", slow.len());
        slow.retain_mut(|c| {
            let is_open = match c.0.read(&mut [0; 1024]) {
                Ok(n) => n > 0,
                Err(e) => e.kind() == std::io::ErrorKind::WouldBlock,
            };
            is_open && c.0.write(b"x").is_ok()
        });
        thread::sleep(Duration::from_millis(100));
    }
    process.assert_well("100 clients that drip over TLS");
}

#[test]
fn many_tls_clients_that_wait_or_read_no_answer_do_not_fill_the_memory() {
    let mut process = Process::quick();
    let before = process.threads();
    let begun = Instant::now();
    let idle = shaken(&process, 200);
    println!("200 handshakes took {:?}", begun.elapsed());
    process.assert_well("200 TLS clients that wait");
    drop(idle);
    // Both crowds at once are more than there may be, and some of the second would be closed before they shook hands.
    process.assert_threads_end(before);
    let mut deaf = shaken(&process, 200);
    let requests = get("/large", "").repeat(100);
    for client in &mut deaf {
        client.0.sock.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
        client.send(&requests);
    }
    process.assert_well("200 TLS clients that read no answer");
}
