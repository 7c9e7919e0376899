//! What lies in a backup's envelope: a plain tar archive (ustar) of three files, in this order and with these names:
//!
//! | name            | content                                                            | at most     |
//! |-----------------|--------------------------------------------------------------------|-------------|
//! | `manifest.json` | [`Manifest`](crate::domain::backup::Manifest), one JSON object      | 64 KiB      |
//! | `master.key`    | the master key as its file holds it                                | 256 bytes   |
//! | `latchkey.db`   | the database, one whole SQLite file                                | 8 GiB - 1   |
//!
//! So `age -d FILE | tar x` leaves a data folder, with no Latchkey at hand. What is read must be exactly what is
//! written here: no other names, no other order, nothing after the end. The envelope authenticates it all.

use std::io::{self, Read, Write};

use zeroize::Zeroizing;

const MANIFEST: &str = "manifest.json";
const MASTER_KEY: &str = "master.key";
const DATABASE: &str = "latchkey.db";

const BLOCK: usize = 512;
const MAX_MANIFEST: u64 = 64 * 1024;
const MAX_MASTER_KEY: u64 = 256;
/// Eleven octal digits: what a ustar header can say.
const MAX_DATABASE: u64 = (1 << 33) - 1;

/// Why an archive cannot be read. Nothing that was read of it may be used then.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    #[error("it is damaged or cut short")]
    Broken,
    #[error("what was encrypted is not a backup of Latchkey's ({0})")]
    Foreign(&'static str),
    #[error("it cannot be written here: {0}")]
    Write(io::Error),
}

/// The small files of an archive.
#[derive(Debug)]
pub struct Unpacked {
    pub manifest: Vec<u8>,
    pub master_key: Zeroizing<Vec<u8>>,
}

/// Writes an archive. `bytes` is the length of the database.
pub fn pack(
    out: &mut impl Write,
    manifest: &[u8],
    master_key: &[u8],
    database: &mut impl Read,
    bytes: u64,
    at: u64,
) -> io::Result<()> {
    let too_long = |what| io::Error::other(format!("{what} is too long for a backup"));
    if manifest.len() as u64 > MAX_MANIFEST || master_key.len() as u64 > MAX_MASTER_KEY {
        return Err(too_long("the manifest"));
    }
    if bytes > MAX_DATABASE {
        return Err(too_long("the database"));
    }
    for (name, content) in [(MANIFEST, manifest), (MASTER_KEY, master_key)] {
        out.write_all(&header(name, content.len() as u64, at))?;
        out.write_all(content)?;
        out.write_all(&[0; BLOCK][..padding(content.len() as u64)])?;
    }
    out.write_all(&header(DATABASE, bytes, at))?;
    if io::copy(&mut database.take(bytes), out)? != bytes {
        return Err(io::Error::other("the copy of the database became shorter"));
    }
    out.write_all(&[0; BLOCK][..padding(bytes)])?;
    out.write_all(&[0; 2 * BLOCK])
}

/// Reads an archive to its very end, and writes the database to `database`.
pub fn unpack(input: &mut impl Read, database: &mut impl Write) -> Result<Unpacked, ArchiveError> {
    let mut manifest = Vec::new();
    small(input, MANIFEST, MAX_MANIFEST, &mut manifest)?;
    let mut master_key = Zeroizing::new(Vec::with_capacity(MAX_MASTER_KEY as usize));
    small(input, MASTER_KEY, MAX_MASTER_KEY, &mut master_key)?;
    let bytes = expect_header(input, DATABASE, MAX_DATABASE)?;
    copy(input, database, bytes)?;
    expect_zeros(input, padding(bytes))?;
    expect_zeros(input, 2 * BLOCK)?;
    // The end of the stream is what says that nothing is missing.
    match input.read(&mut [0]) {
        Ok(0) => Ok(Unpacked { manifest, master_key }),
        Ok(_) => Err(ArchiveError::Foreign("there is something after its end")),
        Err(_) => Err(ArchiveError::Broken),
    }
}

fn small(input: &mut impl Read, name: &'static str, most: u64, into: &mut Vec<u8>) -> Result<(), ArchiveError> {
    let bytes = expect_header(input, name, most)?;
    copy(input, into, bytes)?;
    expect_zeros(input, padding(bytes))
}

/// Like [`io::copy`], which does not tell whose error it was.
fn copy(input: &mut impl Read, out: &mut impl Write, bytes: u64) -> Result<(), ArchiveError> {
    let mut buffer = Zeroizing::new(vec![0; 64 * 1024]);
    let mut left = bytes;
    while left > 0 {
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        input.read_exact(&mut buffer[..most]).map_err(|_| ArchiveError::Broken)?;
        out.write_all(&buffer[..most]).map_err(ArchiveError::Write)?;
        left -= most as u64;
    }
    Ok(())
}

fn expect_zeros(input: &mut impl Read, count: usize) -> Result<(), ArchiveError> {
    let mut bytes = [0; 2 * BLOCK];
    input.read_exact(&mut bytes[..count]).map_err(|_| ArchiveError::Broken)?;
    if bytes[..count].iter().all(|b| *b == 0) { Ok(()) } else { Err(ArchiveError::Foreign("its filling is not empty")) }
}

