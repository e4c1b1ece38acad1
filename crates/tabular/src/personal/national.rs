//! Numbers that states give to people, told by their form and, where they have one, their check digit.

/// The value of each letter of a Spanish number: that of the number's remainder by 23.
const SPANISH: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
/// Values of the letters and digits at odd places of an Italian code, those of the digits being those of the first ten letters
/// (decree of 23 December 1976).
const ITALIAN: [u32; 26] =
    [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/// The digits of an Italian code where some were replaced, because two people would have the same one.
const OMOCODIA: &[u8] = b"LMNPQRSTUV";

/// `AB 12 34 56 C`: two letters, six digits and A to D (HM Revenue & Customs, NIM39110); it has no check digit.
pub(super) fn is_british(text: &str) -> bool {
    let plain = plain(text, &[' ']);
    let [a, b, digits @ .., last] = plain.as_slice() else { return false };
    let is_first = a.is_ascii_uppercase() && !b"DFIQUV".contains(a);
    let is_second = b.is_ascii_uppercase() && !b"DFIOQUV".contains(b);
    let is_given = ![b"BG", b"GB", b"KN", b"NK", b"NT", b"TN", b"ZZ"].contains(&&[*a, *b]);
    let is_number = digits.len() == 6 && digits.iter().all(u8::is_ascii_digit);
    is_first && is_second && is_given && is_number && (b'A'..=b'D').contains(last)
}

/// Whether texts begin with different letters, as numbers of people do, and codes of one series do not.
pub(super) fn have_many_prefixes(texts: &[&str]) -> bool {
    const PREFIXES: usize = 5;
    let mut prefixes: Vec<&str> = texts.iter().filter_map(|text| text.get(..2)).collect();
    prefixes.sort_unstable();
    prefixes.dedup();
    prefixes.len() >= PREFIXES
}

/// A DNI, `12345678Z`, or a NIE, `X1234567L`: the letter is the remainder by 23 (Real Decreto 1553/2005).
pub(super) fn is_spanish(text: &str) -> bool {
    let plain = plain(text, &['-', ' ']);
    let [first, middle @ .., letter] = plain.as_slice() else { return false };
    let first = match first {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        digit if digit.is_ascii_digit() => usize::from(digit - b'0'),
        _ => return false,
    };
    if middle.len() != 7 || !middle.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = middle.iter().fold(first, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    SPANISH.get(number % 23) == Some(letter)
}

/// A codice fiscale, `RSSMRA85T10A562S`: the last letter checks the others.
pub(super) fn is_italian(text: &str) -> bool {
    let plain = plain(text, &[' ']);
    if plain.len() != 16 {
        return false;
    }
    let mut sum = 0;
    for (place, c) in plain.iter().enumerate() {
        let is_number = [6, 7, 9, 10, 12, 13, 14].contains(&place);
        let fits = c.is_ascii_uppercase() && (!is_number || OMOCODIA.contains(c))
            || (is_number && c.is_ascii_digit());
        if !fits {
            return false;
        }
        let value = usize::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' });
        sum += match place {
            15 => break,
            // Places are counted from 1.
            place if place % 2 == 0 => ITALIAN.get(value).copied().unwrap_or_default(),
            _ => u32::try_from(value).unwrap_or_default(),
        };
    }
    plain.last().is_some_and(|last| u32::from(last - b'A') == sum % 26)
}

/// A NIR, `1 84 12 76 451 089 46`: the last two digits are 97 less the remainder of the others by 97; Corsica's departments are 2A
/// and 2B, which count as 19 and 18 (INSEE).
pub(super) fn is_french(text: &str) -> bool {
    let plain = plain(text, &[' ']);
    if plain.len() != 15 {
        return false;
    }
    let as_digits = String::from_utf8_lossy(&plain);
    let as_digits = match (plain.get(5), plain.get(6)) {
        (Some(b'2'), Some(b'A')) => as_digits.replacen("2A", "19", 1),
        (Some(b'2'), Some(b'B')) => as_digits.replacen("2B", "18", 1),
        _ => as_digits.into_owned(),
    };
    let parts = (as_digits.get(..13), as_digits.get(13..), as_digits.get(3..5));
    let (Some(number), Some(check), Some(month)) = parts else { return false };
    let is_sex = matches!(plain.first(), Some(b'1' | b'2' | b'3' | b'4' | b'7' | b'8'));
    // From 20 on where the month is not known.
    let is_month = month.parse().is_ok_and(|month: u8| matches!(month, 1..=12 | 20..=42 | 50..=99));
    let parsed = (number.parse::<u64>(), check.parse::<u64>());
    is_sex && is_month && matches!(parsed, (Ok(number), Ok(check)) if 97 - number % 97 == check)
}

/// A Steueridentifikationsnummer: eleven digits, of the first ten of which one stands twice or three times; the last one checks
/// them (ISO 7064, modulus 11,10).
pub(super) fn is_german(text: &str) -> bool {
    let Some(digits) = digits::<11>(text, &[' ']) else { return false };
    let [body @ .., check] = &digits;
    let mut counts = [0_u8; 10];
    for digit in body {
        if let Some(count) = usize::try_from(*digit).ok().and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let is_formed = body.first() != Some(&0) && repeated == 1 && counts.iter().all(|of| *of <= 3);
    let product = body.iter().fold(10, |product, digit| {
        let sum = (digit + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    is_formed && (11 - product) % 10 == *check
}

/// A CPF, `529.982.247-25`: two digits check the nine before them.
pub(super) fn is_brazilian(text: &str) -> bool {
    let Some(digits) = digits::<11>(text, &['.', '-']) else { return false };
    let [body @ .., first, second] = &digits;
    let check = |digits: &[u32]| {
        let weighted = digits.iter().rev().zip(2_u32..).map(|(digit, weight)| digit * weight);
        weighted.sum::<u32>() * 10 % 11 % 10
    };
    let is_varied = digits.iter().any(|digit| Some(digit) != digits.first());
    is_varied && check(body) == *first && digits.get(..10).map(check) == Some(*second)
}

/// An Aadhaar number, `2341 2341 2346`: twelve digits, the first from 2 on, the last one by Verhoeff's scheme (1969).
pub(super) fn is_indian(text: &str) -> bool {
    let Some(digits) = digits::<12>(text, &[' ', '-']) else { return false };
    let check = digits.iter().rev().enumerate().fold(0, |check, (place, digit)| {
        let turned = (0..place % 8).fold(*digit, |digit, _| permuted(digit));
        of_dihedral(check, turned)
    });
    digits.first().is_some_and(|first| *first >= 2) && check == 0
}

/// Verhoeff's permutation of the digits.
fn permuted(digit: u32) -> u32 {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let place = usize::try_from(digit).unwrap_or_default();
    PERMUTATION.get(place).copied().unwrap_or_default()
}

/// The product of two symmetries of a pentagon: 0 to 4 are turns, 5 to 9 reflections.
fn of_dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// A burgerservicenummer: nine digits whose sum, with weights from 9 to 2 and of -1, is divided by 11 (elfproef).
pub(super) fn is_dutch(text: &str) -> bool {
    let Some(digits) = digits::<9>(text, &['.', ' ']) else { return false };
    let weights = [9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum();
    let last = digits.last().copied().unwrap_or_default();
    // Two zeros in front are not given.
    let is_given = digits.iter().take(2).any(|digit| *digit > 0);
    is_given && (sum + 11 - last).is_multiple_of(11)
}

/// The bytes of a text without what groups them.
fn plain(text: &str, between: &[char]) -> Vec<u8> {
    text.chars().filter(|c| !between.contains(c)).map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// So many digits, and nothing else but what groups them.
fn digits<const N: usize>(text: &str, between: &[char]) -> Option<[u32; N]> {
    let digits: Option<Vec<u32>> =
        plain(text, between).into_iter().map(|c| char::from(c).to_digit(10)).collect();
    digits?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_are_valid_and_one_digit_more_is_not() {
        type Examples = (fn(&str) -> bool, &'static [&'static str], &'static [&'static str]);
        let kinds: [Examples; 8] = [
            (is_british, &["AB123456C", "JG 10 37 59 A"], &["QQ123456C", "AB123456E", "AB12345C"]),
            (is_spanish, &["12345678Z", "X1234567L"], &["12345678A", "W1234567L", "1234567Z"]),
            (
                is_italian,
                &["RSSMRA85T10A562S", "MRTMTT25D09F205Z"],
                &["RSSMRA85T10A562T", "RSSMRA85T10A56S", "RSSMRA8XT10A562S"],
            ),
            (
                is_french,
                &["184127645108946", "2 55 08 14 168 025 38"],
                &["184127645108947", "184137645108946", "584127645108946"],
            ),
            (
                is_german,
                &["86095742719", "47036892816", "65 929 970 489"],
                &["86095742718", "06095742719", "8609574271"],
            ),
            (
                is_brazilian,
                &["529.982.247-25", "11144477735"],
                &["529.982.247-24", "111.111.111-11", "5299822472"],
            ),
            (is_indian, &["2341 2341 2346"], &["234123412347", "134123412346", "23412341234"]),
            (is_dutch, &["111222333", "1234.56.782"], &["111222334", "000000000", "11122233"]),
        ];
        for (is, valid, others) in kinds {
            assert!(valid.iter().all(|text| is(text)), "{valid:?}");
            for other in others {
                assert!(!is(other), "{other}");
            }
        }
    }
}
