//! The service under systemd, as `latchkey setup` enables and starts it.

use std::path::Path;
use std::process::{Command, Stdio};

use super::settings_file;
use crate::cli::{CliError, output};

const UNIT: &str = "latchkey.service";
/// What the unit needs before it may listen on ports below 1024.
const LOW_PORTS: &str = include_str!("../../../packaging/systemd/low-ports.conf");
const LOW_PORTS_FILE: &str = "/etc/systemd/system/latchkey.service.d/low-ports.conf";

/// Whether this machine was started by systemd and knows our unit.
pub fn is_there() -> bool {
    sd_notify::booted().unwrap_or(false) && quiet(&["cat", UNIT])
}

/// Enables the service and has it run with the settings as they are now. Returns when it is ready.
pub fn run(is_changed: bool, needs_low_ports: bool) -> Result<(), CliError> {
    let mut is_changed = is_changed;
    if needs_low_ports && !Path::new(LOW_PORTS_FILE).exists() {
        settings_file::write(Path::new(LOW_PORTS_FILE), LOW_PORTS)
            .map_err(|e| CliError::refused(format!("{LOW_PORTS_FILE}: {e}")))?;
        output::line(&format!("Wrote {LOW_PORTS_FILE}: the service may listen on ports below 1024."))?;
        is_changed = true;
    }
    systemctl(&["daemon-reload"])?;
    systemctl(&["enable", "--quiet", UNIT])?;
    // The unit says that it is ready itself (Type=notify), so this waits for it.
    if systemctl(&[if is_changed { "restart" } else { "start" }, UNIT]).is_ok() {
        return output::line("The service is enabled and runs.");
    }
    _ = Command::new("journalctl").args(["-u", UNIT, "-n", "20", "--no-pager", "-o", "cat"]).status();
    Err(CliError::refused(format!(
        "the service did not become ready; its last words stand above. More: journalctl -u {UNIT}. Mend the settings and run latchkey setup again"
    )))
}

fn systemctl(arguments: &[&str]) -> Result<(), CliError> {
    let status = Command::new("systemctl").args(arguments).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(CliError::refused(format!("systemctl {} failed", arguments.join(" ")))),
        Err(error) => Err(CliError::refused(format!("systemctl: {error}"))),
    }
}

fn quiet(arguments: &[&str]) -> bool {
    let status = Command::new("systemctl").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|s| s.success())
}
