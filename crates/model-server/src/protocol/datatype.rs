//! Datatypes of the Open Inference Protocol, and how their elements lie in bytes.

use crate::error::InferError;

/// The datatype of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Datatype {
    /// Truth values, a byte each.
    Bool,
    /// Whole numbers of 8 bits without sign.
    Uint8,
    /// Whole numbers of 16 bits without sign.
    Uint16,
    /// Whole numbers of 32 bits without sign.
    Uint32,
    /// Whole numbers of 64 bits without sign.
    Uint64,
    /// Whole numbers of 8 bits.
    Int8,
    /// Whole numbers of 16 bits.
    Int16,
    /// Whole numbers of 32 bits.
    Int32,
    /// Whole numbers of 64 bits.
    Int64,
    /// Numbers of 32 bits.
    Fp32,
    /// Numbers of 64 bits.
    Fp64,
    /// Texts, each after its length.
    Bytes,
}

impl Datatype {
    /// Every datatype that is understood, with its name in the protocol.
    const NAMES: [(&'static str, Self); 12] = [
        ("BOOL", Self::Bool),
        ("UINT8", Self::Uint8),
        ("UINT16", Self::Uint16),
        ("UINT32", Self::Uint32),
        ("UINT64", Self::Uint64),
        ("INT8", Self::Int8),
        ("INT16", Self::Int16),
        ("INT32", Self::Int32),
        ("INT64", Self::Int64),
        ("FP32", Self::Fp32),
        ("FP64", Self::Fp64),
        ("BYTES", Self::Bytes),
    ];

    /// The datatype of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, datatype)| *datatype)
    }

    /// Its name in the protocol.
    pub(crate) fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, datatype)| *datatype == self).map_or("BYTES", |(name, _)| name)
    }

    /// Whether its elements are whole numbers.
    pub(crate) fn is_whole(self) -> bool {
        !matches!(self, Self::Bool | Self::Bytes | Self::Fp32 | Self::Fp64)
    }

    /// Bytes of an element; none where they differ.
    pub(crate) fn size(self) -> Option<usize> {
        match self {
            Self::Bool | Self::Uint8 | Self::Int8 => Some(1),
            Self::Uint16 | Self::Int16 => Some(2),
            Self::Uint32 | Self::Int32 | Self::Fp32 => Some(4),
            Self::Uint64 | Self::Int64 | Self::Fp64 => Some(8),
            Self::Bytes => None,
        }
    }
}

/// Elements of a numeric or BOOL tensor from its little-endian bytes.
///
/// NaN is kept: in bytes it is the only way to say that a number is missing.
pub(crate) fn numbers_from_bytes(
    column: &str,
    datatype: Datatype,
    bytes: &[u8],
    count: usize,
) -> Result<Vec<f64>, InferError> {
    let Some(size) = datatype.size() else {
        return Err(InferError::internal("texts have no fixed size"));
    };
    if count.checked_mul(size) != Some(bytes.len()) {
        return Err(InferError::BinarySize {
            column: column.to_owned(),
            expected: count.saturating_mul(size),
            found: bytes.len(),
        });
    }
    macro_rules! read {
        ($type:ty) => {
            bytes
                .as_chunks::<{ size_of::<$type>() }>()
                .0
                .iter()
                .map(|element| <$type>::from_le_bytes(*element) as f64)
                .collect()
        };
    }
    Ok(match datatype {
        Datatype::Bool | Datatype::Uint8 => bytes.iter().map(|byte| f64::from(*byte)).collect(),
        Datatype::Int8 => read!(i8),
        Datatype::Uint16 => read!(u16),
        Datatype::Int16 => read!(i16),
        Datatype::Uint32 => read!(u32),
        Datatype::Int32 => read!(i32),
        Datatype::Uint64 => read!(u64),
        Datatype::Int64 => read!(i64),
        Datatype::Fp32 => read!(f32),
        Datatype::Fp64 => read!(f64),
        Datatype::Bytes => Vec::new(),
    })
}

