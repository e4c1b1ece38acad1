//! Blocks of a column as bytes: whole numbers as narrow as they are, codes of texts as narrow as there are texts.
//!
//! Nothing is compressed further: digits that were measured do not compress, and what repeats is narrow already.

use tabular::parse::DAY_MICROSECONDS;
use tabular::{ColumnType, TextColumn};

/// How the values of a block are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// Doubles.
    Double,
    /// Whole multiples of the unit, of one byte; the least stands for a missing one.
    Byte,
    /// Of two.
    Two,
    /// Of four.
    Four,
}

/// A block of numbers or of codes, encoded.
pub(crate) struct Block {
    pub(crate) width: Width,
    pub(crate) bytes: Vec<u8>,
}

/// What whole numbers of a type count: days for dates.
fn unit(column_type: ColumnType) -> f64 {
    if column_type == ColumnType::Date { DAY_MICROSECONDS } else { 1.0 }
}

/// The whole multiple of a unit that a number is, exactly; none where it is none of 32 bits.
fn multiple(value: f64, unit: f64) -> Option<i32> {
    let times = (value / unit) as i32;
    let same = (f64::from(times) * unit).to_bits() == value.to_bits();
    (same && times != i32::MIN).then_some(times)
}

/// Numbers, NaN being missing.
pub(crate) fn numbers(values: &[f64], column_type: ColumnType) -> Block {
    let unit = unit(column_type);
    let mut greatest = 0;
    let mut whole = Vec::with_capacity(values.len());
    for value in values {
        match multiple(*value, unit) {
            Some(times) => {
                greatest = greatest.max(times.unsigned_abs());
                whole.push(Some(times));
            }
            None if value.is_nan() => whole.push(None),
            None => {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                return Block { width: Width::Double, bytes };
            }
        }
    }
    let whole = || whole.iter().copied();
    if greatest < 1 << 7 {
        let bytes =
            whole().flat_map(|times| (times.map_or(i8::MIN, |times| times as i8)).to_le_bytes());
        Block { width: Width::Byte, bytes: bytes.collect() }
    } else if greatest < 1 << 15 {
        let bytes =
            whole().flat_map(|times| (times.map_or(i16::MIN, |times| times as i16)).to_le_bytes());
        Block { width: Width::Two, bytes: bytes.collect() }
    } else {
        let bytes = whole().flat_map(|times| times.unwrap_or(i32::MIN).to_le_bytes());
        Block { width: Width::Four, bytes: bytes.collect() }
    }
}

/// Adds the numbers of a block.
pub(crate) fn read_numbers(
    width: Width,
    bytes: &[u8],
    column_type: ColumnType,
    into: &mut Vec<f64>,
) {
    let unit = unit(column_type);
    let times =
        |times: i32, missing: bool| if missing { f64::NAN } else { f64::from(times) * unit };
    match width {
        Width::Double => into.extend(words::<8>(bytes).map(f64::from_le_bytes)),
        Width::Byte => into.extend(
            words::<1>(bytes).map(i8::from_le_bytes).map(|of| times(of.into(), of == i8::MIN)),
        ),
        Width::Two => into.extend(
            words::<2>(bytes).map(i16::from_le_bytes).map(|of| times(of.into(), of == i16::MIN)),
        ),
        Width::Four => into
            .extend(words::<4>(bytes).map(i32::from_le_bytes).map(|of| times(of, of == i32::MIN))),
    }
}

/// Codes of texts; the greatest of each width stands for a missing one.
pub(crate) fn codes(codes: &[u32]) -> Block {
    let present = codes.iter().filter(|code| **code != TextColumn::MISSING);
    let greatest = present.max().copied().unwrap_or(0);
    if greatest < u32::from(u8::MAX) {
        let bytes = codes.iter().map(|code| u8::try_from(*code).unwrap_or(u8::MAX)).collect();
        Block { width: Width::Byte, bytes }
    } else if greatest < u32::from(u16::MAX) {
        let narrow = codes.iter().map(|code| u16::try_from(*code).unwrap_or(u16::MAX));
        Block { width: Width::Two, bytes: narrow.flat_map(u16::to_le_bytes).collect() }
    } else {
        let bytes = codes.iter().flat_map(|code| code.to_le_bytes()).collect();
        Block { width: Width::Four, bytes }
    }
}

/// Adds the codes of a block.
pub(crate) fn read_codes(width: Width, bytes: &[u8], into: &mut Vec<u32>) {
    let code = |code: u32, missing: bool| if missing { TextColumn::MISSING } else { code };
    match width {
        Width::Byte => into.extend(bytes.iter().map(|of| code((*of).into(), *of == u8::MAX))),
        Width::Two => into.extend(
            words::<2>(bytes).map(u16::from_le_bytes).map(|of| code(of.into(), of == u16::MAX)),
        ),
        Width::Four | Width::Double => into.extend(words::<4>(bytes).map(u32::from_le_bytes)),
    }
}

fn words<const BYTES: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; BYTES]> {
    bytes.chunks_exact(BYTES).filter_map(|word| word.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(values: &[f64], column_type: ColumnType, width: Width) {
        let block = numbers(values, column_type);
        assert_eq!(block.width, width, "{values:?}");
        let mut read = Vec::new();
        read_numbers(block.width, &block.bytes, column_type, &mut read);
        let bits = |values: &[f64]| {
            let bits = |value: &f64| if value.is_nan() { None } else { Some(value.to_bits()) };
            values.iter().map(bits).collect::<Vec<_>>()
        };
        assert_eq!(bits(&read), bits(values));
    }

    #[test]
    fn numbers_are_read_back_to_the_bit() {
        let (nan, integer) = (f64::NAN, ColumnType::Integer);
        same(&[1.0, nan, -127.0, 127.0, 0.0], integer, Width::Byte);
        same(&[128.0, nan], integer, Width::Two);
        same(&[-128.0, nan], integer, Width::Two);
        same(&[32_768.0, 1.0], integer, Width::Four);
        same(&[2_147_483_648.0, 1.0], integer, Width::Double);
        same(&[-2_147_483_648.0, 1.0], integer, Width::Double);
        same(&[0.5, nan], ColumnType::Number, Width::Double);
        same(&[-0.0, 1.0], ColumnType::Number, Width::Double);
        same(&[1e300, -1e-300], ColumnType::Number, Width::Double);
        same(&[], integer, Width::Byte);
        let days = [19_844.0 * DAY_MICROSECONDS, nan, -DAY_MICROSECONDS];
        same(&days, ColumnType::Date, Width::Two);
        same(&days, ColumnType::Timestamp, Width::Double);
    }

    #[test]
    fn codes_are_read_back() {
        for (greatest, width) in [
            (0, Width::Byte),
            (254, Width::Byte),
            (255, Width::Two),
            (65_534, Width::Two),
            (65_535, Width::Four),
        ] {
            let written = [0, greatest, TextColumn::MISSING];
            let block = codes(&written);
            assert_eq!(block.width, width, "{greatest}");
            let mut read = Vec::new();
            read_codes(block.width, &block.bytes, &mut read);
            assert_eq!(read, written);
        }
    }
}
