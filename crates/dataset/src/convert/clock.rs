//! Times of day and durations of Arrow, as seconds.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};

use crate::Error;

/// Seconds since midnight of times of day, and seconds of durations: the doubles nearest to them.
///
/// # Errors
/// When Arrow can't convert the ticks.
pub(crate) fn seconds(array: &ArrayRef) -> Result<Float64Array, Error> {
    let (unit, ticks) = match array.data_type() {
        DataType::Time32(unit) => (*unit, cast(&cast(array, &DataType::Int32)?, &DataType::Int64)?),
        DataType::Time64(unit) | DataType::Duration(unit) => {
            (*unit, cast(array, &DataType::Int64)?)
        }
        _ => (TimeUnit::Second, cast(array, &DataType::Int64)?),
    };
    let per_second = match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e3,
        TimeUnit::Microsecond => 1e6,
        TimeUnit::Nanosecond => 1e9,
    };
    Ok(ticks.as_primitive::<Int64Type>().unary(|ticks| ticks as f64 / per_second))
}