/// Elements of a tensor of 64-bit whole numbers, with all their digits.
pub(crate) fn integers_from_bytes(
    column: &str,
    datatype: Datatype,
    bytes: &[u8],
    count: usize,
) -> Result<Vec<i128>, InferError> {
    let (elements, rest) = bytes.as_chunks::<8>();
    if elements.len() != count || !rest.is_empty() {
        return Err(InferError::BinarySize {
            column: column.to_owned(),
            expected: count.saturating_mul(8),
            found: bytes.len(),
        });
    }
    let signed = |element: &[u8; 8]| i128::from(i64::from_le_bytes(*element));
    let unsigned = |element: &[u8; 8]| i128::from(u64::from_le_bytes(*element));
    Ok(match datatype {
        Datatype::Uint64 => elements.iter().map(unsigned).collect(),
        _ => elements.iter().map(signed).collect(),
    })
}

/// Elements of a BYTES tensor: each a length of four bytes, little-endian, and UTF-8 of that length.
pub(crate) fn texts_from_bytes(
    column: &str,
    mut bytes: &[u8],
    count: usize,
) -> Result<Vec<String>, InferError> {
    let mut texts = Vec::with_capacity(count.min(bytes.len() / 4));
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let Some((text, rest)) = rest.split_at_checked(length) else {
            return Err(InferError::BinaryText { column: column.to_owned() });
        };
        if texts.len() == count {
            return Err(InferError::BinaryCount { column: column.to_owned(), expected: count });
        }
        texts.push(text_from_utf8(column, texts.len(), text)?);
        bytes = rest;
    }
    if !bytes.is_empty() {
        return Err(InferError::BinaryText { column: column.to_owned() });
    }
    if texts.len() != count {
        return Err(InferError::BinaryCount { column: column.to_owned(), expected: count });
    }
    Ok(texts)
}

/// One text of a column.
pub(crate) fn text_from_utf8(column: &str, row: usize, bytes: &[u8]) -> Result<String, InferError> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| InferError::NotUtf8 { column: column.to_owned(), row })
}

/// Numbers as little-endian FP64.
pub(crate) fn bytes_from_numbers(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Texts as a BYTES tensor.
pub(crate) fn bytes_from_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_protocol_and_nothing_else() {
        for (name, datatype) in Datatype::NAMES {
            assert_eq!(Datatype::parse(name), Some(datatype));
            assert_eq!(datatype.as_str(), name);
        }
        for name in ["fp64", "FP16", "STRING", ""] {
            assert_eq!(Datatype::parse(name), None);
        }
    }

    #[test]
    fn numbers_are_read_in_every_width() {
        let read = |datatype, bytes: &[u8]| numbers_from_bytes("x", datatype, bytes, 1).unwrap()[0];
        assert_eq!(read(Datatype::Int8, &(-3_i8).to_le_bytes()), -3.0);
        assert_eq!(read(Datatype::Uint16, &65_535_u16.to_le_bytes()), 65_535.0);
        assert_eq!(read(Datatype::Int32, &(-70_000_i32).to_le_bytes()), -70_000.0);
        assert_eq!(read(Datatype::Fp32, &0.25_f32.to_le_bytes()), 0.25);
        assert_eq!(read(Datatype::Fp64, &1e300_f64.to_le_bytes()), 1e300);
        assert!(read(Datatype::Fp64, &f64::NAN.to_le_bytes()).is_nan());
    }

    #[test]
    fn bytes_of_another_length_are_refused() {
        for bytes in [&[][..], &[0; 7], &[0; 9]] {
            assert!(matches!(
                numbers_from_bytes("x", Datatype::Fp64, bytes, 1),
                Err(InferError::BinarySize { expected: 8, .. })
            ));
        }
    }

    #[test]
    fn texts_go_there_and_back() {
        let bytes = bytes_from_texts(["Yes", "", "naïve"]);
        assert_eq!(texts_from_bytes("x", &bytes, 3).unwrap(), ["Yes", "", "naïve"]);
        assert!(matches!(texts_from_bytes("x", &bytes, 2), Err(InferError::BinaryCount { .. })));
        assert!(matches!(texts_from_bytes("x", &bytes, 4), Err(InferError::BinaryCount { .. })));
        let cut = &bytes[..bytes.len() - 1];
        assert!(matches!(texts_from_bytes("x", cut, 3), Err(InferError::BinaryText { .. })));
        let long = u32::MAX.to_le_bytes();
        assert!(matches!(texts_from_bytes("x", &long, 1), Err(InferError::BinaryText { .. })));
        let latin = [1, 0, 0, 0, 0xe9];
        assert!(matches!(
            texts_from_bytes("x", &latin, 1),
            Err(InferError::NotUtf8 { row: 0, .. })
        ));
    }
}
