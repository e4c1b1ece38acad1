//! Tokens and certificates: whether they are in force, and until when.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use auth::{Role, TokenFile, TokenFileError, TokenRecord};
use client::{Client, Validity};
use jiff::{SignedDuration, Timestamp};

use super::{Check, CheckStatus};
use crate::Error;
use crate::cli::Global;
use crate::connect::Address;

const AREA: &str = "credentials";
const DAY: u64 = 86_400;
/// Days in which what expires has to have a successor.
const EXPIRES_SOON_DAYS: u64 = 14;
/// How long a server may take to show its certificate.
const LIMIT: Duration = Duration::from_secs(2);
/// Endings of variables that name files with certificates.
const CERTIFICATES: [&str; 3] = ["__CERT_FILE", "__CA_FILE", "__CLIENT_CA_FILE"];
/// The setting of a process that shows a token to model servers, by the process.
const SERVING_TOKENS: [(&str, &str); 2] =
    [("model-deployer", "deploy.token_file"), ("orchestrator", "api.serving_token_file")];

/// Looks at what the options name, at the servers, and at what the processes of an embedded fleet were started with. What has to
/// be put right before others depend on the fleet is a failure where `is_production`, else an advice.
pub(super) async fn checks(
    address: &Address,
    global: &Global,
    tokens: &TokenFile,
    is_production: bool,
) -> Result<Vec<Check>, Error> {
    let severity = if is_production { CheckStatus::Failed } else { CheckStatus::Advised };
    let settings = settings(address);
    let mut checks = Vec::new();
    for file in token_files(tokens, &settings) {
        match file.read() {
            Ok(tokens) => checks.extend(in_force(&tokens, Timestamp::now(), severity)),
            Err(error) => checks.push(unusable(&error)),
        }
    }
    let now = SystemTime::now();
    for path in certificate_files(global, &settings) {
        checks.push(of_file(&path, now, severity));
    }
    for (name, url) in [("API", &address.api_url), ("model server", &address.serving_url)] {
        if let Some(url) = url.as_deref().filter(|url| url.starts_with("https://")) {
            checks.extend(of_server(name, url, address, now, severity).await?);
        }
    }
    checks.extend(serving_tokens(address, &settings).await?);
    Ok(checks)
}

/// What the processes of an embedded fleet were started with, by process.
fn settings(address: &Address) -> BTreeMap<String, BTreeMap<String, OsString>> {
    let pids = address.embedded.iter().flat_map(|(_, fleet)| &fleet.pids);
    pids.map(|(name, pid)| (name.clone(), fleet::settings_of(*pid))).collect()
}

/// The files of tokens: the fleet's own, and those that its processes read.
fn token_files(
    own: &TokenFile,
    settings: &BTreeMap<String, BTreeMap<String, OsString>>,
) -> Vec<TokenFile> {
    let variables = settings.values().flatten();
    let named = variables.filter(|(name, _)| name.ends_with("__HTTP__TOKENS_FILE"));
    let mut paths: BTreeSet<PathBuf> = named.map(|(_, path)| PathBuf::from(path)).collect();
    paths.insert(own.path().to_owned());
    paths.into_iter().map(TokenFile::new).collect()
}

/// The files of certificates: those of the options, and those that the processes read.
fn certificate_files(
    global: &Global,
    settings: &BTreeMap<String, BTreeMap<String, OsString>>,
) -> BTreeSet<PathBuf> {
    let given = &global.credentials;
    let of_options = [&global.ca_file, &global.cert_file, &given.nats_ca, &given.nats_cert];
    let variables = settings.values().flatten();
    let of_processes = variables
        .filter(|(name, _)| CERTIFICATES.iter().any(|ending| name.ends_with(ending)))
        .map(|(_, path)| PathBuf::from(path));
    of_options.into_iter().flatten().cloned().chain(of_processes).collect()
}

/// A file of tokens that processes refuse as well.
fn unusable(error: &TokenFileError) -> Check {
    Check::ok(AREA, "tokens", contracts::failures::with_causes(error))
        .but(CheckStatus::Failed, "put the file right: processes that begin refuse it")
}

