//! Reading a body: within its bounds, in time, decompressed, and of the right type.
//!
//! Slow bodies hold no place that others need: a request is admitted when its body is there.

use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, header};
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::error::InferError;
use crate::load::{Admission, BodyRoom};
use crate::server::Server;

/// A body, with the right to work on it and the moment when it was complete.
pub(super) struct ReceivedBody {
    /// The whole body, decompressed.
    pub(super) bytes: Bytes,
    /// When its last byte had come.
    pub(super) begun: Instant,
    /// Given back when the work on it ends.
    pub(super) admission: Admission,
    /// When it has to be answered.
    pub(super) until: Instant,
}

/// Header with the longest time that a caller waits, in seconds.
pub(super) const TIMEOUT: HeaderName = HeaderName::from_static("x-request-timeout");

/// The longest time that the caller waits, where it says so.
fn requested_timeout(headers: &HeaderMap) -> Result<Option<Duration>, InferError> {
    let Some(value) = headers.get(TIMEOUT) else {
        return Ok(None);
    };
    let seconds = value.to_str().ok().and_then(|text| text.trim().parse::<f64>().ok());
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.map(Some).ok_or(InferError::BadDeadline {
        header: "X-Request-Timeout",
        expected: "seconds such as 0.25",
    })
}

/// Reads the whole body of a request within the limits of size and time.
pub(super) async fn receive(
    server: &Server,
    headers: &HeaderMap,
    body: Body,
) -> Result<ReceivedBody, InferError> {
    let until = server.deadline_for(requested_timeout(headers)?);
    let limit = server.serving.max_body_bytes;
    let encoding = encoding(headers)?;
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > limit) {
        return Err(InferError::TooLarge { limit });
    }
    let whole = Instant::now() + server.body_time();
    let late = if until < whole { InferError::DeadlineExceeded } else { InferError::TimedOut };
    let mut room = server.body_room();
    let collected = collect(body, limit, &mut room);
    let bytes =
        tokio::time::timeout_at(until.min(whole).into(), collected).await.map_err(|_| late)??;
    let Some(encoding) = encoding else {
        let admission = server.admit_body(room)?;
        return Ok(ReceivedBody { bytes, begun: Instant::now(), admission, until });
    };
    let decoding = move || {
        let bytes = dataset::guarded("gzip", || decoded(&bytes, encoding, limit, &mut room))?;
        Ok::<_, InferError>((bytes, room))
    };
    let (bytes, room) = server.apart(until, decoding).await??;
    let admission = server.admit_body(room)?;
    Ok(ReceivedBody { bytes, begun: Instant::now(), admission, until })
}

/// The bytes of a body, of which each takes room as it comes.
async fn collect(body: Body, limit: usize, room: &mut BodyRoom) -> Result<Bytes, InferError> {
    let mut body = Limited::new(body, limit);
    let (mut first, mut all) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            if error.is::<LengthLimitError>() {
                InferError::TooLarge { limit }
            } else {
                InferError::Malformed { problem: "the body did not arrive completely".to_owned() }
            }
        })?;
        let Ok(part) = frame.into_data() else { continue };
        room.grow(part.len())?;
        // Most bodies come in one part, which is not copied.
        if first.is_empty() {
            first = part;
        } else {
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&part);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
}

/// What Content-Encoding says; none where the body is as it is.
fn encoding(headers: &HeaderMap) -> Result<Option<Encoding>, InferError> {
    let mut given = headers.get_all(header::CONTENT_ENCODING).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    match text.as_str() {
        _ if given.next().is_some() => {}
        "" | "identity" => return Ok(None),
        "gzip" | "x-gzip" => return Ok(Some(Encoding::Gzip)),
        "deflate" => return Ok(Some(Encoding::Deflate)),
        _ => {}
    }
    Err(InferError::ContentEncoding)
}

/// Bytes that are decompressed before more room is taken.
const DECODED_PART: usize = 64 << 10;

/// Appends the next part of a body; says whether its end has come.
type NextPart<'a> = Box<dyn FnMut(&mut Vec<u8>) -> io::Result<bool> + 'a>;

/// The body decompressed, with room for its bytes as they come and never more than `limit` of them.
fn decoded(
    bytes: &[u8],
    encoding: Encoding,
    limit: usize,
    room: &mut BodyRoom,
) -> Result<Bytes, InferError> {
    let mut all = Vec::new();
    let mut next: NextPart<'_> = match encoding {
        Encoding::Gzip => {
            let mut reader = MultiGzDecoder::new(bytes);
            Box::new(move |all: &mut Vec<u8>| {
                let read = reader.by_ref().take(DECODED_PART as u64).read_to_end(all)?;
                Ok(read == 0)
            })
        }
        // In zlib's form as the standard has it, or bare as some clients send it.
        Encoding::Deflate => {
            let mut stream = Decompress::new(is_zlib(bytes));
            Box::new(move |all: &mut Vec<u8>| inflate(&mut stream, bytes, all))
        }
    };
    loop {
        let before = all.len();
        let is_end = next(&mut all).map_err(|_| InferError::Malformed {
            problem: "the body is not compressed as its Content-Encoding says, or is cut off"
                .to_owned(),
        })?;
        if all.len() > limit {
            return Err(InferError::TooLarge { limit });
        }
        room.grow(all.len() - before)?;
        if is_end {
            drop(next);
            return Ok(all.into());
        }
    }
}

