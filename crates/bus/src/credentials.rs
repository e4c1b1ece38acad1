//! Who this process is to the broker. Files are read at each connection, so that a process whose key or password was renewed comes
//! back with the new one.

use std::path::Path;

use async_nats::{Auth, AuthError, ConnectOptions};
use nkeys::{KeyPair, KeyPairType};

use crate::{BusConfig, Error, Secret};

/// Options of the client that say who this process is, as the configuration has it.
///
/// # Errors
/// Where a file cannot be read now, holds something else, or can be read by others.
pub(crate) async fn options(config: &BusConfig) -> Result<ConnectOptions, Error> {
    if let Some(path) = &config.credentials_file {
        return ConnectOptions::new()
            .credentials_file(path)
            .await
            .map_err(|source| Error::Credentials { path: path.clone(), source });
    }
    if !config.names_a_user() {
        return Ok(ConnectOptions::new());
    }
    auth(config, b"").await?;
    let config = config.clone();
    Ok(ConnectOptions::with_auth_callback(move |nonce| {
        let config = config.clone();
        async move {
            auth(&config, &nonce).await.map_err(|error| {
                tracing::error!(%error, "this process has no credentials for the broker");
                AuthError::new(error)
            })
        }
    }))
}

/// What the broker is told, with its nonce signed by the key.
async fn auth(config: &BusConfig, nonce: &[u8]) -> Result<Auth, Error> {
    let mut auth = Auth::new();
    if let Some(user) = &config.user {
        auth.username = Some(user.clone());
        auth.password = secret(config.password.as_ref(), config.password_file.as_deref()).await?;
    }
    auth.token = secret(config.token.as_ref(), config.token_file.as_deref()).await?;
    if let Some(path) = &config.nkey_file {
        let no_seed = |_| Error::NoSeed { path: path.clone() };
        let key = key(path).await?;
        auth.nkey = Some(key.public_key());
        auth.signature = Some(key.sign(nonce).map_err(no_seed)?);
    }
    Ok(auth)
}

async fn secret(given: Option<&Secret>, file: Option<&Path>) -> Result<Option<String>, Error> {
    let read = match file {
        Some(path) => Some(read(path).await?),
        None => None,
    };
    Ok(given.or(read.as_ref()).map(|secret| secret.expose().to_owned()))
}

/// What a file holds, without the space around it.
async fn read(path: &Path) -> Result<Secret, Error> {
    let text = tokio::fs::read_to_string(path)
        .await
        .map_err(|source| Error::Credentials { path: path.to_owned(), source })?;
    Ok(Secret::new(text.trim()))
}

/// The nkey of a user whose seed is in a file that its owner alone can read.
async fn key(path: &Path) -> Result<KeyPair, Error> {
    closed_to_others(path).await?;
    let seed = read(path).await?;
    match KeyPair::from_seed(seed.expose()) {
        Ok(key) if key.key_pair_type() == KeyPairType::User => Ok(key),
        _ => Err(Error::NoSeed { path: path.to_owned() }),
    }
}

#[cfg(unix)]
async fn closed_to_others(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = tokio::fs::metadata(path)
        .await
        .map_err(|source| Error::Credentials { path: path.to_owned(), source })?;
    let mode = metadata.mode() & 0o777;
    let user = rustix::process::geteuid().as_raw();
    if is_closed(mode, metadata.uid(), user) {
        Ok(())
    } else {
        Err(Error::OpenToOthers { path: path.to_owned(), mode })
    }
}

/// Whether a file of these permission bits and this owner is readable for the process's user alone.
///
/// A file of root that the group may read is as well: Kubernetes gives secrets to a pod's group. PostgreSQL takes keys of these two kinds.
#[cfg(unix)]
const fn is_closed(mode: u32, owner: u32, user: u32) -> bool {
    const ROOT: u32 = 0;
    let open = if owner == ROOT && user != ROOT { 0o037 } else { 0o077 };
    mode & open == 0
}

#[cfg(not(unix))]
async fn closed_to_others(_: &Path) -> Result<(), Error> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_closed;

    const USER: u32 = 65532;

    #[test]
    fn a_key_is_its_users_or_of_root_and_its_group() {
        assert!(is_closed(0o600, USER, USER) && is_closed(0o400, 0, 0));
        assert!(!is_closed(0o640, USER, USER) && !is_closed(0o604, USER, USER));
        assert!(is_closed(0o440, 0, USER), "a secret of Kubernetes");
        assert!(!is_closed(0o444, 0, USER) && !is_closed(0o460, 0, USER));
        assert!(!is_closed(0o440, 0, 0), "root needs no group");
        assert!(!is_closed(0o440, 1000, USER), "of another user");
    }
}
