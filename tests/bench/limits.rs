//! What this machine allows at best, measured beside the program in the same run: signatures, flushed commits,
//! password hashes, and HTTP over loopback with nothing behind it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256};
use rusqlite::Connection;

use crate::load::{self, Load};
use crate::provider::Folder;
use crate::table::Table;
use crate::wire::{Wire, end_of_head, request};
use crate::{CONNECTIONS, FLOWS};

/// The limits of one machine.
pub struct Machine {
    pub rsa_one: Load,
    pub rsa: Load,
    pub p256_one: Load,
    pub p256: Load,
    pub commits: Load,
    pub appends: Load,
    pub hashes_floor: Load,
    pub hashes_tuned: Load,
    pub http: Load,
}

impl Machine {
    /// Takes about 14 s. `passes`: the cost of a password that the server measured for itself.
    pub fn measure(passes: u32) -> Self {
        let (cores, second, folder) = (cores(), Duration::from_secs(1), Folder::new());
        let hashers = cores.min(2);
        Self {
            rsa_one: rsa_signatures(1, second),
            rsa: rsa_signatures(cores, second),
            p256_one: p256_signatures(1, second),
            p256: p256_signatures(cores, second),
            commits: commits(folder.path(), 2 * second),
            appends: appends(folder.path(), second),
            hashes_floor: argon2_hashes(hashers, 2, 2 * second),
            hashes_tuned: argon2_hashes(hashers, passes, 3 * second),
            http: http(CONNECTIONS, 1500, 2 * second),
        }
    }

    pub fn print(&self, table: &mut Table) {
        table.section("This machine at best");
        let mut rate = |what: &str, load: &Load| table.limit(what, load);
        rate("RSA-2048 signatures, one core /s", &self.rsa_one);
        rate("RSA-2048 signatures, all cores /s", &self.rsa);
        rate("P-256 signatures, one core /s", &self.p256_one);
        rate("P-256 signatures, all cores /s", &self.p256);
        rate("SQLite commits, WAL, synchronous FULL /s", &self.commits);
        rate("appends of 4 KiB with fdatasync /s", &self.appends);
        rate("argon2id 19 MiB, 2 passes, 2 threads /s", &self.hashes_floor);
        rate("argon2id 19 MiB, measured cost, 2 threads /s", &self.hashes_tuned);
        rate(&format!("loopback HTTP, {CONNECTIONS} connections, 1.5 kB /s"), &self.http);
    }

    /// Code flows a second at best: 2 signatures, 2 commits, 3 requests each.
    pub fn flows(&self, signatures: f64) -> f64 {
        self.least(signatures / 2.0, 2.0, 3.0)
    }

    /// Refreshes a second at best: 2 signatures, 1 commit, 1 request each.
    pub fn refreshes(&self, signatures: f64) -> f64 {
        self.least(signatures / 2.0, 1.0, 1.0)
    }

    fn least(&self, signed: f64, commits: f64, requests: f64) -> f64 {
        let flushed = self.commits.per_second * FLOWS as f64 / commits;
        signed.min(flushed).min(self.http.per_second / requests)
    }
}

const MESSAGE: &[u8] = &[b'x'; 500];

/// RSA-2048 signatures a second with a key parsed once.
fn rsa_signatures(threads: usize, time: Duration) -> Load {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let random = SystemRandom::new();
    load::run(threads, time, |_| {
        let mut signature = vec![0; key.public_modulus_len()];
        let (key, random) = (&key, &random);
        move || key.sign(&RSA_PKCS1_SHA256, random, MESSAGE, &mut signature).expect("a signature")
    })
}

/// P-256 signatures a second with a key parsed once.
fn p256_signatures(threads: usize, time: Duration) -> Load {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let random = SystemRandom::new();
    load::run(threads, time, |_| {
        let (key, random) = (&key, &random);
        move || assert!(key.sign(random, MESSAGE).is_ok())
    })
}

/// Argon2id hashes a second over 19 MiB each, in memory that is there already.
fn argon2_hashes(threads: usize, passes: u32, time: Duration) -> Load {
    let params = Params::new(19 * 1024, passes, 1, Some(32)).expect("parameters");
    load::run(threads, time, |_| {
        let mut blocks = vec![Block::new(); params.block_count()];
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        move || {
            hasher
                .hash_password_into_with_memory(b"correct horse battery staple", &[7; 16], &mut [0; 32], &mut blocks)
                .expect("a hash")
        }
    })
}

/// Transactions a second of one row each, one after the other, with the settings of the program's database.
fn commits(folder: &Path, time: Duration) -> Load {
    let database = Connection::open(folder.join("limit.db")).expect("a database");
    database
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;
             CREATE TABLE t (hash BLOB PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;",
        )
        .expect("its settings");
    load::run(1, time, |_| {
        let text = "x".repeat(200);
        let database = Connection::open(folder.join("limit.db")).expect("a database");
        database.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -512;").expect("its settings");
        move || {
            let mut insert = database.prepare_cached("INSERT INTO t VALUES (randomblob(32), ?1)").expect("a statement");
            insert.execute([&text]).expect("a row");
        }
    })
}

/// Appends of one page a second, each flushed by fdatasync.
fn appends(folder: &Path, time: Duration) -> Load {
    load::run(1, time, |_| {
        let mut file = File::create(folder.join("limit.log")).expect("a file");
        move || {
            file.write_all(&[0; 4096]).expect("written");
            file.sync_data().expect("flushed");
        }
    })
}

/// Requests a second that the load generator gets from a server that has nothing to do: a thread a connection, one read,
/// one write of `answer` bytes.
fn http(connections: usize, answer: usize, time: Duration) -> Load {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {answer}\r\n\r\n{}", "x".repeat(answer));
    std::thread::scope(|scope| {
        let reply = reply.as_bytes();
        scope.spawn(move || {
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().expect("a connection");
                stream.set_nodelay(true).expect("an option of TCP");
                scope.spawn(move || {
                    let mut buffer = [0; 2048];
                    // Requests of this client come whole.
                    while let Ok(n @ 1..) = stream.read(&mut buffer) {
                        end_of_head(&buffer[..n], 0).expect("a whole request");
                        stream.write_all(reply).expect("the client reads");
                    }
                });
            }
        });
        load::run(connections, time, |_| {
            let mut wire = Wire::open(port);
            let get = request("GET", "/", "localhost", "", "");
            move || {
                wire.ask(&get).expect(200);
            }
        })
    })
}

/// Processors there are for the program and the load together.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How many processors are busy while this program sleeps.
pub fn busy_cores(time: Duration) -> f64 {
    let busy = || {
        let stat = std::fs::read_to_string("/proc/stat").expect("/proc/stat");
        let fields: Vec<u64> =
            stat.lines().next().into_iter().flat_map(str::split_whitespace).flat_map(str::parse).collect();
        // user, nice, system, then idle and iowait, then irq, softirq, steal: hundredths of a second.
        [0, 1, 2, 5, 6, 7].iter().map(|at| fields.get(*at).copied().unwrap_or(0)).sum::<u64>()
    };
    let (begun, before) = (Instant::now(), busy());
    std::thread::sleep(time);
    (busy() - before) as f64 / 100.0 / begun.elapsed().as_secs_f64()
}
