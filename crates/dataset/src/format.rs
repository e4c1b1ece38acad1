//! Which format a table is in.

use std::io::Read;

pub use schema::Format;

use crate::{Error, Source};

/// The format of a source: what its first bytes prove, else what was said, else what its name says. Blocking.
///
/// # Errors
/// An empty file, one compressed as a whole, and one whose format is neither said nor told by the name.
pub fn format_of(source: &Source, said: Option<Format>) -> Result<Format, Error> {
    if source.size() == 0 {
        return Err(Error::EmptyFile);
    }
    let mut magic = Vec::with_capacity(4);
    source.reader()?.take(4).read_to_end(&mut magic).map_err(Error::Read)?;
    let compressed = |codec| Err(Error::Compressed { uri: source.uri().to_owned(), codec });
    match magic.as_slice() {
        b"PAR1" => return Ok(Format::Parquet),
        [0x1f, 0x8b, ..] => return compressed("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] => return compressed("zstd"),
        [b'P', b'K', 3, 4] => return compressed("zip"),
        [b'B', b'Z', b'h', ..] => return compressed("bzip2"),
        [0xfd, b'7', b'z', b'X'] => return compressed("xz"),
        _ => {}
    }
    said.or_else(|| Format::of_name(source.name()))
        .ok_or_else(|| Error::UnknownFormat { uri: source.uri().to_owned() })
}
