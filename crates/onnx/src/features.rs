//! From raw columns to features: what `scoring::FeatureEncoder` does, as nodes.

use std::collections::BTreeMap;

use scoring::{FeatureEncoder, Signature, Value};
use tabular::cleaning::{Cap, ColumnCleaning, Impute, Outside};
use tabular::parse::DAY_MICROSECONDS;
use tabular::plan::{Feature, Transform};
use tabular::{CleaningPlan, ColumnType, FeaturePlan};

use crate::graph::{Graph, Name, ints, length, strings};
use crate::proto::DataType;
use crate::{Error, Kind, Tensor, dates, texts};

/// The features of a plan, each a column of doubles.
#[derive(Debug)]
pub(crate) struct Features {
    /// The raw columns, in order.
    pub(crate) inputs: Vec<Tensor>,
    /// The features, in order.
    pub(crate) columns: Vec<Name>,
    /// Whether each has category codes for values.
    pub(crate) categorical: Vec<bool>,
}

/// A raw column after cleaning.
enum CleanedColumn {
    /// Names of the tensors of numbers, and of those before missing ones were filled; a missing one is NaN.
    Numbers { values: Name, unfilled: Name },
    /// Texts of which some are known.
    Texts(KnownTexts),
}

/// Texts of which some are known.
struct KnownTexts {
    /// Name of the tensor of texts.
    raw: Name,
    /// For each row which of the known texts it has; `texts.len()` for any other.
    ids: Name,
    /// The known texts. The first one is empty and stands for all that is missing.
    texts: Vec<String>,
}

impl Features {
    pub(crate) fn build(
        graph: &mut Graph,
        plan: &FeaturePlan,
        signature: &Signature,
    ) -> Result<Self, Error> {
        plan.check()?;
        let mut inputs = Vec::new();
        let mut cleaned = BTreeMap::new();
        for column in plan.input_columns() {
            let input = input(column, signature)?;
            let values = clean(graph, column, &input, &plan.features);
            cleaned.insert(column.name.as_str(), (column, values));
            inputs.push(input);
        }
        let mut columns = vec![None; plan.features.len()];
        let texts = cleaned.values().filter_map(|(column, cleaned)| match cleaned {
            CleanedColumn::Texts(known) => Some((*column, known)),
            CleanedColumn::Numbers { .. } => None,
        });
        for (column, known) in texts {
            of_text(graph, column, known, &plan.features, &mut columns)?;
        }
        for (place, feature) in columns.iter_mut().zip(&plan.features) {
            if place.is_none() {
                let number = |name: &str| match cleaned.get(name) {
                    Some((_, CleanedColumn::Numbers { values, .. })) => Ok(values.as_str()),
                    _ => Err(Error::Misfit { what: "a feature is made from what is no number" }),
                };
                let unfilled = |name: &str| match cleaned.get(name) {
                    Some((_, CleanedColumn::Numbers { unfilled, .. })) => Ok(unfilled.as_str()),
                    _ => Err(Error::Misfit { what: "a feature is made from what is no number" }),
                };
                let made = match &feature.transform {
                    Transform::GroupDifference { input, group, levels, means, overall } => {
                        let Some((column, CleanedColumn::Texts(known))) =
                            cleaned.get(group.as_str())
                        else {
                            let what = "a group is made from what is no text";
                            return Err(Error::Misfit { what });
                        };
                        let mean = Transform::GroupMean {
                            input: group.clone(),
                            of: input.clone(),
                            levels: levels.clone(),
                            means: means.clone(),
                            overall: *overall,
                        };
                        let mean = Feature { name: feature.name.clone(), transform: mean };
                        let mean = by_text(graph, column, known, vec![mean])?.pop();
                        let mean = mean.ok_or(Error::Misfit { what: "a group has no mean" })?;
                        let made = graph.node("Sub", &[number(input)?, &mean]);
                        finite(graph, &made)
                    }
                    // Whether a value is missing is asked before anything is put in its place.
                    transform @ Transform::MissingIndicator { .. } => {
                        of_numbers(graph, transform, unfilled)?
                    }
                    transform => of_numbers(graph, transform, number)?,
                };
                *place = Some(made);
            }
        }
        let categorical =
            plan.features.iter().map(|feature| feature.transform.categories().is_some());
        Ok(Self {
            inputs,
            categorical: categorical.collect(),
            columns: columns.into_iter().flatten().collect(),
        })
    }
}