/// Whether tokens are over, end soon or never, or let in no administrator; nothing where there are none.
fn in_force(tokens: &[TokenRecord], now: Timestamp, severity: CheckStatus) -> Vec<Check> {
    if tokens.is_empty() {
        return Vec::new();
    }
    let soon = now + SignedDuration::from_hours(24 * EXPIRES_SOON_DAYS.cast_signed());
    let (valid, over): (Vec<_>, Vec<_>) = tokens
        .iter()
        .filter(|token| token.revoked.is_none())
        .partition(|token| token.is_valid(now));
    let in_use = named(valid.iter().copied());
    let is_ending = |token: &&TokenRecord| token.expires.is_some_and(|at| at < soon);
    let ending = named(valid.iter().copied().filter(is_ending));
    let endless = named(valid.iter().copied().filter(|token| token.expires.is_none()));
    // One that has a successor of its name is of no more interest.
    let over: BTreeSet<&str> = named(over.into_iter()).difference(&in_use).copied().collect();
    let listed = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
    let check = |name: &str, found: String| Check::ok(AREA, name, found);
    let mut checks = vec![check("tokens", format!("{} valid", valid.len()))];
    let successor = "make its successor with `tier0 security token create`";
    if !over.is_empty() {
        let found = format!("expired: {}", listed(&over));
        checks.push(check("expired tokens", found).but(
            CheckStatus::Advised,
            format!("who shows one is refused: {successor}, or revoke it"),
        ));
    }
    if !ending.is_empty() {
        let found = format!("expire within {EXPIRES_SOON_DAYS} days: {}", listed(&ending));
        checks.push(
            check("tokens that expire", found)
                .but(severity, format!("revoke each, and {successor}")),
        );
    }
    if !endless.is_empty() {
        let found = format!("never expire: {}", listed(&endless));
        checks.push(
            check("tokens that never expire", found)
                .but(CheckStatus::Advised, "make others with --expires, and revoke them"),
        );
    }
    if !valid.iter().any(|token| token.role == Role::Admin) {
        checks.push(check("administrator", "no valid token has the role admin".to_owned()).but(
            severity,
            "make one with `tier0 security token create --role admin`, unless an issuer or a certificate gives that role",
        ));
    }
    checks
}

fn named<'a>(tokens: impl Iterator<Item = &'a TokenRecord>) -> BTreeSet<&'a str> {
    tokens.map(|token| token.name.as_str()).collect()
}

/// Until when the certificates of a file hold.
fn of_file(path: &Path, now: SystemTime, severity: CheckStatus) -> Check {
    let name = format!("certificates of {}", path.display());
    match Validity::of_file(path) {
        Ok(found) => {
            let first = found.iter().min_by_key(|validity| validity.expiry);
            first.map_or_else(
                || Check::ok(AREA, name.as_str(), "none"),
                |first| held(&name, first, now, severity),
            )
        }
        Err(error) => Check::ok(AREA, name, contracts::failures::with_causes(&error))
            .but(CheckStatus::Failed, "put the file right: what begins refuses it"),
    }
}

/// Until when the certificate holds that a server shows; nothing where it is not reached, which the health says.
async fn of_server(
    server: &'static str,
    url: &str,
    address: &Address,
    now: SystemTime,
    severity: CheckStatus,
) -> Result<Option<Check>, Error> {
    let client = Client::with_tls(server, url, None, &address.tls)?;
    let shown = tokio::time::timeout(LIMIT, client.certificate()).await;
    let Ok(Ok(Some(validity))) = shown else { return Ok(None) };
    Ok(Some(held(&format!("certificate of the {server}"), &validity, now, severity)))
}

fn held(name: &str, validity: &Validity, now: SystemTime, severity: CheckStatus) -> Check {
    let subject = &validity.subject;
    let check = |found: String| Check::ok(AREA, name, found);
    match validity.expiry.left(now).map(|left| left.as_secs() / DAY) {
        None => check(format!("{subject} has expired")).but(CheckStatus::Failed, "renew it"),
        Some(days) if days < EXPIRES_SOON_DAYS => {
            let advice = "renew it: what reads the file takes the new one up by itself";
            check(format!("{subject} expires in {days} days")).but(severity, advice)
        }
        Some(days) => check(format!("{subject} holds for {days} days")),
    }
}

/// Whether the processes of an embedded fleet that ask model servers have a token, where those ask for one.
async fn serving_tokens(
    address: &Address,
    settings: &BTreeMap<String, BTreeMap<String, OsString>>,
) -> Result<Vec<Check>, Error> {
    let (Some(url), true) = (&address.serving_url, address.embedded.is_some()) else {
        return Ok(Vec::new());
    };
    let client = Client::with_tls("model server", url, None, &address.tls.anonymous())?;
    let asked = tokio::time::timeout(LIMIT, client.get::<serde_json::Value>("/v2")).await;
    let Ok(Err(client::Error::Status { status: 401, .. })) = asked else { return Ok(Vec::new()) };
    let lacking = SERVING_TOKENS.into_iter().filter_map(|(process, setting)| {
        let known = settings.get(process)?;
        (!is_set(known, process, setting)).then(|| {
            let found = format!("model servers ask for a token, and {process} has none");
            let variable = variable(&format!("TIER0_{}", capitals(process)), setting);
            let advice = format!(
                "name a file with a token of the role data_scientist by {setting} ({variable}), and start the fleet again"
            );
            Check::ok(AREA, setting, found).but(CheckStatus::Failed, advice)
        })
    });
    Ok(lacking.collect())
}

