//! A web server of a client's: it answers everything with one content, and counts how often it was asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// One that lives as long as the tests.
pub struct Host {
    pub url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    status: &'static str,
    content: String,
    /// The paths that were asked for.
    asked: Vec<String>,
}

impl Host {
    pub fn new(content: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let url = format!("http://{}/it", listener.local_addr().expect("its address"));
        let state = State { status: "200 OK", content: content.to_owned(), asked: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut head = vec![0; 8_192];
                let n = stream.read(&mut head).unwrap_or(0);
                let path = String::from_utf8_lossy(&head[..n]).split(' ').nth(1).unwrap_or_default().to_owned();
                let mut state = shared.lock().expect("whole");
                state.asked.push(path);
                let (status, content) = (state.status, state.content.clone());
                drop(state);
                let answer = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
                    content.len()
                );
                // Whoever asked may have gone.
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        Self { url, state }
    }

    pub fn says(&self, content: &str) {
        self.state.lock().expect("whole").content = content.to_owned();
    }

    /// The status of every answer from now on, with its words.
    pub fn answers(&self, status: &'static str) {
        self.state.lock().expect("whole").status = status;
    }

    pub fn asked(&self) -> Vec<String> {
        self.state.lock().expect("whole").asked.clone()
    }
}
