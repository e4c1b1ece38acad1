//! Matrices without their zeros.

use scoring::LinearEncoding;
use tabular::FeatureMatrix;

/// A matrix as its lines, rows or columns, each with the places and values of what is not zero in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sparse {
    /// Where each line begins in the other two, and where the last one ends.
    starts: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f64>,
    /// Places that a line has.
    width: usize,
}

impl Sparse {
    /// The encoded rows of a matrix.
    pub(crate) fn encoded(encoding: &LinearEncoding, features: &FeatureMatrix) -> Self {
        let mut lines =
            Self { starts: vec![0], places: vec![], values: vec![], width: encoding.width() };
        for row in features.iter_rows() {
            encoding.each(row, |place, value| {
                if value != 0.0
                    && let Ok(place) = u32::try_from(place)
                {
                    lines.places.push(place);
                    lines.values.push(value);
                }
            });
            lines.starts.push(lines.places.len());
        }
        lines
    }

    /// Places that a line has.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Number of lines.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The lines in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.starts.windows(2).map(|bounds| {
            let range = bounds.first().copied().unwrap_or(0)..bounds.last().copied().unwrap_or(0);
            Line {
                places: self.places.get(range.clone()).unwrap_or(&[]),
                values: self.values.get(range).unwrap_or(&[]),
            }
        })
    }

    /// The columns of rows, or the rows of columns.
    pub(crate) fn transposed(&self) -> Self {
        let mut starts = vec![0_usize; self.width + 1];
        for &place in &self.places {
            if let Some(count) = starts.get_mut(place as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut places = vec![0; self.places.len()];
        let mut values = vec![0.0; self.values.len()];
        for (line, of) in self.lines().enumerate() {
            for (place, value) in of.iter() {
                let Some(slot) = next.get_mut(place) else { continue };
                if let (Some(to), Some(into)) = (places.get_mut(*slot), values.get_mut(*slot)) {
                    // Lines were counted with 32 bits when they were rows of a table.
                    *to = u32::try_from(line).unwrap_or(u32::MAX);
                    *into = value;
                }
                *slot += 1;
            }
        }
        Self { starts, places, values, width: self.len() }
    }
}

/// What is not zero in a row or a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    places: &'a [u32],
    values: &'a [f64],
}

impl Line<'_> {
    /// Places with their values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, f64)> {
        self.places.iter().zip(self.values).map(|(&place, &value)| (place as usize, value))
    }

    /// The sum of the products with what stands at the same places.
    pub(crate) fn dot(&self, other: &[f64]) -> f64 {
        self.iter().map(|(place, value)| value * other.get(place).copied().unwrap_or(0.0)).sum()
    }

    /// Adds the line times `factor` to what stands at its places.
    pub(crate) fn add_to(&self, other: &mut [f64], factor: f64) {
        for (place, value) in self.iter() {
            if let Some(slot) = other.get_mut(place) {
                *slot += factor * value;
            }
        }
    }
}
