//! Run as root, a command takes on the data folder's owner: files it makes must stay the service's.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::{CliError, Outcome};

/// Runs this same command again as the folder's owner, when we are root and the owner is somebody else. Does not
/// return in that case.
pub fn take_on(data_dir: &Path) -> Outcome {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let Ok(folder) = std::fs::metadata(data_dir) else { return Ok(()) };
    if folder.uid() == 0 {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(|e| CliError::refused(format!("cannot find my own file: {e}")))?;
    // Setting a user drops root's supplementary groups too. The new process is not root, so this happens once.
    let error = std::process::Command::new(&program)
        .args(std::env::args_os().skip(1))
        .uid(folder.uid())
        .gid(folder.gid())
        .exec();
    Err(CliError::refused(format!(
        "{} belongs to user {}, and becoming that user failed: {error}. Run the command as its owner, for example: sudo -u latchkey {}",
        data_dir.display(),
        folder.uid(),
        program.display()
    )))
}