/// The next part of a deflated stream; whether its end has come. The reader of flate2 takes a stream that is cut off for one
/// that has ended.
fn inflate(stream: &mut Decompress, bytes: &[u8], all: &mut Vec<u8>) -> io::Result<bool> {
    all.reserve(DECODED_PART);
    let before = (stream.total_in(), stream.total_out());
    let rest = usize::try_from(before.0).ok().and_then(|taken| bytes.get(taken..));
    let status = stream.decompress_vec(rest.unwrap_or_default(), all, FlushDecompress::None)?;
    if status == Status::StreamEnd {
        return Ok(true);
    }
    if (stream.total_in(), stream.total_out()) == before {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(false)
}

/// Whether bytes begin as zlib's do: method 8, and a check that 31 divides.
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [first, second, ..] => {
            first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)
        }
        _ => false,
    }
}

/// The media type of a body, without its parameters, in small letters.
pub(super) fn media_type(headers: &HeaderMap) -> Result<Option<String>, InferError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let expected = "a Content-Type such as application/json";
    let text =
        value.to_str().map_err(|_| InferError::ContentType { expected })?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default().to_owned();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    if charset
        .is_some_and(|charset| !matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
    {
        return Err(InferError::ContentType { expected: "charset=utf-8" });
    }
    Ok(Some(media_type))
}

/// The parameters of the body's type, their names in lower case. A value in double quotes may hold a `;`.
pub(super) fn parameters(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut rest = text.and_then(|text| text.split_once(';')).map_or("", |(_, rest)| rest);
    let mut parameters = Vec::new();
    while let Some((name, behind)) = rest.split_once('=') {
        let (value, next) = match behind.strip_prefix('"') {
            Some(quoted) => {
                let (value, next) = quoted.split_once('"').unwrap_or((quoted, ""));
                (value, next.split_once(';').map_or("", |(_, next)| next))
            }
            None => behind.split_once(';').unwrap_or((behind, "")),
        };
        let value = if behind.starts_with('"') { value } else { value.trim() };
        parameters.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        rest = next;
    }
    parameters
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test")]
mod tests {
    use std::io::Write as _;

    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::config::Serving;

    #[test]
    fn parameters_of_a_type_are_read() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(text));
            parameters(&headers)
        };
        let pairs = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
        };
        assert!(of("text/csv").is_empty());
        assert_eq!(
            of("text/csv; charset=utf-8; Delimiter=\";\" ; decimal=,"),
            pairs(&[("charset", "utf-8"), ("delimiter", ";"), ("decimal", ",")])
        );
        assert_eq!(of("text/csv;thousands=\" \""), pairs(&[("thousands", " ")]));
    }
    use crate::load::Load;

    fn decode(bytes: &[u8], encoding: Encoding, limit: usize) -> Result<Bytes, InferError> {
        let mut room = Load::new(&Serving::default()).body_room();
        decoded(bytes, encoding, limit, &mut room)
    }

    fn forms(text: &[u8]) -> [(Encoding, Vec<u8>); 3] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(text).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(text).unwrap();
        [
            (Encoding::Gzip, gzip.finish().unwrap()),
            (Encoding::Deflate, zlib.finish().unwrap()),
            (Encoding::Deflate, bare.finish().unwrap()),
        ]
    }

    #[test]
    fn every_form_is_decompressed_and_bounded() {
        let text = vec![b'a'; 1 << 20];
        for (encoding, bytes) in forms(&text) {
            assert_eq!(decode(&bytes, encoding, 1 << 20).unwrap(), text);
            let bomb = decode(&bytes, encoding, (1 << 20) - 1).unwrap_err();
            assert!(matches!(bomb, InferError::TooLarge { .. }), "{encoding:?}: {bomb}");
            let cut = decode(&bytes[..bytes.len() / 2], encoding, 1 << 20).unwrap_err();
            assert!(cut.to_string().contains("cut off"), "{encoding:?}: {cut}");
        }
        assert!(decode(b"{}", Encoding::Gzip, 100).is_err());
    }

    #[test]
    fn what_is_decompressed_has_room_or_is_turned_away() {
        let serving = Serving { max_bytes_in_flight: 64 << 10, ..Serving::default() };
        let load = Load::new(&serving);
        for (encoding, bytes) in forms(&vec![b'a'; 1 << 20]) {
            let mut room = load.body_room();
            let refused = decoded(&bytes, encoding, 1 << 20, &mut room).unwrap_err();
            assert!(matches!(refused, InferError::Overloaded));
        }
        assert!(load.body_room().grow(64 << 10).is_ok(), "it was given back");
    }

    #[test]
    fn an_encoding_is_one_that_is_known() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
            }
            encoding(&headers)
        };
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(of(&["identity"]).unwrap(), None);
        assert_eq!(of(&["GZip"]).unwrap(), Some(Encoding::Gzip));
        assert_eq!(of(&["deflate"]).unwrap(), Some(Encoding::Deflate));
        for wrong in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"]] {
            assert!(matches!(of(wrong), Err(InferError::ContentEncoding)), "{wrong:?}");
        }
    }
}
