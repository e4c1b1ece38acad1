//! A distribution of numbers as a cumulative function, from values or from a sketch, and the distances between two.

/// A place where the cumulative function is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Knot {
    /// Value at which the function is known.
    pub(crate) x: f64,
    /// Number of rows with a smaller value.
    pub(crate) below: f64,
    /// Rows up to and with it.
    pub(crate) upto: f64,
}

/// A cumulative function: steps of values that are known, straight lines between the knots of a sketch.
///
/// Knots ascend strictly, and their counts never fall.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Distribution {
    knots: Vec<Knot>,
    rows: f64,
    error: f64,
}

impl Distribution {
    /// The distribution of values in ascending order, none of them NaN.
    pub(crate) fn of_sorted(values: &[f64]) -> Self {
        let mut knots: Vec<Knot> = Vec::new();
        for (row, value) in values.iter().enumerate() {
            let upto = (row + 1) as f64;
            match knots.last_mut() {
                Some(last) if last.x == *value => last.upto = upto,
                _ => knots.push(Knot { x: *value, below: row as f64, upto }),
            }
        }
        Self { knots, rows: values.len() as f64, error: 0.0 }
    }

    /// A distribution by its knots, and the share of rows by which it may be wrong.
    pub(crate) fn of_knots(knots: Vec<Knot>, rows: f64, error: f64) -> Self {
        Self { knots, rows, error }
    }

    /// Number of rows, as `f64`.
    pub(crate) fn rows(&self) -> f64 {
        self.rows
    }

    /// The share of rows by which a cumulative share may be wrong; 0 where it is exact.
    pub(crate) fn error(&self) -> f64 {
        self.error
    }

    /// Different values, where they are known.
    pub(crate) fn knots(&self) -> &[Knot] {
        &self.knots
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.knots.is_empty()
    }

    /// The least and the greatest value.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        Some((self.knots.first()?.x, self.knots.last()?.x))
    }

    /// Rows below a value.
    pub(crate) fn below(&self, x: f64) -> f64 {
        let next = self.knots.partition_point(|knot| knot.x < x);
        match self.knots.get(next) {
            Some(knot) if knot.x == x => knot.below,
            _ => self.between(next, x),
        }
    }

    /// Rows up to and with a value.
    pub(crate) fn upto(&self, x: f64) -> f64 {
        let next = self.knots.partition_point(|knot| knot.x < x);
        match self.knots.get(next) {
            Some(knot) if knot.x == x => knot.upto,
            _ => self.between(next, x),
        }
    }

    /// Rows up to a value that lies before the knot `next` and after the one before it.
    fn between(&self, next: usize, x: f64) -> f64 {
        let before = next.checked_sub(1).and_then(|before| self.knots.get(before));
        match (before, self.knots.get(next)) {
            (None, _) => 0.0,
            (Some(_), None) => self.rows,
            (Some(before), Some(next)) if next.below > before.upto => {
                let fraction = fraction(before.x, x, next.x);
                before.upto + fraction * (next.below - before.upto)
            }
            (Some(before), Some(_)) => before.upto,
        }
    }

    /// The value at a share of the rows, between two of them by a straight line: numpy's default.
    pub(crate) fn quantile(&self, share: f64) -> Option<f64> {
        if self.error > 0.0 {
            return self.quantile_of_lines(share * self.rows);
        }
        let place = (self.rows - 1.0) * share;
        let before = place.floor();
        let (from, to) = (self.order_statistic(before)?, self.order_statistic(before + 1.0));
        let Some(to) = to else { return Some(from) };
        let step = place - before;
        let width = to - from;
        Some(if step >= 0.5 { to - width * (1.0 - step) } else { from + width * step })
    }

    /// The value of a row in ascending order, counted from 0.
    fn order_statistic(&self, row: f64) -> Option<f64> {
        let at = self.knots.partition_point(|knot| knot.upto <= row);
        self.knots.get(at).map(|knot| knot.x)
    }

    fn quantile_of_lines(&self, rows: f64) -> Option<f64> {
        let at = self.knots.partition_point(|knot| knot.upto < rows);
        let knot = self.knots.get(at).or(self.knots.last())?;
        let before = at.checked_sub(1).and_then(|before| self.knots.get(before));
        match before {
            Some(before) if rows < knot.below && knot.below > before.upto => {
                let share = (rows - before.upto) / (knot.below - before.upto);
                Some(before.x * (1.0 - share) + knot.x * share)
            }
            _ => Some(knot.x),
        }
    }

    /// Edges between bins that hold as many rows each, as far as values repeat seldom: quantiles, each once.
    pub(crate) fn inner_edges(&self, bins: usize) -> Vec<f64> {
        let width = 1.0 / bins as f64;
        let mut edges: Vec<f64> =
            (1..bins).filter_map(|edge| self.quantile(edge as f64 * width)).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges
    }

    /// Rows of each bin: below the first edge, from each edge to the next, from the last edge on.
    pub(crate) fn bin_rows(&self, edges: &[f64]) -> Vec<f64> {
        let mut rows = Vec::with_capacity(edges.len() + 1);
        let mut before = 0.0;
        for edge in edges {
            let below = self.below(*edge);
            rows.push(below - before);
            before = below;
        }
        rows.push(self.rows - before);
        rows
    }
}

