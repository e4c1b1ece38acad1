//! Values that are personal data whatever the country: addresses, and numbers of telephones, cards and accounts.

use core::net::{Ipv4Addr, Ipv6Addr};

/// `name@host.domain`, without blanks.
pub(super) fn is_mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "._%+-".contains(c))
    };
    let domain = host.rsplit_once('.').map_or("", |(_, domain)| domain);
    is_word(name) && is_word(host) && domain.len() >= 2 && domain.chars().all(char::is_alphabetic)
}

/// Digits with `+` before them, or in groups: `+41 44 668 18 00`, `(555) 010-9999`, `555-010-9999`. Mere digits are not told from
/// other numbers, nor are dates and decimals.
pub(super) fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let known = text.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c));
    if !known || !(7..=15).contains(&digits) {
        return false;
    }
    let groups: Vec<usize> = text
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    match groups.as_slice() {
        [_] => text.starts_with('+') && digits >= 9,
        // `(555) 010-9999` and `555 010 9999`; a date has a group of four at either end and two of at most two.
        [2..=4, 2..=4, 4] => digits >= 9,
        groups => text.starts_with('+') && groups.len() <= 7 && digits >= 9,
    }
}

/// 13 to 19 digits, perhaps in groups, with the check digit of ISO/IEC 7812 (Luhn).
pub(super) fn is_card(text: &str) -> bool {
    if !text.chars().all(|c| c.is_ascii_digit() || c == ' ' || c == '-') {
        return false;
    }
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let doubled = |(place, digit): (usize, &u32)| match place % 2 {
        0 => *digit,
        _ if *digit > 4 => digit * 2 - 9,
        _ => digit * 2,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(doubled).sum();
    (13..=19).contains(&digits.len()) && digits.first() != Some(&0) && sum.is_multiple_of(10)
}

/// An IBAN (ISO 13616): two letters, two digits, up to 30 letters and digits, whose remainder by 97 is 1.
pub(super) fn is_account(text: &str) -> bool {
    let plain: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    let (Some(head), Some(rest)) = (plain.get(..4), plain.get(4..)) else { return false };
    let [a, b, c, d] = head else { return false };
    let is_head = a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_digit()
        && d.is_ascii_digit();
    if !is_head || !(11..=30).contains(&rest.len()) {
        return false;
    }
    let mut remainder = 0_u32;
    for c in rest.iter().chain(head) {
        let Some(value) = c.to_digit(36) else { return false };
        remainder = (remainder * if value > 9 { 100 } else { 10 } + value) % 97;
    }
    remainder == 1
}

/// `123-45-6789`: three digits, two and four, with hyphens.
pub(super) fn is_social_security(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [3, 2, 4] && groups.iter().all(|group| group.chars().all(|c| c.is_ascii_digit()))
}

/// `192.0.2.7` and `2001:db8::7`.
pub(super) fn is_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// Whether addresses are of a network: versions of four parts, such as `2.14.0.3`, have small ones.
pub(super) fn are_of_networks(texts: &[&str]) -> bool {
    let is_large = |text: &&&str| {
        text.contains(':')
            || text.split('.').any(|part| part.parse().is_ok_and(|part: u8| part > 99))
    };
    texts.iter().filter(is_large).count() * 2 >= texts.len()
}
