//! A mail server that a test starts (RFC 5321), with or without TLS and a sign-in. It keeps what it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::Server;

/// What it does; none of it at first.
#[derive(Default)]
pub struct Manners {
    /// Names of its certificate, for STARTTLS and TLS.
    pub names: Vec<String>,
    /// TLS from the first byte on.
    pub wrapped: bool,
    /// Who may send.
    pub login: Option<(&'static str, &'static str)>,
    /// Mails refused for the moment before the first is taken.
    pub busy: u32,
    /// What every mail is refused with.
    pub refuses: Option<&'static str>,
    /// How long it takes for each mail.
    pub delay: Duration,
}

/// A mail as it came.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: String,
    /// Headers and body.
    pub raw: String,
    pub protected: bool,
    pub signed_in: bool,
}

/// The server. It ends with the test.
pub struct SmtpServer {
    pub port: u16,
    /// The root of its certificate, in PEM form.
    pub root: String,
    shared: Arc<Shared>,
}

struct Shared {
    manners: Manners,
    tls: Option<Arc<ServerConfig>>,
    mails: Mutex<Vec<Mail>>,
    bell: Condvar,
    refused: AtomicU32,
    ended: AtomicBool,
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // It waits for somebody.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl SmtpServer {
    pub fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let (tls, root) = match manners.names.is_empty() {
            true => (None, String::new()),
            false => {
                let (config, root) = certificate(&manners.names);
                (Some(config), root)
            }
        };
        let shared = Arc::new(Shared {
            manners,
            tls,
            mails: Mutex::default(),
            bell: Condvar::new(),
            refused: AtomicU32::new(0),
            ended: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if of_thread.ended.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { port, root, shared }
    }

    /// What came so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().expect("mails").clone()
    }

    /// Waits until there are so many.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Mail> {
        let mails = self.shared.mails.lock().expect("mails");
        let limit = Duration::from_secs(30);
        let (mails, waited) = self.shared.bell.wait_timeout_while(mails, limit, |m| m.len() < count).expect("mails");
        assert!(!waited.timed_out(), "{count} mails were awaited: {mails:?}");
        mails.clone()
    }
}

/// A provider that sends its mails to a port of this machine.
pub fn with_mail(port: u16) -> Server {
    let port = port.to_string();
    let host = ["--smtp-host", "localhost", "--smtp-port", &port, "--smtp-security", "none"];
    Server::start_with(&[&host[..], &["--smtp-from", "lock@home.example", "--log", "debug"]].concat())
}

/// A certificate for some names, by a root of its own.
fn certificate(names: &[String]) -> (Arc<ServerConfig>, String) {
    let mut root = CertificateParams::new(Vec::new()).expect("parameters");
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "Root of a test's mail server");
    let root_key = KeyPair::generate().expect("a key");
    let root_pem = root.self_signed(&root_key).expect("a root").pem();
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(names.to_vec()).expect("names").signed_by(&key, &issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(leaf.der().to_vec())],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a configuration");
    (Arc::new(config), root_pem)
}

trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

type Wire = BufReader<Box<dyn Stream>>;

