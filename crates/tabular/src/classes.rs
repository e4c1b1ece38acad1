//! Which class an outcome names, in the forms in which people and programs write classes.

/// The place of the class that a text names.
///
/// The text of a class itself goes before its other forms: the same number (`1.0` for `1`), the truth value that the two
/// classes stand for (`1` for `true`, `True` for `1`), and other letter case, where one class alone fits. None for a text that
/// is no form of a class.
#[must_use]
pub fn class_of(text: &str, classes: &[String]) -> Option<usize> {
    let text = text.trim();
    let exact = classes.iter().position(|class| class == text);
    exact
        .or_else(|| by_number(text, classes))
        .or_else(|| by_truth(text, classes))
        .or_else(|| only(classes, |class| class.eq_ignore_ascii_case(text)))
}

fn by_number(text: &str, classes: &[String]) -> Option<usize> {
    let number = finite(text)?;
    only(classes, |class| finite(class) == Some(number))
}

fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Only where the classes are the two truth values: elsewhere 1 is a number like any other.
fn by_truth(text: &str, classes: &[String]) -> Option<usize> {
    let [first, second] = classes else { return None };
    let (first, second) = (truth(first)?, truth(second)?);
    let told = truth(text)?;
    match (first == told, second == told) {
        (true, false) => Some(0),
        (false, true) => Some(1),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") || finite(text) == Some(1.0) {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") || finite(text) == Some(0.0) {
        Some(false)
    } else {
        None
    }
}

fn only(classes: &[String], is_meant: impl Fn(&str) -> bool) -> Option<usize> {
    let mut meant = classes.iter().enumerate().filter(|(_, class)| is_meant(class));
    match (meant.next(), meant.next()) {
        (Some((place, _)), None) => Some(place),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, classes: &[&str]) -> Option<usize> {
        let classes: Vec<String> = classes.iter().map(|class| (*class).to_owned()).collect();
        class_of(text, &classes)
    }

    #[test]
    fn a_class_is_known_in_its_forms() {
        for (text, classes, expected) in [
            ("Yes", &["No", "Yes"][..], Some(1)),
            (" Yes ", &["No", "Yes"], Some(1)),
            ("yes", &["No", "Yes"], Some(1)),
            ("maybe", &["No", "Yes"], None),
            ("1", &["No", "Yes"], None),
            ("1", &["false", "true"], Some(1)),
            ("0.0", &["false", "true"], Some(0)),
            ("TRUE", &["false", "true"], Some(1)),
            ("true", &["0", "1"], Some(1)),
            ("False", &["0", "1"], Some(0)),
            ("1.0", &["0", "1"], Some(1)),
            ("1e0", &["0", "1", "2"], Some(1)),
            ("true", &["0", "1", "2"], None),
            ("true", &["1", "2"], None),
            ("2", &["1", "2"], Some(1)),
            ("a", &["a", "A"], Some(0)),
            ("B", &["b", "A"], Some(0)),
            ("ab", &["AB", "Ab"], None),
            ("NaN", &["0", "1"], None),
            ("", &["0", "1"], None),
        ] {
            assert_eq!(of(text, classes), expected, "{text} of {classes:?}");
        }
    }
}
