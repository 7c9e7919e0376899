//! Passwords: argon2id in PHC strings (RFC 9106), at a cost that suits the machine. How many hashes run at a time is
//! the business of [`super::pool`]; who may try how often is the sign-in's.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

pub use super::pool::{Busy, Line};
use super::pool::{Limits, Pool};
use super::{digest, pool, random};

/// Bytes of salt and of hash in what we store (RFC 9106 section 4).
const SALT: usize = 16;
const OUTPUT: usize = 32;
/// What a stored hash may ask for. Ours never comes near; one that was imported could.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_LANES: u32 = 16;
/// Memory times passes: a few seconds on a small machine.
const MAX_WORK_KIB: u64 = 2 * 1024 * 1024;

/// What a hash costs, whoever computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
}

/// How a password compares with a stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    Right,
    /// Right, but the hash was made at another cost: hash the password anew and store that.
    RightButWeak,
    Wrong,
}

/// Why a string cannot be stored as the hash of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a password hash that can be checked here: {0}")]
pub struct BadHash(&'static str);

/// Hashes and checks passwords, a few at a time. Clones share the workers and the cost.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Pool,
    cost: Arc<RwLock<Cost>>,
    line: Line,
}

impl Cost {
    /// The least that is used (the OWASP minimum): 19 MiB, two passes, one lane.
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// The most that [`tune`] comes to.
    pub const MAX_PASSES: u32 = 32;

    fn within_bounds(self) -> Self {
        Self {
            memory_kib: self.memory_kib.clamp(Self::FLOOR.memory_kib, MAX_MEMORY_KIB),
            passes: self.passes.clamp(Self::FLOOR.passes, Self::MAX_PASSES),
        }
    }

    /// The work by which `other` falls short of this cost. It is done all the same, so that the time of an answer does
    /// not tell a user with an old hash from one who does not exist.
    fn missing_from(self, other: &Params) -> Option<Params> {
        let own = u64::from(self.memory_kib) * u64::from(self.passes);
        let passes = own.saturating_sub(work(other)).div_ceil(u64::from(self.memory_kib));
        let passes = u32::try_from(passes).ok().filter(|p| *p > 0)?;
        Some(params(Self { passes, ..self }))
    }

    /// Whether a hash of `other` should be replaced by one of this cost: it is weaker, or more than twice the work
    /// (the database moved to a smaller machine). In between, a tuned cost may drift without a write per sign-in.
    fn replaces(self, other: &Params) -> bool {
        other.p_cost() != 1
            || other.m_cost() < self.memory_kib
            || other.t_cost() < self.passes
            || work(other) > 2 * u64::from(self.memory_kib) * u64::from(self.passes)
    }
}

impl PasswordHasher {
    /// Callers that hash or wait at once; each holds up a thread that serves requests.
    pub const MOST_AT_ONCE: usize = 66;
    /// Of these, places that are never strangers'.
    pub const RESERVED: usize = 16;

    /// Two hashes at a time (one on a single core), 64 callers that wait for up to 12 s, and memory that is given back
    /// after 30 s without use. A `cost` below the floor is raised to it. Callers are known ones.
    pub fn new(cost: Cost) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = Limits {
            workers: cores.min(2),
            queue: Self::MOST_AT_ONCE - 2,
            reserved: Self::RESERVED,
            patience: Duration::from_secs(12),
            keep: Duration::from_secs(30),
        };
        Self::with(cost.within_bounds(), limits)
    }

    fn with(cost: Cost, limits: Limits) -> Self {
        Self { pool: Pool::new(limits), cost: Arc::new(RwLock::new(cost)), line: Line::Known }
    }

    /// The same workers, for callers who wait in this line.
    #[must_use]
    pub fn in_line(&self, line: Line) -> Self {
        Self { line, ..self.clone() }
    }

    /// The cost of new hashes.
    pub fn cost(&self) -> Cost {
        *self.cost.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the cost of new hashes; within the bounds of [`Self::new`].
    pub fn set_cost(&self, cost: Cost) {
        *self.cost.write().unwrap_or_else(PoisonError::into_inner) = cost.within_bounds();
    }

    /// Passwords that are hashed at the moment, and those that wait for it.
    pub fn load(&self) -> (usize, usize) {
        self.pool.load()
    }

    /// A PHC string for `password`, with a new salt.
    ///
    /// # Errors
    /// [`Busy`]: nothing was computed.
    pub fn hash(&self, password: &str) -> Result<String, Busy> {
        let cost = self.cost();
        let salt = random::bytes::<SALT>();
        let mut output = Zeroizing::new([0; OUTPUT]);
        self.derive(&params(cost), password, &salt, output.as_mut())?;
        let b64 = |bytes: &[u8]| BASE64_STANDARD_NO_PAD.encode(bytes);
        let Cost { memory_kib, passes } = cost;
        Ok(format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${}${}", b64(&salt), b64(&*output)))
    }

    /// Compares `password` with a stored hash, at the cost that the hash names.
    ///
    /// A hash that cannot be checked counts as wrong after the usual time, and is logged.
    ///
    /// # Errors
    /// [`Busy`]: nothing is known of the password.
    pub fn verify(&self, password: &str, phc: &str) -> Result<Verified, Busy> {
        let stored = match Stored::parse(phc) {
            Ok(stored) => stored,
            Err(error) => {
                tracing::error!(%error, "a stored password hash is unusable: its user must get a new password");
                return self.verify_nobody(password).map(|()| Verified::Wrong);
            }
        };
        let mut output = Zeroizing::new(vec![0; stored.output.len()]);
        let make_up = self.cost().missing_from(&stored.params);
        let blocks = make_up.as_ref().map_or(0, Params::block_count).max(stored.params.block_count());
        self.pool.run(self.line, blocks, |blocks| {
            derive(&stored.params, password, &stored.salt, &mut output, blocks);
            if let Some(rest) = &make_up {
                derive(rest, password, NOBODYS_SALT, &mut [0; OUTPUT], blocks);
            }
        })?;
        Ok(match digest::same(&output, &stored.output) {
            false => Verified::Wrong,
            true if self.cost().replaces(&stored.params) => Verified::RightButWeak,
            true => Verified::Right,
        })
    }

    /// The work of [`Self::verify`] for a user who does not exist: the answer takes as long, and so tells nothing.
    ///
    /// # Errors
    /// [`Busy`], as often as for a user who exists.
    pub fn verify_nobody(&self, password: &str) -> Result<(), Busy> {
        let mut output = Zeroizing::new([0; OUTPUT]);
        self.derive(&params(self.cost()), password, NOBODYS_SALT, output.as_mut())?;
        std::hint::black_box(digest::same(output.as_ref(), &[0; OUTPUT]));
        Ok(())
    }

    fn derive(&self, params: &Params, password: &str, salt: &[u8], output: &mut [u8]) -> Result<(), Busy> {
        self.pool.run(self.line, params.block_count(), |blocks| derive(params, password, salt, output, blocks))
    }
}

impl std::fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordHasher").field("cost", &self.cost()).finish_non_exhaustive()
    }
}

