//! The edge's own word to the inside about a request: who sent it, and what the answer must look like. It travels as
//! the first header, and a nonce that nobody outside this process knows tells it from a forgery.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::answer::After;
use crate::http::{RequestId, Scheme, Via};

/// The header's name; whatever begins like it is stripped from what clients send.
pub(super) const NAME: &str = "x-latchkey-edge";

/// What the edge knows of a request.
pub(super) struct Word {
    pub(super) id: RequestId,
    pub(super) client: IpAddr,
    pub(super) via: Via,
    pub(super) after: After,
    /// When nobody waits for the answer any more.
    pub(super) expires: Instant,
}

/// Writes and reads words; there is one in a process.
pub(super) struct Words {
    nonce: String,
    started: Instant,
    ids: RandomState,
    count: AtomicU64,
}

impl Words {
    pub(super) fn new() -> Self {
        Self { nonce: random_hex(), started: Instant::now(), ids: RandomState::new(), count: AtomicU64::new(0) }
    }

    /// A new request id: 8 bytes in hex. They come from a keyed hash (SipHash, key of this process) over a counter,
    /// which is as hard to tell from random bytes as an id needs, and costs no call to a generator.
    pub(super) fn new_id(&self) -> RequestId {
        RequestId(format!("{:016x}", self.ids.hash_one(self.count.fetch_add(1, Relaxed))))
    }

    /// The header line, CR LF included.
    pub(super) fn line(&self, word: &Word) -> String {
        let after = match word.after {
            After::Keep => "keep",
            After::KeepOld => "keep-old",
            After::Close => "close",
        };
        let expires = word.expires.saturating_duration_since(self.started).as_millis();
        let mut line = String::with_capacity(160);
        let Self { nonce, .. } = self;
        let Word { id, client, .. } = word;
        let via = via_text(&word.via);
        write!(line, "{NAME}: {nonce} {id} {client} {via} {after} {expires}\r\n")
            .expect("writing into memory does not fail");
        line
    }

    /// Reads the value of a header line; `None` when this process did not write it.
    pub(super) fn read(&self, value: &str) -> Option<Word> {
        let mut parts = value.split(' ');
        let nonce = parts.next()?;
        aws_lc_rs::constant_time::verify_slices_are_equal(nonce.as_bytes(), self.nonce.as_bytes()).ok()?;
        let id = RequestId(parts.next()?.to_owned());
        let client = parts.next()?.parse().ok()?;
        let via = read_via(parts.next()?)?;
        let after = match parts.next()? {
            "keep" => After::Keep,
            "keep-old" => After::KeepOld,
            _ => After::Close,
        };
        let expires = self.started + Duration::from_millis(parts.next()?.parse().ok()?);
        Some(Word { id, client, via, after, expires })
    }
}

/// A way, without a space in it: a Host has none.
fn via_text(via: &Via) -> String {
    match via {
        Via::Direct(scheme) => format!("direct/{}/", scheme_text(Some(*scheme))),
        Via::Stranger(scheme) => format!("stranger/{}/", scheme_text(Some(*scheme))),
        Via::Proxy { scheme, host } => format!("proxy/{}/{}", scheme_text(*scheme), host.as_deref().unwrap_or("")),
    }
}

fn scheme_text(scheme: Option<Scheme>) -> &'static str {
    match scheme {
        Some(Scheme::Http) => "http",
        Some(Scheme::Https) => "https",
        None => "",
    }
}

fn read_via(text: &str) -> Option<Via> {
    let mut parts = text.splitn(3, '/');
    let (who, scheme, host) = (parts.next()?, parts.next()?, parts.next()?);
    let scheme = match scheme {
        "http" => Some(Scheme::Http),
        "https" => Some(Scheme::Https),
        _ => None,
    };
    Some(match who {
        "direct" => Via::Direct(scheme?),
        "stranger" => Via::Stranger(scheme?),
        _ => Via::Proxy { scheme, host: Some(host).filter(|h| !h.is_empty()).map(str::to_owned) },
    })
}

/// 16 random bytes in hex.
pub(super) fn random_hex() -> String {
    let mut bytes = [0u8; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the kernel's random source always answers on Linux");
    bytes.iter().fold(String::new(), |mut hex, b| {
        write!(hex, "{b:02x}").expect("writing into memory does not fail");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_as_it_was_written_and_a_forged_one_is_not() {
        let words = Words::new();
        for via in [
            Via::Direct(Scheme::Https),
            Via::Direct(Scheme::Http),
            Via::Stranger(Scheme::Http),
            Via::Proxy { scheme: None, host: None },
            Via::Proxy { scheme: Some(Scheme::Https), host: Some("[2001:db8::1]:8443".into()) },
        ] {
            let word = Word {
                id: words.new_id(),
                client: "2001:db8::7".parse().unwrap(),
                via,
                after: After::KeepOld,
                expires: Instant::now() + Duration::from_secs(30),
            };
            let line = words.line(&word);
            let value = line.strip_prefix("x-latchkey-edge: ").unwrap().trim_end();
            let read = words.read(value).unwrap();
            assert_eq!((read.id, read.client, read.via, read.after), (word.id, word.client, word.via, word.after));
            assert!(word.expires.duration_since(read.expires) < Duration::from_millis(2));
            assert!(Words::new().read(value).is_none(), "another process's nonce");
            assert!(words.read(&value[1..]).is_none() && words.read("").is_none());
        }
    }

    #[test]
    fn ids_are_sixteen_hex_digits_and_differ() {
        let words = Words::new();
        let ids: std::collections::HashSet<String> = (0..1000).map(|_| words.new_id().0).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