fn is_set(known: &BTreeMap<String, OsString>, process: &str, setting: &str) -> bool {
    let prefixes = ["TIER0".to_owned(), format!("TIER0_{}", capitals(process))];
    prefixes.iter().any(|prefix| known.contains_key(&variable(prefix, setting)))
}

/// The variable of a setting, such as `TIER0__DEPLOY__TOKEN_FILE`.
fn variable(prefix: &str, setting: &str) -> String {
    format!("{prefix}__{}", capitals(&setting.replace('.', "__")))
}

fn capitals(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use auth::NewToken;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000_000).unwrap()
    }

    fn token(name: &str, role: Role, days: Option<i64>) -> TokenRecord {
        let expires = days.map(|days| now() + SignedDuration::from_hours(24 * days));
        NewToken::make(name, role, now(), expires).unwrap().record
    }

    #[test]
    fn tokens_that_are_over_end_soon_or_never_are_told() {
        let admin = token("ops", Role::Admin, Some(90));
        let worst = |tokens: &[&TokenRecord]| {
            let tokens: Vec<TokenRecord> = tokens.iter().map(|&token| token.clone()).collect();
            let checks = in_force(&tokens, now(), CheckStatus::Failed);
            let said =
                checks.iter().map(|check| check.found.clone()).collect::<Vec<_>>().join("; ");
            (checks.iter().map(|check| check.status).max(), said)
        };
        assert_eq!(worst(&[]), (None, String::new()));
        assert_eq!(worst(&[&admin]), (Some(CheckStatus::Ok), "1 valid".into()));
        let soon = token("soon", Role::Viewer, Some(13));
        let (status, said) = worst(&[&admin, &soon]);
        assert_eq!(status, Some(CheckStatus::Failed));
        assert!(said.contains("within 14 days: soon"), "{said}");
        let late = token("late", Role::Viewer, Some(15));
        assert_eq!(worst(&[&admin, &late]).0, Some(CheckStatus::Ok));
        let (status, said) = worst(&[&admin, &token("ever", Role::Viewer, None)]);
        assert_eq!(status, Some(CheckStatus::Advised));
        assert!(said.contains("never expire: ever"), "{said}");
        let over = token("ci", Role::Viewer, Some(-1));
        let (status, said) = worst(&[&admin, &over]);
        assert_eq!(status, Some(CheckStatus::Advised));
        assert!(said.contains("expired: ci"), "{said}");
        let renewed = token("ci", Role::Viewer, Some(90));
        assert_eq!(worst(&[&admin, &over, &renewed]).0, Some(CheckStatus::Ok), "a successor");
        let (status, said) = worst(&[&late]);
        assert_eq!(status, Some(CheckStatus::Failed));
        assert!(said.contains("no valid token has the role admin"), "{said}");
        let mut revoked = over.clone();
        revoked.revoked = Some(now());
        assert_eq!(worst(&[&admin, &revoked]).0, Some(CheckStatus::Ok));
    }

    #[test]
    fn a_file_of_tokens_that_is_open_to_others_is_a_finding() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let file = TokenFile::new(directory.path().join("tokens"));
        std::fs::write(file.path(), "").unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
        let check = unusable(&file.read().unwrap_err());
        assert_eq!(check.status, CheckStatus::Failed);
        assert!(check.found.contains("0644"), "{}", check.found);
    }

    #[test]
    fn a_setting_is_found_for_all_processes_or_for_one() {
        for (name, expected) in [
            ("TIER0__DEPLOY__TOKEN_FILE", true),
            ("TIER0_MODEL_DEPLOYER__DEPLOY__TOKEN_FILE", true),
            ("TIER0_ORCHESTRATOR__DEPLOY__TOKEN_FILE", false),
        ] {
            let known = BTreeMap::from([(name.to_owned(), OsString::from("x"))]);
            assert_eq!(is_set(&known, "model-deployer", "deploy.token_file"), expected, "{name}");
        }
    }
}
