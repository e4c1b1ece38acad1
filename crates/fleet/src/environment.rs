//! What the processes of a fleet were started with.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// The variables of a process whose names begin with `TIER0_`; none where it is gone or another user's.
#[must_use]
pub fn settings_of(pid: u32) -> BTreeMap<String, OsString> {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let variables = environment.split(|byte| *byte == 0).filter_map(|variable| {
        let at = variable.iter().position(|byte| *byte == b'=')?;
        let (name, value) = variable.split_at_checked(at)?;
        let name = OsStr::from_bytes(name).to_str().filter(|name| name.starts_with("TIER0_"))?;
        Some((name.to_owned(), OsString::from_vec(value.get(1..)?.to_vec())))
    });
    variables.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn the_settings_of_a_living_process_are_seen_and_those_of_none_are_none() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .env_clear()
            .env("TIER0__DEPLOY__TOKEN_FILE", "/a=b")
            .env("OTHER", "x")
            .spawn()
            .unwrap();
        // Until the program is loaded, the process is a copy of this one.
        let begun = std::time::Instant::now();
        let expected = BTreeMap::from([("TIER0__DEPLOY__TOKEN_FILE".into(), "/a=b".into())]);
        while settings_of(child.id()) != expected && begun.elapsed().as_secs() < 10 {
            std::thread::yield_now();
        }
        assert_eq!(settings_of(child.id()), expected);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(settings_of(u32::MAX).is_empty());
    }
}