/// Reads a header, which must be the one that this name would be given; returns the length of the file.
fn expect_header(input: &mut impl Read, name: &'static str, most: u64) -> Result<u64, ArchiveError> {
    let mut block = [0; BLOCK];
    input.read_exact(&mut block).map_err(|_| ArchiveError::Broken)?;
    let number = |at: usize| {
        let digits = std::str::from_utf8(&block[at..at + 11]).ok()?;
        u64::from_str_radix(digits, 8).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let (Some(bytes), Some(at)) = (number(124), number(136)) else { return Err(ArchiveError::Foreign(name)) };
    if bytes > most || block != header(name, bytes, at) {
        return Err(ArchiveError::Foreign(name));
    }
    Ok(bytes)
}

/// What a file is filled up with to whole blocks.
fn padding(bytes: u64) -> usize {
    ((BLOCK as u64 - bytes % BLOCK as u64) % BLOCK as u64) as usize
}

/// A ustar header (POSIX.1-1988): a private file of nobody in particular.
fn header(name: &str, bytes: u64, at: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", bytes & MAX_DATABASE));
    put(136, &format!("{:011o}\0", at & MAX_DATABASE));
    // The sum is made with spaces in its own place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\0");
    put(263, "00");
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(manifest: &[u8], key: &[u8], database: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        pack(&mut out, manifest, key, &mut &database[..], database.len() as u64, 1_795_393_865).unwrap();
        out
    }

    fn unpacked(bytes: &[u8]) -> Result<(Unpacked, Vec<u8>), ArchiveError> {
        let mut database = Vec::new();
        let small = unpack(&mut &bytes[..], &mut database)?;
        Ok((small, database))
    }

    #[test]
    fn tar_reads_it() {
        let folder = std::env::temp_dir().join(format!("latchkey-tar-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("a.tar"), packed(b"{}", b"key", &[7; 5000])).unwrap();
        let status = std::process::Command::new("tar").args(["xf", "a.tar"]).current_dir(&folder).status().unwrap();
        let files = [("manifest.json", &b"{}"[..]), ("master.key", b"key"), ("latchkey.db", &[7; 5000])];
        let read = files.map(|(name, _)| std::fs::read(folder.join(name)));
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(status.success());
        assert!(read.into_iter().zip(files).all(|(read, (_, wanted))| read.unwrap() == wanted));
    }

    #[test]
    fn lengths_are_bounded_before_anything_is_read() {
        let mut out = Vec::new();
        assert!(pack(&mut out, &[0; 65_537], b"", &mut io::empty(), 0, 0).is_err());
        assert!(pack(&mut out, b"", &[0; 257], &mut io::empty(), 0, 0).is_err());
        assert!(pack(&mut out, b"", b"", &mut io::empty(), MAX_DATABASE + 1, 0).is_err());
        assert!(pack(&mut out, b"", b"", &mut io::empty(), 1, 0).is_err(), "a database shorter than promised");
        let first = header(MANIFEST, MAX_MANIFEST + 1, 0);
        let mut endless = first.chain(io::repeat(b'x'));
        assert!(matches!(unpack(&mut endless, &mut io::sink()), Err(ArchiveError::Foreign(_))));
        let full = [header(MANIFEST, 0, 0), header(MASTER_KEY, 0, 0), header(DATABASE, 9_999_999, 0)].concat();
        assert!(matches!(unpack(&mut full.as_slice(), &mut io::sink()), Err(ArchiveError::Broken)));
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let bytes = packed(b"{}", b"key", b"database");
        assert!(matches!(unpack(&mut &bytes[..], &mut Full), Err(ArchiveError::Write(_))));
    }

    proptest! {
        #[test]
        fn what_was_packed_unpacks_and_every_truncation_is_refused(
            manifest in prop::collection::vec(any::<u8>(), 0..1500),
            key in prop::collection::vec(any::<u8>(), 0..256),
            database in prop::collection::vec(any::<u8>(), 0..3000),
            cut in any::<prop::sample::Index>(),
        ) {
            let bytes = packed(&manifest, &key, &database);
            let (small, read) = unpacked(&bytes).unwrap();
            prop_assert_eq!(small.manifest, manifest);
            prop_assert_eq!(&**small.master_key, &key[..]);
            prop_assert_eq!(read, database);
            prop_assert!(unpacked(&bytes[..cut.index(bytes.len())]).is_err());
            prop_assert!(unpacked(&[&bytes[..], &[0]].concat()).is_err());
        }

        #[test]
        fn a_flipped_bit_outside_the_contents_is_refused(at in 0_usize..BLOCK * 2, bit in 0_u8..8) {
            // The first header and the filling behind two bytes of manifest.
            prop_assume!(!(BLOCK..BLOCK + 2).contains(&at));
            let mut bytes = packed(b"{}", b"key", b"database");
            bytes[at] ^= 1 << bit;
            prop_assert!(unpacked(&bytes).is_err());
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(unpacked(&bytes).is_err());
        }
    }
}
