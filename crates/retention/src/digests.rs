//! Digests in bytes of any form.

/// Hexadecimal digits of a digest.
const LENGTH: usize = 64;

/// The digests that stand in `bytes`: runs of 64 lower-case hexadecimal digits, also those within longer runs.
pub(crate) fn digests(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let mut run = 0_usize;
    bytes.iter().enumerate().filter_map(move |(position, byte)| {
        run = if is_digit(byte) { run + 1 } else { 0 };
        if run < LENGTH {
            return None;
        }
        let begin = (position + 1).checked_sub(LENGTH)?;
        std::str::from_utf8(bytes.get(begin..=position)?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_found_in_any_surroundings() {
        let (one, other) = ("0a".repeat(32), "f".repeat(64));
        let mut bytes = vec![10, 64];
        bytes.extend_from_slice(one.as_bytes());
        bytes.extend_from_slice(b"\x12@");
        bytes.extend_from_slice(format!("\"{other}\" {}", "A".repeat(64)).as_bytes());
        bytes.extend_from_slice("b".repeat(63).as_bytes());
        assert_eq!(digests(&bytes).collect::<Vec<_>>(), [one.as_str(), other.as_str()]);
        // A byte before or behind that looks like a digit hides nothing.
        let long = format!("3{one}");
        assert!(digests(long.as_bytes()).any(|found| found == one));
        assert_eq!(digests(b"").count(), 0);
    }
}
