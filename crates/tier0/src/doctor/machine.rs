//! The machine that an embedded fleet runs on.

use std::path::Path;

use super::{Check, CheckStatus};

const AREA: &str = "machine";
/// Bytes of a GiB.
const GIB: f64 = (1_u64 << 30) as f64;
/// Room below which a fleet soon stands still, and below which it is time to make some, in GiB.
const LEAST_ROOM: f64 = 1.0;
const GOOD_ROOM: f64 = 10.0;
/// Memory below which training of a table of a million rows may be ended by the system, in GiB.
const GOOD_MEMORY: f64 = 2.0;
/// Open files below which a busy broker or model server may refuse connections.
const GOOD_FILES: u64 = 4096;

pub(super) fn checks(root: &Path) -> Vec<Check> {
    [room(root), memory(), files()].into_iter().flatten().collect()
}

fn room(root: &Path) -> Option<Check> {
    let found = rustix::fs::statvfs(root).ok()?;
    let free = found.f_bavail as f64 * found.f_frsize as f64 / GIB;
    let check = Check::ok(AREA, "room on the disk", format!("{free:.1} GiB free"));
    let advice = format!("make room on the disk of {}", root.display());
    Some(if free < LEAST_ROOM {
        check.but(CheckStatus::Failed, advice)
    } else {
        check.unless(free >= GOOD_ROOM, CheckStatus::Advised, &advice)
    })
}

fn memory() -> Option<Check> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let free = available(&text)? / GIB;
    let check = Check::ok(AREA, "memory", format!("{free:.1} GiB available"));
    let advice = "end other programs, or train with fewer replicas of model-trainer at a time";
    Some(check.unless(free >= GOOD_MEMORY, CheckStatus::Advised, advice))
}

/// Bytes that are available, as Linux says in `/proc/meminfo`.
fn available(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}

fn files() -> Option<Check> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let found = limit.map_or_else(|| "no limit".to_owned(), |limit| limit.to_string());
    let check = Check::ok(AREA, "open files", found);
    let advice = "raise the limit (`ulimit -n 65536`) before `tier0 up`: the broker and the servers hold one for each connection";
    Some(check.unless(limit.is_none_or(|limit| limit >= GOOD_FILES), CheckStatus::Advised, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_as_linux_says_it() {
        let text = "MemTotal:       24689764 kB\nMemFree:  1 kB\nMemAvailable:   22222222 kB\n";
        assert_eq!(available(text), Some(22_222_222.0 * 1024.0));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
    }

    #[test]
    fn this_machine_is_looked_at() {
        let root = std::env::temp_dir();
        let names: Vec<String> = checks(&root).into_iter().map(|check| check.name).collect();
        assert_eq!(names, ["room on the disk", "memory", "open files"]);
    }
}