/// How far `x` is on the way; without an overflow of the width.
fn fraction(from: f64, x: f64, to: f64) -> f64 {
    ((x * 0.5 - from * 0.5) / (to * 0.5 - from * 0.5)).clamp(0.0, 1.0)
}

/// Calls back with every knot of either, in order: the value, and the shares below it and up to it of both.
fn walk(a: &Distribution, b: &Distribution, mut visit: impl FnMut(f64, [f64; 2], [f64; 2])) {
    let (mut i, mut j) = (0, 0);
    loop {
        let x = match (a.knots.get(i), b.knots.get(j)) {
            (None, None) => return,
            (Some(knot), None) | (None, Some(knot)) => knot.x,
            (Some(one), Some(other)) => one.x.min(other.x),
        };
        let at = |of: &Distribution, position: &mut usize| match of.knots.get(*position) {
            Some(knot) if knot.x == x => {
                *position += 1;
                [knot.below / of.rows, knot.upto / of.rows]
            }
            _ => [of.between(*position, x) / of.rows; 2],
        };
        let shares = at(a, &mut i);
        visit(x, shares, at(b, &mut j));
    }
}

/// The greatest distance of the cumulative shares: the statistic of Kolmogorov and Smirnov.
pub(crate) fn largest_difference(a: &Distribution, b: &Distribution) -> f64 {
    let mut largest = 0.0_f64;
    walk(a, b, |_, [a_below, a_upto], [b_below, b_upto]| {
        largest = largest.max((a_upto - b_upto).abs()).max((a_below - b_below).abs());
    });
    largest
}

/// The area between the cumulative shares: the first Wasserstein distance.
pub(crate) fn area_between(a: &Distribution, b: &Distribution) -> f64 {
    let mut area = 0.0;
    let mut before: Option<(f64, f64)> = None;
    walk(a, b, |x, [a_below, a_upto], [b_below, b_upto]| {
        if let Some((from, start)) = before {
            area += strip(start, a_below - b_below) * (x - from);
        }
        before = Some((x, a_upto - b_upto));
    });
    area
}

/// The mean of the absolute values on the straight line from one to the other.
fn strip(start: f64, end: f64) -> f64 {
    if start * end >= 0.0 {
        return 0.5 * (start.abs() + end.abs());
    }
    0.5 * (start * start + end * end) / (start.abs() + end.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Distribution {
        Distribution::of_sorted(values)
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let few = of(&[1.0, 2.0, 4.0, 8.0]);
        for (share, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((few.quantile(share).unwrap() - expected).abs() < 1e-14, "{share}");
        }
        assert_eq!(of(&[3.0]).quantile(0.3), Some(3.0));
        assert_eq!(of(&[]).quantile(0.3), None);
    }

    #[test]
    fn edges_stand_once_and_ends_are_open() {
        let few = of(&[0.0, 0.0, 0.0, 1.0, 1.0, 2.0]);
        assert_eq!(few.inner_edges(4), [0.0, 0.5, 1.0]);
        assert_eq!(few.bin_rows(&[0.0, 0.5, 1.0]), [0.0, 3.0, 0.0, 3.0]);
        assert_eq!(few.bin_rows(&[5.0]), [6.0, 0.0]);
        assert_eq!(few.bin_rows(&[]), [6.0]);
    }

    #[test]
    fn distances_of_values_with_ties() {
        // scipy.stats.ks_2samp and wasserstein_distance
        let (a, b) = (of(&[1.0, 1.0, 2.0, 5.0]), of(&[1.0, 2.0, 2.0]));
        assert!((largest_difference(&a, &b) - 0.25).abs() < 1e-15);
        assert!((area_between(&a, &b) - 11.0 / 12.0).abs() < 1e-15);
        assert_eq!(largest_difference(&a, &a), 0.0);
        assert_eq!(area_between(&a, &a), 0.0);
        let far = of(&[10.0, 11.0]);
        assert_eq!(largest_difference(&a, &far), 1.0);
        assert!((area_between(&a, &far) - 8.25).abs() < 1e-12);
    }

    #[test]
    fn lines_between_knots_are_followed() {
        let knot = |x, below, upto| Knot { x, below, upto };
        // Half of the rows at 0, the rest spread evenly up to 1.
        let sketch = Distribution::of_knots(
            vec![knot(0.0, 0.0, 50.0), knot(1.0, 100.0, 100.0)],
            100.0,
            0.01,
        );
        assert_eq!(sketch.below(0.0), 0.0);
        assert_eq!(sketch.upto(0.0), 50.0);
        assert_eq!(sketch.below(0.5), 75.0);
        assert_eq!(sketch.quantile(0.25), Some(0.0));
        assert_eq!(sketch.quantile(0.75), Some(0.5));
        let even =
            Distribution::of_knots(vec![knot(0.0, 0.0, 0.0), knot(1.0, 10.0, 10.0)], 10.0, 0.01);
        assert_eq!(largest_difference(&sketch, &even), 0.5);
        assert!((area_between(&sketch, &even) - 0.25).abs() < 1e-12);
        // Lines that cross halfway.
        let late = Distribution::of_knots(vec![knot(0.5, 0.0, 10.0)], 10.0, 0.01);
        assert!((area_between(&even, &late) - 0.25).abs() < 1e-12);
    }
}