/// The cost at which one hash takes about `target` on this machine, measured (a tenth of a second, more on a small
/// one). The memory stays at the floor: two hashes must fit into a machine of 512 MiB. Ask once and keep the answer.
pub fn tune(target: Duration) -> Cost {
    let Cost { memory_kib, passes } = Cost::FLOOR;
    let floor = params(Cost::FLOOR);
    let Ok(mut blocks) = pool::allocate(Vec::new(), floor.block_count()) else { return Cost::FLOOR };
    let mut measure = || {
        let start = Instant::now();
        derive(&floor, "a password of some length", &[7; SALT], &mut [0; OUTPUT], &mut blocks);
        start.elapsed()
    };
    // The first is slower, for the memory is new; noise only ever adds.
    let best = (0..3).map(|_| measure()).min().unwrap_or(target);
    let per_pass = best.as_secs_f64() / f64::from(passes);
    let affordable = (target.as_secs_f64() / per_pass.max(1e-6)).round();
    // The cast saturates, and the clamp is what counts.
    Cost { memory_kib, passes: (affordable as u32).clamp(passes, Cost::MAX_PASSES) }
}

/// What a PHC string of ours or of another implementation holds.
struct Stored {
    params: Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Stored {
    fn parse(phc: &str) -> Result<Self, BadHash> {
        let hash =
            PasswordHash::new(phc).map_err(|_| BadHash("it is no PHC string ($argon2id$v=19$m=..,t=..,p=..$..)"))?;
        if hash.algorithm.as_str() != "argon2id" || hash.version != Some(Version::V0x13.into()) {
            return Err(BadHash("only argon2id of version 19 is supported"));
        }
        let params = Params::try_from(&hash).map_err(|_| BadHash("its parameters are not those of argon2id"))?;
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return Err(BadHash("it needs a key or data that is not known here"));
        }
        if params.m_cost() > MAX_MEMORY_KIB || params.p_cost() > MAX_LANES || work(&params) > MAX_WORK_KIB {
            return Err(BadHash("it needs more than 256 MiB, 16 lanes or 2 GiB of work (memory times passes)"));
        }
        match (hash.salt, hash.hash) {
            (Some(salt), Some(output)) if salt.len() >= argon2::MIN_SALT_LEN && output.len() >= SALT => {
                Ok(Self { params, salt: salt.to_vec(), output: output.as_bytes().to_vec() })
            }
            _ => Err(BadHash("it lacks a salt of 8 bytes or a hash of 16 bytes")),
        }
    }
}

/// For work whose result is thrown away.
const NOBODYS_SALT: &[u8; SALT] = b"nobody's salt 16";

fn params(cost: Cost) -> Params {
    Params::new(cost.memory_kib, cost.passes, 1, Some(OUTPUT)).expect("a cost within its bounds is one of argon2")
}

fn work(params: &Params) -> u64 {
    u64::from(params.m_cost()) * u64::from(params.t_cost())
}

/// Fills `output`. Wipes `blocks`: what a single pass leaves there would let a password be guessed without the memory.
fn derive(params: &Params, password: &str, salt: &[u8], output: &mut [u8], blocks: &mut [Block]) {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(password.as_bytes(), salt, output, &mut *blocks)
        .expect("salt, output and memory have the lengths that were checked");
    blocks.iter_mut().zeroize();
}

#[cfg(test)]
mod tests;
