//! Why a request is refused, and what that is in each protocol.
//!
//! Messages name the column, where it is and what was expected; they never hold a value of a row.

use axum::http::StatusCode;
use tonic::Code;

/// Longest part of a name that came with a request and is repeated in a message.
const MAX_NAME_LENGTH: usize = 100;

/// Why rows could not be predicted.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
    /// A column of the signature is not there.
    #[error("column {column} is missing: expected {expected}")]
    MissingColumn {
        /// Name of the column.
        column: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A column that the model does not know.
    #[error("column {} is not an input of the model: expected {expected}", name(column))]
    UnexpectedColumn {
        /// Name of the column.
        column: String,
        /// The inputs of the model.
        expected: String,
    },
    /// A column that comes twice.
    #[error("column {} is given more than once", name(column))]
    DuplicateColumn {
        /// Name of the column.
        column: String,
    },
    /// A datatype that the protocol does not have.
    #[error("column {} has a datatype that is not known: expected {expected}", name(column))]
    UnknownDatatype {
        /// Name of the column.
        column: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A datatype that does not fit the column.
    #[error("column {} has datatype {found}: expected {expected}", name(column))]
    WrongDatatype {
        /// Name of the column.
        column: String,
        /// What would be right.
        expected: &'static str,
        /// Datatype that the request gives, such as `FP64`.
        found: &'static str,
    },
    /// A shape other than one value per row.
    #[error("column {} has shape {found}: expected [rows] or [rows, 1]", name(column))]
    WrongShape {
        /// Name of the column.
        column: String,
        /// Shape that the request gives, such as `[2, 3]`.
        found: String,
    },
    /// Another number of values than the shape says.
    #[error("column {} has {found} values: expected {expected}, as its shape says", name(column))]
    WrongCount {
        /// Name of the column.
        column: String,
        /// As the shape says.
        expected: usize,
        /// Number of values that the request gave.
        found: usize,
    },
    /// Columns of different lengths.
    #[error(
        "column {} has {found} rows: expected {expected}, as in the other columns",
        name(column)
    )]
    WrongRows {
        /// Name of the column.
        column: String,
        /// Rows of the columns before it.
        expected: usize,
        /// Number of rows of the column.
        found: usize,
    },
    /// A row of another width than its columns.
    #[error("row {row} has {found} values: expected {expected}")]
    WrongWidth {
        /// The row, from 0.
        row: usize,
        /// Number of columns that the request names.
        expected: usize,
        /// Number of values that the row has.
        found: usize,
    },
    /// A value that does not fit its column.
    #[error(
        "column {} has a value that does not fit in row {row}: expected {expected}",
        name(column)
    )]
    WrongValue {
        /// Name of the column.
        column: String,
        /// The row, from 0.
        row: usize,
        /// What would be right.
        expected: &'static str,
    },
    /// A number is not finite.
    #[error(
        "column {} is not finite in row {row}: expected a finite number, or nothing where it is missing",
        name(column)
    )]
    NotFinite {
        /// Name of the column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// Bytes that are not text.
    #[error("column {} is not UTF-8 in row {row}", name(column))]
    NotUtf8 {
        /// Name of the column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// Binary data of another size than shape and datatype say.
    #[error(
        "column {} has {found} bytes of binary data: expected {expected}, as its shape and datatype say",
        name(column)
    )]
    BinarySize {
        /// Name of the column.
        column: String,
        /// As shape and datatype say.
        expected: usize,
        /// Number of values that the request gave.
        found: usize,
    },
    /// Binary texts that end early.
    #[error(
        "column {} has binary data that ends within a text: expected four bytes of length, little-endian, and that many bytes for each",
        name(column)
    )]
    BinaryText {
        /// Name of the column.
        column: String,
    },
    /// Another number of binary texts than the shape says.
    #[error(
        "column {} has another number of texts in its binary data: expected {expected}, as its shape says",
        name(column)
    )]
    BinaryCount {
        /// Name of the column.
        column: String,
        /// As the shape says.
        expected: usize,
    },
    /// Data in a way that the request cannot carry.
    #[error("column {}: {problem}", name(column))]
    WrongData {
        /// Name of the column.
        column: String,
        /// What is wrong and would be right.
        problem: &'static str,
    },
    /// The request has no row.
    #[error("the request holds no row: expected at least one")]
    EmptyBatch,
    /// More rows than one request may hold.
    #[error("the request holds more than {limit} rows: send them in several requests")]
    TooManyRows {
        /// Greatest accepted number of rows, or of bytes of a body.
        limit: usize,
    },
    /// No endpoint of that name.
    #[error("model {} is not known to this server", name(model))]
    UnknownModel {
        /// Name that the request gave, shortened.
        model: String,
    },
    /// A version that is not loaded.
    #[error("version {} of model {model} is not loaded: expected {expected}", name(version))]
    UnknownVersion {
        /// Name of the endpoint.
        model: String,
        /// The version as given.
        version: String,
        /// The versions that are loaded.
        expected: String,
    },
    /// An endpoint without a version that answers.
    #[error("model {model} has no version that answers yet")]
    NotReady {
        /// Name that the request gave, shortened.
        model: String,
    },
    /// A request that names no endpoint where there are several, or none.
    #[error(
        "the request names no endpoint, and there are {endpoints}: name one by ?endpoint=NAME or the header X-Endpoint"
    )]
    WhichEndpoint {
        /// How many there are.
        endpoints: usize,
    },
    /// An output that the model does not have.
    #[error("output {} is not known: expected {expected}", name(output))]
    UnknownOutput {
        /// Name of the output, shortened.
        output: String,
        /// Names of the outputs that there are.
        expected: String,
    },
    /// An output that is asked for more than once.
    #[error("output {} is asked for more than once: expected each output once", name(output))]
    RepeatedOutput {
        /// Name of the output, shortened.
        output: String,
    },
    /// A body that is not what its form asks for.
    #[error("{problem}")]
    Malformed {
        /// What is wrong, where, and what would be right.
        problem: String,
    },
    /// A content type that is not understood.
    #[error("the content type is not supported: expected {expected}")]
    ContentType {
        /// What would be right.
        expected: &'static str,
    },
    /// A compression that is not understood.
    #[error(
        "the body is compressed in a way that is not supported: expected Content-Encoding gzip, deflate or identity"
    )]
    ContentEncoding,
    /// A body beyond the limit.
    #[error("the body is larger than {limit} bytes: send the rows in several requests")]
    TooLarge {
        /// Greatest accepted number of rows, or of bytes of a body.
        limit: usize,
    },
    /// A request that names another host, to a server that asks for no token.
    #[error(
        "the request is for another host: ask by a name of loopback, such as 127.0.0.1, or by one of serving.allowed_hosts"
    )]
    ForeignHost,
    /// No path of that name.
    #[error("there is nothing at this path")]
    NoSuchPath,
    /// A path that takes another method.
    #[error("this path does not take that method")]
    WrongMethod,
    /// More work than the server takes on.
    #[error("the server is busy: try again after a second")]
    Overloaded,
    /// The server is about to end.
    #[error("the server is ending: ask another one, or try again after a second")]
    Draining,
    /// The request's time was over before its answer.
    #[error("the request was not answered within its time: send fewer rows, or give it more time")]
    DeadlineExceeded,
    /// A deadline that is no time.
    #[error("{header} is not a time: expected {expected}")]
    BadDeadline {
        /// The header that says it.
        header: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// More rows than are explained at a time.
    #[error(
        "the request holds more than {limit} rows to be explained: send them in several requests"
    )]
    TooManyToExplain {
        /// Greatest accepted number of rows, or of bytes of a body.
        limit: usize,
    },
    /// The model cannot be explained.
    #[error("the predictions of this version cannot be explained")]
    Unexplainable(#[source] scoring::ExplainError),
    /// The request waited for its body too long.
    #[error("the request's body did not arrive in time")]
    TimedOut,
    /// The rows could not be scored.
    #[error("the rows could not be scored")]
    Score(#[source] scoring::ScoreError),
    /// The rows could not be made a table.
    #[error("the rows do not make a table")]
    Table(#[source] tabular::TableError),
    /// What cannot happen, and does not end the process if it does.
    #[error("internal error: {problem}")]
    Internal {
        /// Description of the broken invariant.
        problem: &'static str,
    },
}

impl InferError {
    /// An error of our own.
    pub(crate) fn internal(problem: &'static str) -> Self {
        Self::Internal { problem }
    }

    /// What it is in HTTP.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::UnknownModel { .. } | Self::UnknownVersion { .. } | Self::NoSuchPath => {
                StatusCode::NOT_FOUND
            }
            Self::NotReady { .. } | Self::Draining => StatusCode::SERVICE_UNAVAILABLE,
            Self::Overloaded => StatusCode::TOO_MANY_REQUESTS,
            Self::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            Self::Unexplainable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::ContentType { .. } | Self::ContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Score(_) | Self::Table(_) | Self::Internal { .. } => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What it is in gRPC.
    pub(crate) fn code(&self) -> Code {
        match self.status() {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::SERVICE_UNAVAILABLE => Code::Unavailable,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => {
                Code::ResourceExhausted
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => Code::DeadlineExceeded,
            StatusCode::UNPROCESSABLE_ENTITY => Code::FailedPrecondition,
            StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
            _ => Code::InvalidArgument,
        }
    }

    /// What it is to a client of MLflow.
    pub(crate) fn mlflow_code(&self) -> &'static str {
        match self.status() {
            StatusCode::NOT_FOUND => "RESOURCE_DOES_NOT_EXIST",
            StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::GATEWAY_TIMEOUT => "TEMPORARILY_UNAVAILABLE",
            StatusCode::INTERNAL_SERVER_ERROR => "INTERNAL_ERROR",
            _ => "BAD_REQUEST",
        }
    }

    /// Seconds after which the same request may be answered, where it is worth trying again.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        matches!(self, Self::Overloaded | Self::Draining | Self::NotReady { .. }).then_some(1)
    }

    /// A stable name for metrics.
    pub(crate) fn kind(&self) -> &'static str {
        match self.status() {
            StatusCode::NOT_FOUND => "not_found",
            StatusCode::SERVICE_UNAVAILABLE => "unavailable",
            StatusCode::TOO_MANY_REQUESTS => "overloaded",
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "timed_out",
            StatusCode::INTERNAL_SERVER_ERROR => "internal",
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            _ => "invalid",
        }
    }
}

impl From<dataset::Error> for InferError {
    /// A body that a decoder of tables refuses.
    fn from(error: dataset::Error) -> Self {
        Self::Malformed { problem: error.to_string() }
    }
}

/// A name that came with a request, shortened and without control characters.
fn name(given: &str) -> String {
    let mut shown: String = given
        .chars()
        .take(MAX_NAME_LENGTH)
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if given.chars().nth(MAX_NAME_LENGTH).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shortened_and_harmless() {
        assert_eq!(name("tenure"), "tenure");
        assert_eq!(name("a\nb"), "a\u{fffd}b");
        assert_eq!(name(&"x".repeat(5000)).chars().count(), MAX_NAME_LENGTH + 1);
    }
}
