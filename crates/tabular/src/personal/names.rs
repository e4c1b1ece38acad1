//! Columns that hold personal data by their names.

/// Names that mean personal data when a column's name ends with them.
///
/// Only the end counts: `home_phone` is a number of a person, `PhoneService` and `email_opens` are not.
const PERSONAL_ENDINGS: &[&[&str]] = &[
    &["email"],
    &["e", "mail"],
    &["email", "address"],
    &["mail", "address"],
    &["phone"],
    &["phone", "number"],
    &["phone", "no"],
    &["telephone"],
    &["telephone", "number"],
    &["mobile", "number"],
    &["mobile", "phone"],
    &["fax"],
    &["fax", "number"],
    &["ssn"],
    &["social", "security", "number"],
    &["passport"],
    &["passport", "number"],
    &["iban"],
    &["credit", "card"],
    &["credit", "card", "number"],
    &["card", "number"],
    &["account", "number"],
    &["license", "number"],
    &["licence", "number"],
    &["driver", "license"],
    &["tax", "id"],
    &["national", "id"],
    &["first", "name"],
    &["firstname"],
    &["last", "name"],
    &["lastname"],
    &["surname"],
    &["full", "name"],
    &["fullname"],
    &["middle", "name"],
    &["maiden", "name"],
    &["given", "name"],
    &["family", "name"],
    &["customer", "name"],
    &["patient", "name"],
    &["person", "name"],
    &["hcp", "name"],
    &["doctor", "name"],
    &["physician", "name"],
    &["contact", "name"],
    &["user", "name"],
    &["username"],
    &["street"],
    &["street", "address"],
    &["home", "address"],
    &["postal", "address"],
    &["ip", "address"],
    &["ip", "addr"],
    &["ipaddress"],
    &["client", "ip"],
    &["remote", "ip"],
    &["national", "insurance", "number"],
    &["identity", "number"],
    &["aadhaar"],
    &["aadhaar", "number"],
    &["bsn"],
    &["codice", "fiscale"],
    &["steuer", "id"],
    &["date", "of", "birth"],
    &["birth", "date"],
    &["birthdate"],
    &["dob"],
    &["birthday"],
];

/// Names that mean personal data only when they are the whole name.
const PERSONAL_NAMES: &[&[&str]] = &[&["name"], &["address"], &["ip"], &["mobile"]];

/// Words of a column's name: split at anything but letters and digits, and where a capital follows a small letter.
fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut small = false;
    for c in name.chars() {
        let boundary = !c.is_alphanumeric() || (c.is_uppercase() && small);
        if boundary && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
        }
        if c.is_alphanumeric() {
            part.extend(c.to_lowercase());
        }
        small = c.is_lowercase();
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

/// Whether a column's name says that it holds personal data.
#[must_use]
pub fn in_name(name: &str) -> bool {
    let parts = parts(name);
    let is = |pattern: &&[&str], tail: &[String]| {
        tail.len() == pattern.len() && tail.iter().zip(*pattern).all(|(a, b)| a == b)
    };
    let ends = |pattern: &&[&str]| {
        parts
            .len()
            .checked_sub(pattern.len())
            .and_then(|at| parts.get(at..))
            .is_some_and(|tail| is(pattern, tail))
    };
    PERSONAL_ENDINGS.iter().any(ends) || PERSONAL_NAMES.iter().any(|pattern| is(pattern, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_it() {
        for name in ["contact_email", "homePhone", "Client IP", "aadhaar_number", "codiceFiscale"] {
            assert!(in_name(name), "{name}");
        }
        // Near infrared, direct normal irradiance and El Nino are no people.
        for name in ["PhoneService", "email_opens", "zip", "nir", "dni", "nino", "description"] {
            assert!(!in_name(name), "{name}");
        }
    }
}