fn input(column: &ColumnCleaning, signature: &Signature) -> Result<Tensor, Error> {
    let field = signature.inputs.iter().find(|field| field.name == column.name);
    let field =
        field.ok_or(Error::Misfit { what: "the plan needs what the signature does not have" })?;
    let kind = match (field.column_type, field.nullable) {
        (ColumnType::Text, _) => Kind::Text,
        (ColumnType::Boolean, false) => Kind::Boolean,
        (ColumnType::Integer, false) => Kind::Long,
        _ => Kind::Double,
    };
    Ok(Tensor { name: field.name.clone(), kind })
}

fn clean(
    graph: &mut Graph,
    column: &ColumnCleaning,
    input: &Tensor,
    features: &[Feature],
) -> CleanedColumn {
    match input.kind {
        Kind::Text => {
            let texts = known_texts(column, features);
            let raw = graph.upright(&input.name);
            let ids = text_ids(graph, column, &input.name, &raw, &texts);
            CleanedColumn::Texts(KnownTexts { raw, ids, texts })
        }
        Kind::Double => {
            let raw = graph.upright(&input.name);
            clean_numbers(graph, column, raw)
        }
        Kind::Long | Kind::Boolean => {
            let raw = graph.cast(&input.name, DataType::Double);
            let raw = graph.upright(&raw);
            clean_numbers(graph, column, raw)
        }
    }
}

/// As [`ColumnCleaning::number`] and [`ColumnCleaning::bounded`].
fn clean_numbers(graph: &mut Graph, column: &ColumnCleaning, raw: Name) -> CleanedColumn {
    let mut unfilled = raw;
    if let Some(Cap { low, high }) = column.cap {
        let (low, high) = (graph.number(low), graph.number(high));
        let (below, above) =
            (graph.node("Less", &[&unfilled, &low]), graph.node("Greater", &[&unfilled, &high]));
        let (at_low, at_high) = match column.outside {
            Outside::Cap => (low, high),
            Outside::Null => {
                let missing = graph.number(f64::NAN);
                (missing.clone(), missing)
            }
        };
        let capped = graph.choose(&above, &at_high, &unfilled);
        unfilled = graph.choose(&below, &at_low, &capped);
    }
    let mut values = unfilled.clone();
    if let Some(Impute::Number(fill)) = column.impute {
        let (fill, missing) = (graph.number(fill), graph.node("IsNaN", &[&values]));
        values = graph.choose(&missing, &fill, &values);
    }
    CleanedColumn::Numbers { values, unfilled }
}

/// The texts of which something becomes that does not become of any other: the empty one, which stands for all that is missing,
/// and levels.
fn known_texts(column: &ColumnCleaning, features: &[Feature]) -> Vec<String> {
    let mut texts = vec![String::new()];
    for feature in features {
        if let Some(levels) = feature.transform.levels()
            && feature.transform.inputs().contains(&column.name.as_str())
        {
            texts.extend(levels.iter().cloned());
        }
    }
    // A text with blanks around it is never looked up: those that are given have lost theirs.
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|text| text.trim() == text && seen.insert(text.clone()));
    texts
}

/// Which of the known texts each row has.
fn text_ids(
    graph: &mut Graph,
    column: &ColumnCleaning,
    input: &str,
    raw: &str,
    texts: &[String],
) -> Name {
    let flat = graph.flat(input);
    // One text more, so that there is a part of a text even where all rows are blank; it is taken away again.
    let one_more = graph.texts(["x"]);
    let more = graph.node_with("Concat", &[&flat, &one_more], vec![crate::graph::int("axis", 0)]);
    let parts = graph.trimmed(&more);
    let (start, end) = (graph.longs(&[1], &[0]), graph.longs(&[1], &[-1]));
    let trimmed = graph.node("Slice", &[&parts, &start, &end, &start]);
    let ids = graph.model_node(
        "LabelEncoder",
        &[&trimmed],
        vec![
            strings("keys_strings", texts.iter().map(String::as_str)),
            ints("values_int64s", (0..length(texts.len())).collect()),
            crate::graph::int("default_int64", length(texts.len())),
        ],
    );
    let missing = texts::missing(graph, raw, &column.missing_markers);
    let first = graph.integer(0);
    graph.choose(&missing, &first, &ids)
}

