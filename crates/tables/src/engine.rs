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
use dataset::{Dialect, Format, ScanOptions, Shape, Source, TableSource, Target};
use url::Url;

use crate::Error;

/// Rows of a batch.
pub(crate) const BATCH_ROWS: usize = 8192;
/// Batches that may wait between the source and the engine.
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

/// The source as a table of the engine, its values still as they are stored.
///
/// The engine reads files itself where it has a reader for the format; every other table comes in batches.
pub(crate) async fn provider(
    context: &SessionContext,
    source: &Arc<dyn TableSource>,
    shape: &Shape,
    options: &ScanOptions,
) -> Result<Arc<dyn TableProvider>, Error> {
    match (source.file(), shape.format) {
        // The engine's reader knows delimiters, and no other part of a dialect.
        (Some(file), Some(Format::Csv)) if shape.dialect.as_ref().is_none_or(Dialect::is_plain) => {
            let format = CsvFormat::default()
                .with_has_header(true)
                .with_delimiter(shape.delimiter.unwrap_or(b','))
                .with_newlines_in_values(shape.multiline);
            let text = dataset::text_schema(&shape.fields);
            listing(context, file.source(), Arc::new(format), Some(text)).await
        }
        (Some(file), Some(Format::Parquet)) => {
            listing(context, file.source(), Arc::new(ParquetFormat::default()), None).await
        }
        _ => {
            let schema = source.arrow_schema(shape, &shape.fields);
            let batches = Batches {
                schema: Arc::clone(&schema),
                source: Arc::clone(source),
                shape: shape.clone(),
                options: options.clone(),
            };
            Ok(Arc::new(StreamingTable::try_new(schema, vec![Arc::new(batches)])?))
        }
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

/// A table that comes in batches.
#[derive(Debug)]
struct Batches {
    schema: SchemaRef,
    source: Arc<dyn TableSource>,
    shape: Shape,
    options: ScanOptions,
}

impl PartitionStream for Batches {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder =
            RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), WAITING_BATCHES);
        let sender = builder.tx();
        let (source, shape, options) =
            (Arc::clone(&self.source), self.shape.clone(), self.options.clone());
        builder.spawn_blocking(move || {
            let mut send = |batch| {
                sender.blocking_send(Ok(batch)).map_err(|_| {
                    dataset::Error::Read(std::io::Error::new(
                        std::io::ErrorKind::BrokenPipe,
                        "the engine has ended",
                    ))
                })
            };
            source
                .batches(&shape, &shape.fields, &options, BATCH_ROWS, &mut send)
                .map_err(|error| DataFusionError::External(Box::new(error)))
        });
        builder.build()
    }
}
