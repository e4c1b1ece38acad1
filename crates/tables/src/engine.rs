//! The engine's view of a source: a table provider, and the session that reads it in order.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{SessionConfig, SessionContext};
use dataset::{Format, Shape, Source, Target};
use url::Url;

use crate::Error;

/// Rows of a batch.
pub(crate) const BATCH_ROWS: usize = 8192;
/// Batches that may wait between the reader of lines and the engine.
const WAITING_BATCHES: usize = 4;

/// A session whose partitions are consecutive parts of the file, so that rows keep their order.
pub(crate) fn session(partitions: usize) -> SessionContext {
    let config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_batch_size(BATCH_ROWS)
        .with_round_robin_repartition(false)
        .with_collect_statistics(false)
        // Else a stream that is idle takes parts of the file from the next one.
        .set_bool("datafusion.execution.enable_file_stream_work_stealing", false)
        .set_bool("datafusion.execution.parquet.schema_force_view_types", false)
        // Row numbers are counted from the batches: nothing may be left out below.
        .set_bool("datafusion.execution.parquet.pushdown_filters", false);
    SessionContext::new_with_config(config)
}

/// The source as a table of the engine, its values still as they stand in the file.
pub(crate) async fn provider(
    context: &SessionContext,
    source: &Source,
    shape: &Shape,
) -> Result<Arc<dyn TableProvider>, Error> {
    let text = dataset::text_schema(&shape.fields);
    match shape.format {
        Format::JsonLines => {
            let lines = JsonLines {
                schema: Arc::clone(&text),
                source: source.clone(),
                shape: shape.clone(),
            };
            Ok(Arc::new(StreamingTable::try_new(text, vec![Arc::new(lines)])?))
        }
        Format::Csv => {
            let format = CsvFormat::default()
                .with_has_header(true)
                .with_delimiter(shape.delimiter.unwrap_or(b','))
                .with_newlines_in_values(shape.multiline);
            listing(context, source, Arc::new(format), Some(text)).await
        }
        Format::Parquet => listing(context, source, Arc::new(ParquetFormat::default()), None).await,
    }
}

async fn listing(
    context: &SessionContext,
    source: &Source,
    format: Arc<dyn FileFormat>,
    schema: Option<SchemaRef>,
) -> Result<Arc<dyn TableProvider>, Error> {
    let url = match source.target() {
        Target::File(path) => {
            Url::from_file_path(&path).map_err(|()| dataset::Error::BadLocation {
                uri: path.display().to_string(),
                reason: "its path is relative",
            })?
        }
        Target::Object { store, root, path } => {
            context.register_object_store(&root, store);
            let mut url = root;
            url.set_path(path.as_ref());
            url
        }
    };
    let url = ListingTableUrl::try_new(url, None)?;
    let options = ListingOptions::new(format).with_file_extension("");
    let schema = match schema {
        Some(schema) => schema,
        None => options.infer_schema(&context.state(), &url).await?,
    };
    let config = ListingTableConfig::new(url).with_listing_options(options).with_schema(schema);
    Ok(Arc::new(ListingTable::try_new(config)?))
}

/// Lines of JSON as batches of text.
#[derive(Debug)]
struct JsonLines {
    schema: SchemaRef,
    source: Source,
    shape: Shape,
}

impl PartitionStream for JsonLines {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder =
            RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), WAITING_BATCHES);
        let sender = builder.tx();
        let (source, fields) = (self.source.clone(), self.shape.fields.clone());
        builder.spawn_blocking(move || {
            let read = dataset::read_json_batches(&source, &fields, BATCH_ROWS, |batch| {
                sender.blocking_send(Ok(batch)).map_err(|_| {
                    dataset::Error::Read(std::io::Error::new(
                        std::io::ErrorKind::BrokenPipe,
                        "nobody reads any more",
                    ))
                })
            });
            read.map_err(|error| DataFusionError::External(Box::new(error)))
        });
        builder.build()
    }
}
