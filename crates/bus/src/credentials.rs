//! Who this process is to the broker. Files are read at each connection, so that a process whose key or password was renewed comes
//! back with the new one.

use std::path::Path;

use async_nats::{Auth, AuthError, ConnectOptions};
use contracts::failures;
use nkeys::{KeyPair, KeyPairType};
use secret::{MAX_SECRET_BYTES, SecretFileError, file};

use crate::{BusConfig, Error, Secret};

/// Options of the client that say who this process is, as the configuration has it.
///
/// # Errors
/// Where a file cannot be read now, holds something else, or can be read by others.
pub(crate) async fn options(config: &BusConfig) -> Result<ConnectOptions, Error> {
    if let Some(path) = &config.credentials_file {
        file::open_closed(path)?;
        return ConnectOptions::new()
            .credentials_file(path)
            .await
            .map_err(|source| Error::Credentials { path: path.clone(), source });
    }
    if !config.names_a_user() {
        return Ok(ConnectOptions::new());
    }
    auth(config, b"")?;
    let config = config.clone();
    Ok(ConnectOptions::with_auth_callback(move |nonce| {
        let config = config.clone();
        async move {
            auth(&config, &nonce).map_err(|error| {
                tracing::error!(%error, "this process has no credentials for the broker");
                AuthError::new(error)
            })
        }
    }))
}

/// What the broker is told, with its nonce signed by the key.
fn auth(config: &BusConfig, nonce: &[u8]) -> Result<Auth, Error> {
    let mut auth = Auth::new();
    if let Some(user) = &config.user {
        auth.username = Some(user.clone());
        auth.password = secret(config.password.as_ref(), config.password_file.as_deref())?;
    }
    auth.token = secret(config.token.as_ref(), config.token_file.as_deref())?;
    if let Some(path) = &config.nkey_file {
        let no_seed = |_| Error::NoSeed { path: path.clone() };
        let key = key(path)?;
        auth.nkey = Some(key.public_key());
        auth.signature = Some(key.sign(nonce).map_err(no_seed)?);
    }
    Ok(auth)
}

fn secret(given: Option<&Secret>, file: Option<&Path>) -> Result<Option<String>, Error> {
    let read = file.map(read).transpose()?;
    Ok(given.or(read.as_ref()).map(|secret| secret.expose().to_owned()))
}

/// What a file holds that its user alone can read, without the blanks around it.
fn read(path: &Path) -> Result<Secret, Error> {
    Ok(file::read(path, MAX_SECRET_BYTES)?)
}

/// The nkey of a user whose seed is in a file.
fn key(path: &Path) -> Result<KeyPair, Error> {
    let no_seed = || Error::NoSeed { path: path.to_owned() };
    let seed = match file::read(path, MAX_SECRET_BYTES) {
        Err(SecretFileError::Empty { .. } | SecretFileError::TooLong { .. }) => {
            return Err(no_seed());
        }
        read => read?,
    };
    match KeyPair::from_seed(seed.expose()) {
        Ok(key) if key.key_pair_type() == KeyPairType::User => Ok(key),
        _ => Err(no_seed()),
    }
}

/// What is wrong with the files of credentials, each as `key: what is wrong`. Blocking.
pub(crate) fn file_problems(config: &BusConfig) -> Vec<String> {
    type Check = fn(&Path) -> Result<(), Error>;
    let text: Check = |path| read(path).map(drop);
    let seed: Check = |path| key(path).map(drop);
    let opened: Check = |path| Ok(file::open_closed(path).map(drop)?);
    let files = [
        ("password_file", &config.password_file, text),
        ("token_file", &config.token_file, text),
        ("nkey_file", &config.nkey_file, seed),
        ("credentials_file", &config.credentials_file, opened),
    ];
    let problems = files.into_iter().filter_map(|(key, path, check)| {
        let error = check(path.as_deref()?).err()?;
        Some(format!("{key}: {}", failures::with_causes(&error)))
    });
    problems.collect()
}