impl Shared {
    fn protect(&self, stream: TcpStream) -> std::io::Result<Wire> {
        let config = self.tls.clone().ok_or_else(|| std::io::Error::other("no certificate"))?;
        let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
        Ok(BufReader::new(Box::new(StreamOwned::new(connection, stream))))
    }

    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let plain = stream.try_clone()?;
        let mut protected = self.manners.wrapped;
        let mut wire: Wire = if protected { self.protect(stream)? } else { BufReader::new(Box::new(stream)) };
        say(&mut wire, "220 mail.example ESMTP")?;
        let (mut from, mut to, mut signed_in) = (String::new(), String::new(), false);
        loop {
            let line = hear(&mut wire)?;
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let mut lines = vec!["mail.example", "8BITMIME"];
                    if self.tls.is_some() && !protected {
                        lines.push("STARTTLS");
                    }
                    if self.manners.login.is_some() {
                        lines.push("AUTH PLAIN");
                    }
                    let last = lines.len() - 1;
                    for (n, line) in lines.iter().enumerate() {
                        say(&mut wire, &format!("250{}{line}", if n == last { ' ' } else { '-' }))?;
                    }
                }
                "STARTTLS" if self.tls.is_some() && !protected => {
                    say(&mut wire, "220 go on")?;
                    wire = self.protect(plain.try_clone()?)?;
                    protected = true;
                }
                "AUTH" => {
                    let given = line.split(' ').nth(2).unwrap_or_default();
                    let plain = BASE64_STANDARD.decode(given).unwrap_or_default();
                    let wanted =
                        self.manners.login.map(|(name, password)| format!("\0{name}\0{password}").into_bytes());
                    signed_in = wanted.is_some_and(|wanted| wanted == plain);
                    // A chatty one: what it was told, it tells.
                    let no = format!("535 5.7.8 no: {given} {}", String::from_utf8_lossy(&plain).replace('\0', " "));
                    say(&mut wire, if signed_in { "235 welcome" } else { &no })?;
                }
                "MAIL" if self.manners.login.is_some() && !signed_in => say(&mut wire, "530 sign in first")?,
                "MAIL" => {
                    from = address(&line);
                    say(&mut wire, "250 ok")?;
                }
                "RCPT" => {
                    to = address(&line);
                    say(&mut wire, "250 ok")?;
                }
                "DATA" => {
                    say(&mut wire, "354 go on")?;
                    let raw = data(&mut wire)?;
                    let mail = Mail { from: from.clone(), to: to.clone(), raw, protected, signed_in };
                    let answer = self.take(mail);
                    say(&mut wire, &answer)?;
                }
                "QUIT" => return say(&mut wire, "221 bye"),
                _ => say(&mut wire, "250 ok")?,
            }
        }
    }

    fn take(&self, mail: Mail) -> String {
        if let Some(answer) = self.manners.refuses {
            // It repeats what it did not like.
            let link = mail.body().split_whitespace().find(|w| w.contains("token=")).unwrap_or_default().to_owned();
            return format!("{answer} {link}");
        }
        if self.refused.fetch_add(1, Ordering::Relaxed) < self.manners.busy {
            return "451 come again".into();
        }
        std::thread::sleep(self.manners.delay);
        self.mails.lock().expect("mails").push(mail);
        self.bell.notify_all();
        "250 taken".into()
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

fn say(wire: &mut Wire, line: &str) -> std::io::Result<()> {
    let stream = wire.get_mut();
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    stream.flush()
}

fn hear(wire: &mut Wire) -> std::io::Result<String> {
    let mut line = String::new();
    if wire.read_line(&mut line)? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn data(wire: &mut Wire) -> std::io::Result<String> {
    let mut all = String::new();
    loop {
        let line = hear(wire)?;
        if line == "." {
            return Ok(all);
        }
        all.push_str(line.strip_prefix('.').unwrap_or(&line));
        all.push('\n');
    }
}

impl Mail {
    /// A header, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
        let prefix = format!("{name}: ");
        decoded_words(head.lines().find_map(|l| l.strip_prefix(&prefix)).unwrap_or_default())
    }

    /// The text.
    pub fn body(&self) -> String {
        let body = self.raw.split_once("\n\n").map(|(_, body)| body).unwrap_or_default();
        match self.header("Content-Transfer-Encoding").as_str() {
            "quoted-printable" => quoted_printable(body),
            "base64" => {
                let text: String = body.split_whitespace().collect();
                String::from_utf8(BASE64_STANDARD.decode(text).expect("base64")).expect("UTF-8").replace("\r\n", "\n")
            }
            _ => body.to_owned(),
        }
    }

    /// The one link in the text, from its path on.
    #[track_caller]
    pub fn link(&self, base: &str) -> String {
        let body = self.body();
        let link = body.split_whitespace().find(|w| w.starts_with(base) && w.contains("token="));
        link.unwrap_or_else(|| panic!("no link: {body}")).to_owned()
    }
}

fn quoted_printable(text: &str) -> String {
    let text = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = (*first == b'=').then(|| tail.get(..2)).flatten();
        match hex.and_then(|h| u8::from_str_radix(std::str::from_utf8(h).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// RFC 2047, as far as one word goes.
fn decoded_words(text: &str) -> String {
    let parts = text.split("=?utf-8?b?");
    let decode = |part: &str| {
        let (word, rest) = part.split_once("?=")?;
        Some(String::from_utf8(BASE64_STANDARD.decode(word).ok()?).ok()? + rest)
    };
    parts.enumerate().map(|(n, p)| if n == 0 { p.to_owned() } else { decode(p).unwrap_or_default() }).collect()
}
