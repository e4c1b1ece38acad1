//! A mergeable summary of numbers: a t-digest that keeps repeated values as what they are.
//!
//! Rows are gathered into groups, each known by its mean and its number of rows (Dunning and Ertl 2019, "Computing
//! extremely accurate quantiles using t-digests", the merging variant with the arcsine scale). Two things differ:
//! - up to [`KEPT`] different values nothing is gathered at all, so that windows of few rows and columns of few values are
//!   exact, as are their merges in any order;
//! - a group of equal values stays one: it takes in more of the same value only, and a frequent value is never mixed with
//!   its neighbours. Zeros in a column of amounts stay a step in its cumulative function.
//!
//! There is no randomness: the same values in the same order give the same digest.

use std::borrow::Cow;
use std::f64::consts::PI;

use super::distribution::{Distribution, Knot};

/// Groups that are kept as they are before values are gathered.
pub(crate) const KEPT: usize = 256;
/// Resolution: about as many groups remain of many values, more of them towards both ends.
const RESOLUTION: f64 = 256.0;
/// Values that wait to be sorted in.
const WAITING: usize = 2048;

/// Rows with neighbouring values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Group {
    /// Mean of the group's values.
    pub(crate) mean: f64,
    /// Number of rows in the group.
    pub(crate) rows: u64,
    /// Whether all have the same value.
    pub(crate) equal: bool,
}

/// A t-digest of the values of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Digest {
    groups: Vec<Group>,
    waiting: Vec<f64>,
    rows: u64,
    range: Option<(f64, f64)>,
}

impl Digest {
    /// A digest of groups that were checked: ascending, within the range.
    pub(crate) fn of_groups(groups: Vec<Group>, range: Option<(f64, f64)>) -> Self {
        let rows = groups.iter().map(|group| group.rows).sum();
        Self { groups, waiting: Vec::new(), rows, range }
    }

    /// Number of rows that were added.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// The least and the greatest value.
    pub(crate) fn range(&self) -> Option<(f64, f64)> {
        self.range
    }

    /// Takes a finite value.
    pub(crate) fn add(&mut self, value: f64) {
        // Zero has one sign here.
        let value = value + 0.0;
        self.waiting.push(value);
        self.rows += 1;
        let (least, greatest) = self.range.unwrap_or((value, value));
        self.range = Some((least.min(value), greatest.max(value)));
        if self.waiting.len() >= WAITING {
            self.gather();
        }
    }

    /// Takes the rows of another digest.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.gather();
        let other = other.gathered();
        let groups = std::mem::take(&mut self.groups);
        self.groups = compressed(in_order(groups, &other.groups), self.rows + other.rows);
        self.rows += other.rows;
        self.range = match (self.range, other.range) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (one, another) => one.or(another),
        };
    }

    /// The digest with every value in a group.
    pub(crate) fn gathered(&self) -> Cow<'_, Self> {
        if self.waiting.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut own = self.clone();
        own.gather();
        Cow::Owned(own)
    }

    /// The groups, in order; of a gathered digest, of all rows.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    fn gather(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.waiting.sort_unstable_by(f64::total_cmp);
        let mut fresh: Vec<Group> = Vec::with_capacity(self.waiting.len());
        for value in self.waiting.drain(..) {
            match fresh.last_mut() {
                Some(last) if last.mean == value => last.rows += 1,
                _ => fresh.push(Group { mean: value, rows: 1, equal: true }),
            }
        }
        let groups = std::mem::take(&mut self.groups);
        self.groups = compressed(in_order(groups, &fresh), self.rows);
    }

    /// Cumulative distribution function of the values, from the groups' means.
    pub(crate) fn distribution(&self) -> Distribution {
        let this = self.gathered();
        let Some((least, greatest)) = this.range else { return Distribution::default() };
        let rows = this.rows as f64;
        let mut knots: Vec<Knot> = Vec::with_capacity(this.groups.len() + 2);
        let mixed = |group: Option<&Group>| group.is_some_and(|group| !group.equal);
        if mixed(this.groups.first()) {
            knots.push(Knot { x: least, below: 0.0, upto: 0.5 });
        }
        let mut before = 0.0;
        for group in &this.groups {
            let upto = before + group.rows as f64;
            let knot = if group.equal {
                Knot { x: group.mean, below: before, upto }
            } else {
                let middle = before + group.rows as f64 / 2.0;
                Knot { x: group.mean, below: middle, upto: middle }
            };
            before = upto;
            push(&mut knots, knot);
        }
        if mixed(this.groups.last()) {
            push(&mut knots, Knot { x: greatest, below: rows - 0.5, upto: rows });
        }
        Distribution::of_knots(knots, rows, this.error())
    }

    /// The share of the rows by which a cumulative share may be wrong: that of the largest group of different values.
    ///
    /// Half of it is what is seen at most where groups do not overlap; merging makes them overlap a little.
    pub(crate) fn error(&self) -> f64 {
        let mixed = self.groups.iter().filter(|group| !group.equal).map(|group| group.rows);
        mixed.max().map_or(0.0, |rows| rows as f64 / self.rows.max(1) as f64)
    }
}

