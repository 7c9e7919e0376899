//! How many threads the process may have: what an administrator allowed its user, its service or its container.

use std::fs;
use std::path::Path;

use rustix::process::{Resource, getrlimit};

/// Where control groups are seen, of the second version and, for the number of processes, of the first.
const UNIFIED: &str = "/sys/fs/cgroup";
const PIDS: &str = "/sys/fs/cgroup/pids";

/// The least of all limits there are. Threads count as processes: `TasksMax=` of systemd, `pids_limit` of containers,
/// `ulimit -u`.
pub(super) fn allowed() -> usize {
    let of_user = getrlimit(Resource::Nproc).current.unwrap_or(u64::MAX);
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let of_groups = groups.lines().filter_map(group).flat_map(|(root, path)| limits(Path::new(root), path));
    let least = of_groups.fold(of_user, u64::min);
    usize::try_from(least).unwrap_or(usize::MAX)
}

/// The hierarchy of a line of /proc/PID/cgroup, if it can limit processes, and the group's place in it.
fn group(line: &str) -> Option<(&'static str, &str)> {
    let mut fields = line.splitn(3, ':').skip(1);
    let root = match fields.next()? {
        "" => UNIFIED,
        controllers if controllers.split(',').any(|c| c == "pids") => PIDS,
        _ => return None,
    };
    Some((root, fields.next()?.trim_start_matches('/')))
}

/// What a group and those that it is in allow. None of it can be read in an empty root, and nothing is limited then as
/// far as we can know.
fn limits(root: &Path, group: &str) -> Vec<u64> {
    let folder = root.join(group);
    let folders = folder.ancestors().take_while(|f| f.starts_with(root));
    folders.filter_map(|f| fs::read_to_string(f.join("pids.max")).ok()?.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_both_versions_are_known() {
        assert_eq!(group("0::/system.slice/latchkey.service"), Some((UNIFIED, "system.slice/latchkey.service")));
        assert_eq!(group("0::/"), Some((UNIFIED, "")));
        assert_eq!(group("8:pids:/docker/4f"), Some((PIDS, "docker/4f")));
        assert_eq!(group("4:rdma,pids:/a:b"), Some((PIDS, "a:b")));
        assert_eq!(group("7:blkio:/"), None);
        assert_eq!(group("nonsense"), None);
    }

    #[test]
    fn a_group_has_the_limits_of_those_that_it_is_in() {
        let root = std::env::temp_dir().join(format!("latchkey-groups-{}", std::process::id()));
        let inner = root.join("system.slice/latchkey.service");
        fs::create_dir_all(&inner).unwrap();
        for (folder, limit) in
            [(root.join("system.slice"), "4915\n"), (inner.clone(), "256\n"), (root.clone(), "max\n")]
        {
            fs::write(folder.join("pids.max"), limit).unwrap();
        }
        assert_eq!(limits(&root, "system.slice/latchkey.service"), vec![256_u64, 4915]);
        assert!(limits(&root, "").is_empty());
        assert!(limits(&root.join("none"), "x").is_empty());
        fs::remove_dir_all(root).unwrap();
    }
}
