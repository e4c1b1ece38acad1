//! What processes have used, as the kernel counts it: CPU time and resident memory, children included.

use std::collections::BTreeMap;
use std::fs;
use std::io;

/// Ticks of a second in /proc, on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU time of a process and all below it, in seconds.
pub(crate) fn cpu_seconds(pid: u32) -> io::Result<f64> {
    let ticks = tree(pid)?.values().map(|process| process.ticks).sum::<u64>();
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// Resident memory of a process and all below it, in MiB.
pub(super) fn resident_mib(pid: u32) -> io::Result<f64> {
    let kib = |pid: &u32| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    Ok(tree(pid)?.keys().filter_map(kib).sum::<f64>() / 1024.0)
}

#[derive(Debug, Clone, Copy)]
struct Process {
    parent: u32,
    ticks: u64,
}

fn tree(pid: u32) -> io::Result<BTreeMap<u32, Process>> {
    let all: BTreeMap<u32, Process> = fs::read_dir("/proc")?
        .filter_map(|entry| {
            let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((pid, read(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?))
        })
        .collect();
    if !all.contains_key(&pid) {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no process {pid}")));
    }
    let mut wanted = vec![pid];
    let mut tree = BTreeMap::new();
    while let Some(pid) = wanted.pop() {
        tree.extend(all.get(&pid).map(|process| (pid, *process)));
        wanted.extend(all.iter().filter(|(_, of)| of.parent == pid).map(|(pid, _)| *pid));
    }
    Ok(tree)
}

/// A line of /proc/PID/stat; the name in it may hold anything, and ends at the last bracket.
fn read(stat: &str) -> Option<Process> {
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    // State is the third field of the line.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process { parent: u32::try_from(field(4)?).ok()?, ticks: field(14)? + field(15)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn this_process_uses_something() {
        let own = std::process::id();
        assert!(resident_mib(own).unwrap() > 1.0);
        assert!(cpu_seconds(own).unwrap() >= 0.0);
        assert!(cpu_seconds(u32::MAX).is_err());
    }

    #[test]
    fn a_name_with_brackets_is_skipped() {
        let line = "7 (a) b) S 3 7 7 0 -1 4 1 0 0 0 11 5 0 0 20 0 1 0 99 4096 250 1";
        let process = read(line).unwrap();
        assert_eq!((process.parent, process.ticks), (3, 16));
    }
}