/// Adds a knot behind those that are there, or to the last where rounding has brought both to the same value.
fn push(knots: &mut Vec<Knot>, knot: Knot) {
    match knots.last_mut() {
        Some(last) if last.x >= knot.x => last.upto = knot.upto.max(last.upto),
        _ => knots.push(knot),
    }
}

/// Both in one ascending order, equal values as one group.
fn in_order(groups: Vec<Group>, more: &[Group]) -> Vec<Group> {
    let mut merged: Vec<Group> = Vec::with_capacity(groups.len() + more.len());
    let mut more = more.iter().copied().peekable();
    let mut put = |group: Group| match merged.last_mut() {
        Some(last) if last.equal && group.equal && last.mean == group.mean => {
            last.rows += group.rows;
        }
        _ => merged.push(group),
    };
    for group in groups {
        while let Some(next) = more.next_if(|next| place(next) < place(&group)) {
            put(next);
        }
        put(group);
    }
    more.for_each(put);
    merged
}

/// Where a group stands: by its mean, groups of equal values after others of the same mean, so that they meet.
fn place(group: &Group) -> (f64, bool) {
    (group.mean, group.equal)
}

/// Gathers neighbours as far as the scale allows.
fn compressed(groups: Vec<Group>, rows: u64) -> Vec<Group> {
    if groups.len() <= KEPT {
        return groups;
    }
    let total = rows as f64;
    let scale = |share: f64| RESOLUTION / (2.0 * PI) * (2.0 * share.min(1.0) - 1.0).asin();
    let unscale = |scale: f64| {
        let angle = (scale * 2.0 * PI / RESOLUTION).min(PI / 2.0);
        0.5 * (angle.sin() + 1.0)
    };
    let mut kept: Vec<Group> = Vec::with_capacity(KEPT);
    let mut groups = groups.into_iter();
    let Some(mut open) = groups.next() else { return kept };
    let mut before = 0_u64;
    // The share up to which the open group may take more.
    let mut end = unscale(scale(0.0) + 1.0);
    for group in groups {
        let upto = (before + open.rows + group.rows) as f64 / total;
        if upto <= end {
            open = together(open, group);
        } else {
            before += open.rows;
            kept.push(open);
            open = group;
            end = unscale(scale(before as f64 / total) + 1.0);
        }
    }
    kept.push(open);
    kept
}

fn together(a: Group, b: Group) -> Group {
    let rows = a.rows + b.rows;
    let equal = a.equal && b.equal && a.mean == b.mean;
    // Weighted without an overflow, and never outside of both.
    let share = b.rows as f64 / rows as f64;
    let mean = (a.mean * (1.0 - share) + b.mean * share).clamp(a.mean, b.mean);
    Group { mean, rows, equal }
}

#[cfg(test)]
mod tests;