/// The features of a text column.
fn of_text(
    graph: &mut Graph,
    column: &ColumnCleaning,
    known: &KnownTexts,
    features: &[Feature],
    columns: &mut [Option<Name>],
) -> Result<(), Error> {
    let made_of_it = |feature: &Feature| feature.transform.inputs() == [column.name.as_str()];
    let own: Vec<Feature> =
        features.iter().filter(|feature| made_of_it(feature)).cloned().collect();
    if own.is_empty() {
        return Ok(());
    }
    let count = graph.integer(length(known.texts.len()));
    let is_known = graph.node("Less", &[&known.ids, &count]);
    let of_known = by_text(graph, column, known, own.clone())?;
    let places =
        columns.iter_mut().zip(features).filter_map(|(place, of)| made_of_it(of).then_some(place));
    for ((place, of_known), feature) in places.zip(of_known).zip(own) {
        let of_others = match &feature.transform {
            Transform::TextMeasure { measure, .. } => {
                Some(texts::measure(graph, &known.raw, *measure))
            }
            Transform::HasWord { word, .. } => Some(texts::has_word(graph, &known.raw, word)),
            _ => None,
        };
        *place = Some(match of_others {
            Some(of_others) => graph.choose(&is_known, &of_known, &of_others),
            None => of_known,
        });
    }
    Ok(())
}

/// For each feature of a text column a table of what becomes of every known text, and of any other, by the row's text.
fn by_text(
    graph: &mut Graph,
    column: &ColumnCleaning,
    known: &KnownTexts,
    features: Vec<Feature>,
) -> Result<Vec<Name>, Error> {
    let cleaning = CleaningPlan { columns: vec![column.clone()] };
    let encoder = FeatureEncoder::new(&FeaturePlan::new(cleaning, features)?)?;
    let mut unknown = "other".to_owned();
    while known.texts.contains(&unknown) || column.present(&unknown).is_none() {
        unknown.push('_');
    }
    let mut tables = vec![Vec::with_capacity(known.texts.len() + 1); encoder.width()];
    let mut row = vec![f64::NAN; encoder.width()];
    for text in known.texts.iter().chain([&unknown]) {
        encoder.encode_row(&[Value::Text(text)], &mut row)?;
        for (table, value) in tables.iter_mut().zip(&row) {
            table.push(*value);
        }
    }
    let gather = |table: Vec<f64>| {
        let table = graph.doubles(&[table.len()], &table);
        graph.node("Gather", &[&table, &known.ids])
    };
    Ok(tables.into_iter().map(gather).collect())
}

fn of_numbers<'a>(
    graph: &mut Graph,
    transform: &Transform,
    number: impl Fn(&str) -> Result<&'a str, Error>,
) -> Result<Name, Error> {
    let made = match transform {
        Transform::Identity { input } => finite(graph, number(input)?),
        Transform::MissingIndicator { input } => {
            let missing = graph.node("IsNaN", &[number(input)?]);
            graph.cast(&missing, DataType::Double)
        }
        Transform::DatePart { input, part } => dates::part(graph, number(input)?, *part),
        Transform::Ratio { numerator, denominator } => {
            let made = graph.node("Div", &[number(numerator)?, number(denominator)?]);
            finite(graph, &made)
        }
        Transform::Product { left, right } => {
            let made = graph.node("Mul", &[number(left)?, number(right)?]);
            finite(graph, &made)
        }
        Transform::Difference { left, right } => {
            let made = graph.node("Sub", &[number(left)?, number(right)?]);
            finite(graph, &made)
        }
        Transform::Sum { inputs, weights } => {
            let mut sum: Option<Name> = None;
            for (input, weight) in inputs.iter().zip(weights) {
                let weight = graph.number(*weight);
                let term = graph.node("Mul", &[number(input)?, &weight]);
                sum = Some(match sum {
                    Some(sum) => graph.node("Add", &[&sum, &term]),
                    None => term,
                });
            }
            finite(graph, &sum.ok_or(Error::Misfit { what: "a sum is made from no column" })?)
        }
        Transform::DaysBetween { from, to } => {
            let between = graph.node("Sub", &[number(to)?, number(from)?]);
            let day = graph.number(DAY_MICROSECONDS);
            let made = graph.node("Div", &[&between, &day]);
            finite(graph, &made)
        }
        Transform::Category { .. }
        | Transform::TextMeasure { .. }
        | Transform::HasWord { .. }
        | Transform::Frequency { .. }
        | Transform::GroupMean { .. }
        | Transform::GroupDifference { .. } => {
            return Err(Error::Misfit { what: "a text feature is made from what is no text" });
        }
    };
    Ok(made)
}

/// What is infinite is missing.
fn finite(graph: &mut Graph, values: &str) -> Name {
    let (infinite, missing) = (graph.node("IsInf", &[values]), graph.number(f64::NAN));
    graph.choose(&infinite, &missing, values)
}
