//! From a body to a file.

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tempfile::NamedTempFile;
use tokio::io::{AsyncWriteExt as _, BufWriter};

use crate::Error;

/// Bytes that are written at once.
const BUFFER: usize = 256 * 1024;

/// Writes the parts of a body into a file that its owner alone can read and that goes when it is dropped.
///
/// # Errors
/// More bytes than `max_bytes`, a body that breaks off, a disk that is full.
pub(crate) async fn receive<S, E>(mut parts: S, max_bytes: u64) -> Result<NamedTempFile, Error>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    let file = tempfile::Builder::new().prefix(".tier0-upload-").tempfile().map_err(Error::disk)?;
    let handle = tokio::fs::File::from_std(file.reopen().map_err(Error::disk)?);
    let mut into = BufWriter::with_capacity(BUFFER, handle);
    let mut received = 0;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| Error::Body(error.into()))?;
        received += part.len() as u64;
        if received > max_bytes {
            return Err(Error::TooLarge { limit: max_bytes });
        }
        into.write_all(&part).await.map_err(Error::disk)?;
    }
    into.flush().await.map_err(Error::disk)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use futures::stream;

    use super::*;

    fn parts(of: &[&'static str]) -> Vec<Result<Bytes, std::io::Error>> {
        of.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect()
    }

    #[tokio::test]
    async fn a_body_becomes_a_file_up_to_the_limit() {
        let received = receive(stream::iter(parts(&["a,b\n", "1,2\n"])), 8).await.unwrap();
        assert_eq!(std::fs::read(received.path()).unwrap(), b"a,b\n1,2\n");
        let path = received.path().to_owned();
        drop(received);
        assert!(!path.exists());
        let refused = receive(stream::iter(parts(&["a,b\n", "1,2\n3"])), 8).await;
        assert!(matches!(refused, Err(Error::TooLarge { limit: 8 })));
        let mut broken = parts(&["a,b\n"]);
        broken.push(Err(std::io::ErrorKind::ConnectionReset.into()));
        let refused = receive(stream::iter(broken), 8).await;
        assert!(matches!(refused, Err(Error::Body(_))));
    }
}
