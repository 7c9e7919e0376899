//! Asks the kernel whether something keeps its clock right: the reading half of `adjtimex(2)`, and nothing else.

use std::io;

/// With nobody who corrects it, the kernel counts the clock's possible error up to this, in microseconds.
const LARGEST_ERROR: i64 = 16_000_000;

/// Whether somebody (NTP, PTP, GPS) keeps the kernel's clock right. An error where asking is not allowed, as under
/// systemd's `ProtectClock=`.
pub fn is_synchronised() -> io::Result<bool> {
    // SAFETY: `timex` is a C structure of integers (and of structures of integers); all zeros is a value of it.
    let mut answer: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a whole `timex` that lives until the call is over, and is ours alone. `modes` is 0, so
    // that the kernel changes nothing and only fills it in.
    let result = unsafe { libc::adjtimex(&raw mut answer) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    // The flag STA_UNSYNC says less: some set it only to keep the kernel from writing to the battery clock.
    #[expect(clippy::useless_conversion, reason = "a C long has 32 bits on a 32-bit Raspberry Pi")]
    let error = i64::from(answer.maxerror);
    Ok(error < LARGEST_ERROR)
}

#[cfg(test)]
mod tests {
    #[test]
    fn asking_needs_no_right() {
        super::is_synchronised().expect("an answer");
    }
}
