//! Requests of a table's rows in the forms of the Open Inference Protocol.

use std::ops::Range;

use client::v2::{self, Metadata};
use serde_json::json;
use tabular::{Column, Table, parse};

use super::io;
use crate::Error;

/// Rows as V2 JSON.
pub(super) fn json(
    table: &Table,
    metadata: &Metadata,
    rows: Range<usize>,
) -> Result<Vec<u8>, Error> {
    let request = v2::encode(table, metadata, None, rows)?;
    serde_json::to_vec(&request).map_err(|error| io("write a request")(error.into()))
}

/// Rows as binary tensors, with answers wanted so; the length of the JSON part, and the body.
pub(super) fn binary(table: &Table, rows: Range<usize>) -> Result<(usize, Vec<u8>), Error> {
    let (mut inputs, mut bytes) = (Vec::new(), Vec::new());
    for (field, column) in table.iter() {
        let begun = bytes.len();
        let put_text = |text: &str, bytes: &mut Vec<u8>| {
            bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        };
        let datatype = match column {
            Column::Text(texts) => {
                for row in rows.clone() {
                    put_text(texts.get(row).unwrap_or_default(), &mut bytes);
                }
                "BYTES"
            }
            Column::Number(numbers) => {
                let of = numbers.get(rows.clone()).unwrap_or_default();
                if field.column_type.is_temporal() {
                    for number in of {
                        let text = if number.is_nan() {
                            String::new()
                        } else {
                            parse::format(*number, field.column_type)
                        };
                        put_text(&text, &mut bytes);
                    }
                    "BYTES"
                } else {
                    of.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
                    "FP64"
                }
            }
        };
        inputs.push(json!({
            "name": field.name,
            "shape": [rows.len()],
            "datatype": datatype,
            "parameters": { "binary_data_size": bytes.len() - begun },
        }));
    }
    let head = json!({ "parameters": { "binary_data_output": true }, "inputs": inputs });
    let mut body = head.to_string().into_bytes();
    let length = body.len();
    body.extend(bytes);
    Ok((length, body))
}
