//! Products of matrices of floats.
//!
//! The sum of each number of a product is taken in the order of the inner dimension, by multiplications and additions that are
//! rounded one by one, so that the product has the same bits on every processor. Libraries that choose fused instructions
//! where a processor has them give other bits there, and a fit is the same wherever it is made.

/// Lines of the left matrix that are multiplied at a time.
const LINES: usize = 4;
/// Columns of the right matrix that are multiplied at a time: two registers of four floats, which every processor has.
const COLUMNS: usize = 8;

/// Room for two matrices in the order in which they are read.
#[derive(Debug, Default)]
pub(super) struct Packed {
    left: Vec<[f32; LINES]>,
    right: Vec<[f32; COLUMNS]>,
}

/// Sizes of a product: `lines` times `inner`, times `inner` times `columns`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub(super) lines: usize,
    pub(super) inner: usize,
    pub(super) columns: usize,
}

/// Writes the product into `out`, line after line. `left` and `right` fill a block with the numbers of the lines (of the columns)
/// from the first on, at a place of the inner dimension.
pub(super) fn multiply(
    sizes: Sizes,
    left: impl Fn(usize, usize, &mut [f32]),
    right: impl Fn(usize, usize, &mut [f32]),
    packed: &mut Packed,
    out: &mut Vec<f32>,
) {
    let Sizes { lines, inner, columns } = sizes;
    pack(&mut packed.left, lines, inner, left);
    pack(&mut packed.right, columns, inner, right);
    out.clear();
    out.resize(lines * columns, 0.0);
    if lines == 0 || inner == 0 || columns == 0 {
        return;
    }
    for (panel, out) in packed.left.chunks_exact(inner).zip(out.chunks_mut(LINES * columns)) {
        for (block, right) in packed.right.chunks_exact(inner).enumerate() {
            let sums = block_of(panel, right);
            for (line, sums) in out.chunks_exact_mut(columns).zip(&sums) {
                for (out, sum) in line.iter_mut().skip(block * COLUMNS).zip(sums) {
                    *out = *sum;
                }
            }
        }
    }
}

/// The sums of four lines and eight columns.
fn block_of(left: &[[f32; LINES]], right: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; LINES] {
    let mut sums = [[0.0; COLUMNS]; LINES];
    for (left, right) in left.iter().zip(right) {
        for (sums, left) in sums.iter_mut().zip(left) {
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum += left * right;
            }
        }
    }
    sums
}

/// Panels of so many lines, each with its numbers place after place; lines that do not exist are 0.
fn pack<const WIDTH: usize>(
    panels: &mut Vec<[f32; WIDTH]>,
    lines: usize,
    inner: usize,
    fill: impl Fn(usize, usize, &mut [f32]),
) {
    panels.clear();
    panels.reserve(lines.div_ceil(WIDTH) * inner);
    for first in (0..lines).step_by(WIDTH) {
        let count = WIDTH.min(lines - first);
        for place in 0..inner {
            let mut block = [0.0; WIDTH];
            fill(first, place, block.get_mut(..count).unwrap_or_default());
            panels.push(block);
        }
    }
}

/// Fills a block from a matrix whose lines are the panel's: the numbers of one column.
pub(super) fn across(matrix: &[f32], width: usize) -> impl Fn(usize, usize, &mut [f32]) {
    move |first, place, block| {
        let from = matrix.get(first * width + place..).unwrap_or_default();
        for (slot, value) in block.iter_mut().zip(from.iter().step_by(width.max(1))) {
            *slot = *value;
        }
    }
}

/// Fills a block from a matrix whose lines are the inner dimension: neighbouring numbers of one line.
pub(super) fn along(matrix: &[f32], width: usize) -> impl Fn(usize, usize, &mut [f32]) {
    move |first, place, block| {
        let start = place * width + first;
        if let Some(from) = matrix.get(start..start + block.len()) {
            block.copy_from_slice(from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(lines: usize, columns: usize, seed: usize) -> Vec<f32> {
        (0..lines * columns).map(|place| ((place * 37 + seed) % 23) as f32 / 7.0 - 1.5).collect()
    }

    #[test]
    fn a_product_is_the_sum_in_order_whatever_its_sizes() {
        for (lines, inner, columns) in [(1, 1, 1), (4, 8, 8), (5, 3, 9), (13, 17, 21), (3, 0, 2)] {
            let (left, right) = (matrix(lines, inner, 1), matrix(inner, columns, 5));
            let plain: Vec<f32> = (0..lines)
                .flat_map(|line| (0..columns).map(move |column| (line, column)))
                .map(|(line, column)| {
                    (0..inner).fold(0.0, |sum, place| {
                        sum + left[line * inner + place] * right[place * columns + column]
                    })
                })
                .collect();
            let transposed: Vec<f32> = (0..inner)
                .flat_map(|place| (0..lines).map(move |line| (line, place)))
                .map(|(line, place)| left[line * inner + place])
                .collect();
            let (mut packed, mut out) = (Packed::default(), Vec::new());
            let sizes = Sizes { lines, inner, columns };
            multiply(sizes, across(&left, inner), along(&right, columns), &mut packed, &mut out);
            assert_eq!(out, plain, "{lines} {inner} {columns}");
            multiply(
                sizes,
                along(&transposed, lines),
                along(&right, columns),
                &mut packed,
                &mut out,
            );
            assert_eq!(out, plain, "{lines} {inner} {columns}");
        }
    }
}
