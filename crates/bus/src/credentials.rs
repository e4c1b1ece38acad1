//! Files that hold who this process is to the broker.

use std::path::Path;

use crate::{Error, Secret};

/// What a file holds, without the space around it.
pub(crate) async fn read(path: &Path) -> Result<Secret, Error> {
    let text = tokio::fs::read_to_string(path)
        .await
        .map_err(|source| Error::Credentials { path: path.to_owned(), source })?;
    Ok(Secret::new(text.trim()))
}

/// The seed of a user's nkey, from a file that its owner alone can read.
pub(crate) async fn seed(path: &Path) -> Result<Secret, Error> {
    closed_to_others(path).await?;
    let seed = read(path).await?;
    let is_user = nkeys::KeyPair::from_seed(seed.expose())
        .is_ok_and(|key| key.key_pair_type() == nkeys::KeyPairType::User);
    if is_user { Ok(seed) } else { Err(Error::NoSeed { path: path.to_owned() }) }
}

#[cfg(unix)]
async fn closed_to_others(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = tokio::fs::metadata(path)
        .await
        .map_err(|source| Error::Credentials { path: path.to_owned(), source })?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(Error::OpenToOthers { path: path.to_owned(), mode })
    }
}

#[cfg(not(unix))]
async fn closed_to_others(_: &Path) -> Result<(), Error> {
    Ok(())
}
