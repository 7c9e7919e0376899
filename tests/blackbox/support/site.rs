//! The client's side of a sign-in in a real browser: a tiny web site on an origin of its own that records what
//! reaches it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A request that reached the site.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub body: String,
}

impl Received {
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// A decoded parameter of the query.
    pub fn query(&self, name: &str) -> Option<String> {
        parameter(self.target.split_once('?')?.1, name)
    }

    /// A decoded parameter of the posted form.
    pub fn form(&self, name: &str) -> Option<String> {
        parameter(&self.body, name)
    }
}

fn parameter(encoded: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(encoded.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

/// What the site answers.
pub enum Reply {
    /// A page with this body.
    Page(String),
    /// 303 to this address.
    SeeOther(String),
    /// Nothing but this status.
    Status(&'static str),
}

/// The page that tests wait for: they are at the client.
pub fn landed() -> Reply {
    Reply::Page("<h1 id=\"landed\">The client</h1>".into())
}

/// A web site on a loopback port, under any host name that leads there. Stopped when dropped.
pub struct Site {
    pub port: u16,
    received: Arc<Mutex<Vec<Received>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// A site whose every page is the landing page.
    pub fn start() -> Self {
        Self::answering(|_| landed())
    }

    pub fn answering(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (log, halt, answer) = (Arc::clone(&received), Arc::clone(&stop), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if halt.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                // A browser opens connections ahead and says nothing on them: each has a thread of its own.
                std::thread::spawn(move || serve(stream, &log, &*answer));
            }
        });
        Self { port, received, stop, thread: Some(thread) }
    }

    /// The site's origin under this host name.
    pub fn origin(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }

    /// Everything that was received, but for icons.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("requests").clone()
    }

    /// The only request with this path.
    #[track_caller]
    pub fn only(&self, path: &str) -> Received {
        let mut found: Vec<_> = self.received().into_iter().filter(|r| r.path() == path).collect();
        assert_eq!(found.len(), 1, "requests for {path}: {:?}", self.received());
        found.remove(0)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Received>>, answer: &dyn Fn(&Received) -> Reply) {
    drop(stream.set_read_timeout(Some(Duration::from_secs(20))));
    let Some(request) = read(&stream) else { return };
    if request.path() == "/favicon.ico" {
        drop(stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
        return;
    }
    let reply = answer(&request);
    log.lock().expect("requests").push(request);
    let bytes = match reply {
        Reply::Page(body) => {
            let html = format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Client</title>{body}");
            let head = "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\nConnection: close";
            format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {}\r\n\r\n{html}", html.len())
        }
        Reply::SeeOther(to) => {
            format!("HTTP/1.1 303 See Other\r\nLocation: {to}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        }
        Reply::Status(status) => format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
    };
    drop(stream.write_all(bytes.as_bytes()));
    drop(stream.shutdown(Shutdown::Write));
}

fn read(stream: &TcpStream) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received { method, target, body: String::from_utf8(body).ok()? })
}
