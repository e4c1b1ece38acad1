//! UUIDs, which Arrow and Parquet keep as 16 bytes, as texts.

use std::fmt::Write as _;

use arrow::array::AsArray;
use arrow::array::{Array, ArrayRef, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};

/// Bytes of a UUID.
pub(crate) const BYTES: i32 = 16;
/// Characters of its text.
const CHARACTERS: usize = 36;
/// Arrow's name of the type.
const EXTENSION: &str = "arrow.uuid";

/// Whether a column of Arrow says that its bytes are UUIDs.
pub(crate) fn is_uuid(stored: &Field) -> bool {
    *stored.data_type() == DataType::FixedSizeBinary(BYTES)
        && stored.extension_type_name() == Some(EXTENSION)
}

/// Groups of 16 bytes as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, in lower case.
pub(super) fn texts(array: &ArrayRef) -> StringArray {
    let mut texts = StringBuilder::with_capacity(array.len(), array.len() * CHARACTERS);
    for bytes in array.as_fixed_size_binary() {
        let Some(bytes) = bytes else {
            texts.append_null();
            continue;
        };
        let mut text = String::with_capacity(CHARACTERS);
        for (place, byte) in bytes.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        texts.append_value(text);
    }
    texts.finish()
}
