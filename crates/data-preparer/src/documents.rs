//! Documents beside the table, such as a suite of expectations.

use std::io::Read as _;

use bytes::Bytes;
use dataset::{Access, Location, Source};
use stage::StageContext;

use crate::error::Error;

/// Largest document, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a document from a place that tables may be read from.
pub(crate) async fn read(uri: &str, access: &Access, cx: &StageContext) -> Result<Bytes, Error> {
    let location = Location::parse(uri)?;
    let source = Source::open(&location, access).await?;
    if source.size() > MAX_BYTES {
        let reason = format!("it has {} bytes; at most {MAX_BYTES} are read", source.size());
        return Err(Error::Suite { uri: uri.to_owned(), reason });
    }
    let read = cx.blocking(move || -> Result<Vec<u8>, dataset::Error> {
        let mut bytes = Vec::new();
        source.reader()?.take(MAX_BYTES).read_to_end(&mut bytes).map_err(dataset::Error::Read)?;
        Ok(bytes)
    });
    Ok(read.await??.into())
}
