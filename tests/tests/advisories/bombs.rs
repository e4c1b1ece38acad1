//! Small inputs that say that they are large, or become so.

use std::io::Write as _;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use bytes::Bytes;
use dataset::{ContentLimits, Error, Format, Location, ScanOptions, Source};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;

const ARTIFACT: &str =
    "artifact:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0";

fn scanned(bytes: Vec<u8>, format: Format, limits: ContentLimits) -> Result<u64, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let location = Location::parse(ARTIFACT).unwrap();
    let source = runtime.block_on(Source::of_bytes(&location, Bytes::from(bytes)))?;
    dataset::scan(&source.limited(limits), format, &ScanOptions::default()).map(|shape| shape.rows)
}

fn zeros(rows: usize) -> RecordBatch {
    let schema = Schema::new(vec![Field::new("x", DataType::Int64, false)]);
    RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from(vec![0; rows]))]).unwrap()
}

/// A text that unpacks to far more than its size.
#[test]
fn decompression_bombs_in_texts() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"x\n").unwrap();
    for _ in 0..16 {
        packed.write_all(&[b'1'; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    let limits = ContentLimits { decoded_bytes: 1 << 20, ..ContentLimits::default() };
    let refused = scanned(packed.clone(), Format::Csv, limits).unwrap_err();
    assert_eq!(refused.code(), "source_too_large", "{refused}");
    let limits = ContentLimits { line_bytes: 1 << 20, ..ContentLimits::default() };
    let refused = scanned(packed, Format::Csv, limits).unwrap_err();
    assert!(matches!(refused, Error::LineTooLong { .. }), "{refused}");
}

/// A page of Parquet: it is refused by what its header says, before room is made for it.
#[test]
fn decompression_bombs_in_pages() {
    let batch = zeros(100_000);
    let mut file = Vec::new();
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .set_dictionary_enabled(false)
        .build();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    assert!(file.len() < 100_000, "{} bytes", file.len());
    assert_eq!(scanned(file.clone(), Format::Parquet, ContentLimits::default()).unwrap(), 100_000);
    let limits = ContentLimits { page_bytes: 10_000, ..ContentLimits::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let location = Location::parse(ARTIFACT).unwrap();
    let source =
        runtime.block_on(Source::of_bytes(&location, file.into())).unwrap().limited(limits);
    let refused =
        dataset::read_table(&source, Format::Parquet, &ScanOptions::default()).unwrap_err();
    // The reader of batches passes it on as a text.
    assert!(refused.to_string().contains("data.max_page_bytes"), "{refused}");
    assert!(!refused.is_transient());
}

fn stream(rows: usize, compression: Option<CompressionType>) -> Vec<u8> {
    let batch = zeros(rows);
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer =
        StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// A batch of Arrow: what it says of its rows and of its unpacked bytes is looked at before it is decoded.
#[test]
fn decompression_bombs_in_batches() {
    let bytes = stream(100_000, Some(CompressionType::LZ4_FRAME));
    assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
    assert_eq!(
        scanned(bytes.clone(), Format::ArrowIpc, ContentLimits::default()).unwrap(),
        100_000
    );
    let limits = ContentLimits { page_bytes: 10_000, ..ContentLimits::default() };
    let refused = scanned(bytes, Format::ArrowIpc, limits).unwrap_err();
    assert!(matches!(refused, Error::PageTooLarge { part: "batch", .. }), "{refused}");
    let limits = ContentLimits { rows: 99_999, ..ContentLimits::default() };
    let refused = scanned(stream(100_000, None), Format::ArrowIpc, limits).unwrap_err();
    assert!(matches!(refused, Error::TooManyRows { .. }), "{refused}");
}

/// JSON that is nested deeply, and expressions: refused, whoever reads them.
#[test]
fn nesting_without_an_end() {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000));
    let json = deep("[", "]");
    assert!(contracts::encoding::decode_request(None, deep("{\"text\":", "}").as_bytes()).is_err());
    assert!(expectations::Suite::parse(json.as_bytes()).is_err());
    assert!(expectations::Expression::parse(&deep("(", ")")).is_err());
    let line = format!("{{\"a\": {json}}}\n");
    let refused = scanned(line.into_bytes(), Format::JsonLines, ContentLimits::default());
    assert!(refused.is_err());
}
