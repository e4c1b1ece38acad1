//! The expectations: which there are, and what their arguments mean.

use serde_json::{Map, Value as Json};

use crate::divergence;
use crate::error::{Place, SuiteError};
use crate::json_schema::{Refused, Schema};
use crate::kind::{
    Bound, Bounds, ColumnTest, Expectation, Ignore, Interpolation, Kind, RowTest, Statistic,
    TableTest, ValueTest,
};
use crate::kwargs::Kwargs;
use crate::pattern::Pattern;
use crate::sql::Expression;
use crate::strptime::DateFormat;
use crate::value::{Value, ValueSet};

macro_rules! expectations {
    ($($name:literal => $read:expr;)*) => {
        /// The types of expectations.
        pub const NAMES: &[&str] = &[$($name),*];

        fn kind(name: &str, kwargs: &mut Kwargs<'_>) -> Option<Result<Kind, SuiteError>> {
            match name {
                $($name => {
                    let read: fn(&mut Kwargs<'_>) -> Result<Kind, SuiteError> = $read;
                    Some(read(kwargs))
                })*
                _ => None,
            }
        }
    };
}

expectations! {
    "expect_table_row_count_to_equal" => |it| {
        let value = it.optional_integer("value")?.ok_or_else(|| it.fault("value", "a whole number"))?;
        Ok(Kind::Table(TableTest::RowsEqual(value)))
    };
    "expect_table_row_count_to_be_between" => |it| Ok(Kind::Table(TableTest::Rows(it.whole_bounds()?)));
    "expect_table_column_count_to_equal" => |it| {
        let value = it.optional_integer("value")?.ok_or_else(|| it.fault("value", "a whole number"))?;
        Ok(Kind::Table(TableTest::ColumnsEqual(value)))
    };
    "expect_table_column_count_to_be_between" => |it| Ok(Kind::Table(TableTest::Columns(it.bounds()?)));
    "expect_table_columns_to_match_ordered_list" => |it| {
        Ok(Kind::Table(TableTest::Ordered(it.optional_texts("column_list")?)))
    };
    "expect_table_columns_to_match_set" => |it| {
        let exact = it.json("exact_match") != Some(Json::Bool(false));
        let names = it.optional_texts("column_set")?.unwrap_or_default();
        Ok(Kind::Table(TableTest::Set { names, exact }))
    };
    "expect_column_to_exist" => |it| {
        let index = it.optional_integer("column_index")?;
        Ok(Kind::Table(TableTest::Exists { column: it.text("column")?, index }))
    };
    "expect_column_values_to_be_of_type" => |it| {
        let names = vec![it.text("type_")?];
        of_type(it, names)
    };
    "expect_column_values_to_be_in_type_list" => |it| {
        // In a list, Great Expectations does not find the texts of pandas 3.
        let names = it.texts("type_list")?.into_iter().filter(|name| name != "str").collect();
        of_type(it, names)
    };
    "expect_column_type_to_be" => |it| {
        let (column, names) = (it.text("column")?, vec![it.text("type_")?]);
        Ok(Kind::Table(TableTest::Type { column, names, parsed: true }))
    };
    "expect_column_values_to_not_be_null" => |it| values(it, ValueTest::NotNull);
    "expect_column_values_to_be_null" => |it| values(it, ValueTest::Null);
    "expect_column_values_to_be_unique" => |it| values(it, ValueTest::Unique);
    "expect_column_values_to_be_between" => |it| {
        let bounds = it.bounds()?;
        if bounds.min.is_none() && bounds.max.is_none() {
            return Err(it.fault("min_value", "`min_value`, `max_value` or both"));
        }
        values(it, ValueTest::Between(bounds))
    };
    "expect_column_values_to_be_in_set" => |it| {
        let set = ValueSet::new(it.values("value_set")?);
        values(it, ValueTest::InSet(set, true))
    };
    "expect_column_values_to_not_be_in_set" => |it| {
        let set = ValueSet::new(it.values("value_set")?);
        values(it, ValueTest::InSet(set, false))
    };
    "expect_column_values_to_match_regex" => |it| {
        // Without a pattern, every text matches.
        if it.json("regex").is_none() {
            return values(it, ValueTest::Patterns { patterns: Vec::new(), all: true, none: false });
        }
        regexes(it, "regex", false, false)
    };
    "expect_column_values_to_not_match_regex" => |it| regexes(it, "regex", false, true);
    "expect_column_values_to_match_regex_list" => |it| regexes(it, "regex_list", true, false);
    "expect_column_values_to_not_match_regex_list" => |it| regexes(it, "regex_list", true, true);
    "expect_column_values_to_match_like_pattern" => |it| likes(it, "like_pattern", false, false);
    "expect_column_values_to_not_match_like_pattern" => |it| likes(it, "like_pattern", false, true);
    "expect_column_values_to_match_like_pattern_list" => |it| likes(it, "like_pattern_list", true, false);
    "expect_column_values_to_not_match_like_pattern_list" => |it| likes(it, "like_pattern_list", true, true);
    "expect_column_value_lengths_to_equal" => |it| {
        let value = Some(Bound::Number(it.number("value")?));
        let bounds = Bounds { min: value.clone(), max: value, ..Bounds::default() };
        values(it, ValueTest::Length(bounds))
    };
    "expect_column_value_lengths_to_be_between" => |it| {
        let bounds = it.whole_bounds()?;
        if bounds.min.is_none() && bounds.max.is_none() {
            return Err(it.fault("min_value", "`min_value`, `max_value` or both"));
        }
        values(it, ValueTest::Length(bounds))
    };
    "expect_column_values_to_be_increasing" => |it| monotone(it, true);
    "expect_column_values_to_be_decreasing" => |it| monotone(it, false);
    "expect_column_values_to_be_json_parseable" => |it| values(it, ValueTest::Json);
    "expect_column_values_to_match_json_schema" => json_schema;
    "expect_column_values_to_be_dateutil_parseable" => |it| values(it, ValueTest::AnyDate);
    "expect_column_values_to_match_strftime_format" => |it| {
        let format = it.text("strftime_format")?;
        let format = DateFormat::new(&it.place("strftime_format"), &format)?;
        values(it, ValueTest::Date(format))
    };
    "expect_column_value_z_scores_to_be_less_than" => |it| {
        let threshold = it.number("threshold")?;
        let double_sided = it.truth("double_sided")?;
        values(it, ValueTest::ZScore { threshold, double_sided })
    };
    "expect_column_values_to_not_be_outliers" => |it| {
        let method = it.word("method", &["iqr", "std"], "iqr or std")?;
        let multiplier = it.optional_number("multiplier")?.unwrap_or(1.5);
        values(it, ValueTest::Outliers { quartiles: method != Some("std"), multiplier })
    };
    "expect_column_min_to_be_between" => |it| figure(it, Statistic::Min);
    "expect_column_max_to_be_between" => |it| figure(it, Statistic::Max);
    "expect_column_mean_to_be_between" => |it| figure(it, Statistic::Mean);
    "expect_column_median_to_be_between" => |it| figure(it, Statistic::Median);
    "expect_column_stdev_to_be_between" => |it| figure(it, Statistic::Deviation);
    "expect_column_sum_to_be_between" => |it| figure(it, Statistic::Sum);
    "expect_column_proportion_of_unique_values_to_be_between" => |it| figure(it, Statistic::UniqueShare);
    "expect_column_proportion_of_non_null_values_to_be_between" => |it| figure(it, Statistic::PresentShare);
    "expect_column_unique_value_count_to_be_between" => |it| {
        let bounds = it.whole_bounds()?;
        column(it, ColumnTest::Figure(Statistic::UniqueCount, bounds))
    };
    "expect_column_quantile_values_to_be_between" => quantiles;
    "expect_column_most_common_value_to_be_in_set" => |it| {
        let set = ValueSet::new(it.values("value_set")?);
        let ties = it.truth("ties_okay")?;
        column(it, ColumnTest::MostCommon { set, ties })
    };
    "expect_column_distinct_values_to_be_in_set" => |it| distinct(it, true, false);
    "expect_column_distinct_values_to_contain_set" => |it| distinct(it, false, true);
    "expect_column_distinct_values_to_equal_set" => |it| distinct(it, true, true);
    "expect_column_pair_values_a_to_be_greater_than_b" => |it| {
        let or_equal = it.truth("or_equal")?;
        pair(it, RowTest::Greater { or_equal })
    };
    "expect_column_pair_values_to_be_equal" => |it| pair(it, RowTest::Equal);
    "expect_column_pair_values_to_be_in_set" => |it| {
        let pairs = it.json("value_pairs_set").and_then(|json| {
            let one = |json: &Json| match json.as_array().map(Vec::as_slice) {
                Some([a, b]) => Some((Value::of_json(a)?, Value::of_json(b)?)),
                _ => None,
            };
            json.as_array()?.iter().map(one).collect::<Option<Vec<_>>>()
        });
        let pairs = pairs.ok_or_else(|| it.fault("value_pairs_set", "a list of pairs of values"))?;
        pair(it, RowTest::InPairs(pairs))
    };
    "expect_compound_columns_to_be_unique" => |it| together(it, RowTest::UniqueTogether);
    "expect_multicolumn_sum_to_equal" => |it| {
        let total = it.number("sum_total")?;
        together(it, RowTest::Sum(total))
    };
    "expect_multicolumn_values_to_be_equal" => |it| together(it, RowTest::AllEqual);
    "expect_select_column_values_to_be_unique_within_record" => |it| together(it, RowTest::AllDifferent);
    // Another name of expect_compound_columns_to_be_unique.
    "expect_multicolumn_values_to_be_unique" => |it| together(it, RowTest::UniqueTogether);
    "expect_column_kl_divergence_to_be_less_than" => divergence::read;
    "expect_table_row_count_to_equal_other_table" => |it| {
        Ok(Kind::Table(TableTest::RowsOfOther(it.text("other_table_name")?)))
    };
    "expect_query_results_to_match_comparison" => |_| Ok(Kind::Unsupported("a file has no other source to compare with"));
    "unexpected_rows_expectation" => query;
}

/// Reads the arguments of an expectation; gives them as results have them besides.
pub(crate) fn compile(
    place: &Place,
    name: &str,
    kwargs: Map<String, Json>,
) -> Result<(Expectation, Map<String, Json>), SuiteError> {
    let mut read = Kwargs::new(place, kwargs.clone());
    let kind = kind(name, &mut read).ok_or_else(|| SuiteError::UnknownExpectation {
        place: Place { expectation: String::new(), ..place.clone() },
        name: name.to_owned(),
        nearest: nearest(name),
    })??;
    if matches!(kind, Kind::Unsupported(_)) {
        return Ok((Expectation { kind, condition: None }, kwargs));
    }
    let is_of_rows = !matches!(
        kind,
        Kind::Table(
            TableTest::RowsOfOther(_)
                | TableTest::Columns(_)
                | TableTest::ColumnsEqual(_)
                | TableTest::Ordered(_)
                | TableTest::Set { .. }
                | TableTest::Exists { .. }
                | TableTest::Type { parsed: true, .. }
        )
    );
    let condition = if is_of_rows { read.condition()? } else { None };
    Ok((Expectation { kind, condition }, read.finish()?))
}

/// What a query of the form `SELECT … FROM {batch} WHERE expression` finds.
fn query(it: &mut Kwargs<'_>) -> Result<Kind, SuiteError> {
    let text = it.text("unexpected_rows_query")?;
    let place = it.place("unexpected_rows_query");
    let Some((before, expression)) = filter_of(&text) else {
        return Ok(Kind::Unsupported(
            "of SQL, `SELECT * FROM {batch} WHERE expression` is evaluated on files, without joins, groups or subqueries",
        ));
    };
    let expression = Expression::parse(expression).map_err(|error| SuiteError::Expression {
        place,
        position: before + error.position,
        reason: error.reason,
    })?;
    let columns = expression.columns().to_vec();
    let test = RowTest::Query(Box::new(expression));
    Ok(Kind::Rows { columns, test, ignore: Ignore::Never, pair: false, mostly: 1.0 })
}

/// The filter of a query over the batch alone, with the characters before it.
fn filter_of(query: &str) -> Option<(usize, &str)> {
    let text = query.trim_end().trim_end_matches(';');
    let lower = text.to_ascii_lowercase();
    let begins = lower.trim_start().strip_prefix("select")?.starts_with(char::is_whitespace);
    let from = lower.find("{batch}")?;
    let behind = from + "{batch}".len();
    let before = lower.get(..from)?.trim_end();
    let found = lower.get(behind..)?.find("where")? + behind;
    let alias = lower.get(behind..found)?.trim();
    let alias = alias.strip_prefix("as ").unwrap_or(alias).trim();
    let is_name = alias.chars().all(|it| it.is_alphanumeric() || it == '_');
    let start = found + "where".len();
    let filter = text.get(start..)?;
    let plain = begins
        && before.ends_with("from")
        && is_name
        && !["select ", "group by", "having ", "limit ", "order by"]
            .iter()
            .any(|word| filter.to_ascii_lowercase().contains(word));
    plain.then_some((text.get(..start)?.chars().count(), filter))
}

fn values(it: &mut Kwargs<'_>, test: ValueTest) -> Result<Kind, SuiteError> {
    Ok(Kind::Values { column: it.text("column")?, test, mostly: it.mostly()? })
}

fn column(it: &mut Kwargs<'_>, test: ColumnTest) -> Result<Kind, SuiteError> {
    Ok(Kind::Column { column: it.text("column")?, test })
}

fn figure(it: &mut Kwargs<'_>, statistic: Statistic) -> Result<Kind, SuiteError> {
    let bounds = it.bounds()?;
    column(it, ColumnTest::Figure(statistic, bounds))
}

/// Only a column of mixed type is looked at value by value; of the others, the type is known.
fn of_type(it: &mut Kwargs<'_>, names: Vec<String>) -> Result<Kind, SuiteError> {
    values(it, ValueTest::Type(names))
}

fn monotone(it: &mut Kwargs<'_>, rising: bool) -> Result<Kind, SuiteError> {
    let strictly = it.truth("strictly")?;
    values(it, ValueTest::Monotone { rising, strictly })
}

fn distinct(it: &mut Kwargs<'_>, unexpected: bool, missing: bool) -> Result<Kind, SuiteError> {
    let set = ValueSet::new(it.values("value_set")?);
    if set.is_empty() {
        return Err(it.fault("value_set", "a list of at least one value"));
    }
    column(it, ColumnTest::Distinct { set, unexpected, missing })
}

fn json_schema(it: &mut Kwargs<'_>) -> Result<Kind, SuiteError> {
    let json = it.json("json_schema").filter(Json::is_object);
    let json = json.ok_or_else(|| it.fault("json_schema", "an object"))?;
    match Schema::new(&it.place("json_schema"), &json) {
        Ok(schema) => values(it, ValueTest::JsonSchema(schema)),
        Err(Refused::Unsupported(what)) => Ok(Kind::Unsupported(what)),
        Err(Refused::Wrong(error)) => Err(error),
    }
}

/// The patterns of one argument, or of a list of them.
fn texts(it: &mut Kwargs<'_>, name: &'static str, listed: bool) -> Result<Vec<String>, SuiteError> {
    if !listed {
        return Ok(vec![it.text(name)?]);
    }
    let texts = it.texts(name)?;
    if texts.is_empty() { Err(it.fault(name, "a list of at least one text")) } else { Ok(texts) }
}

fn patterns(
    it: &mut Kwargs<'_>,
    patterns: Vec<Pattern>,
    listed: bool,
    none: bool,
) -> Result<Kind, SuiteError> {
    let match_on =
        if listed && !none { it.word("match_on", &["any", "all"], "any or all")? } else { None };
    values(it, ValueTest::Patterns { patterns, all: match_on == Some("all"), none })
}

fn regexes(
    it: &mut Kwargs<'_>,
    name: &'static str,
    listed: bool,
    none: bool,
) -> Result<Kind, SuiteError> {
    let texts = texts(it, name, listed)?;
    let place = it.place(name);
    let read = texts.iter().map(|text| Pattern::python(&place, text)).collect::<Result<_, _>>()?;
    patterns(it, read, listed, none)
}

fn likes(
    it: &mut Kwargs<'_>,
    name: &'static str,
    listed: bool,
    none: bool,
) -> Result<Kind, SuiteError> {
    let texts = texts(it, name, listed)?;
    let escape = match it.optional_text("escape")? {
        None => None,
        Some(text) => {
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => Some(only),
                _ => return Err(it.fault("escape", "one character")),
            }
        }
    };
    let place = it.place(name);
    let read =
        texts.iter().map(|text| Pattern::like(&place, text, escape)).collect::<Result<_, _>>()?;
    patterns(it, read, listed, none)
}

fn quantiles(it: &mut Kwargs<'_>) -> Result<Kind, SuiteError> {
    let interpolation = match it.json("allow_relative_error") {
        None | Some(Json::Bool(false)) => Interpolation::Nearest,
        Some(Json::String(text)) => match text.as_str() {
            "nearest" => Interpolation::Nearest,
            "linear" => Interpolation::Linear,
            "lower" => Interpolation::Lower,
            "higher" => Interpolation::Higher,
            "midpoint" => Interpolation::Midpoint,
            _ => {
                return Err(it.fault(
                    "allow_relative_error",
                    "false, linear, lower, higher, midpoint or nearest",
                ));
            }
        },
        Some(_) => {
            let expected = "false, linear, lower, higher, midpoint or nearest";
            return Err(it.fault("allow_relative_error", expected));
        }
    };
    let json = it.json("quantile_ranges").unwrap_or(Json::Null);
    let shares = json.get("quantiles").and_then(Json::as_array).and_then(|shares| {
        let share = |share: &Json| share.as_f64().filter(|share| (0.0..=1.0).contains(share));
        shares.iter().map(share).collect::<Option<Vec<f64>>>()
    });
    let end = |end: &Json| match end {
        Json::Null => Some(None),
        end => end.as_f64().map(Some),
    };
    let range = |range: &Json| match range.as_array().map(Vec::as_slice) {
        Some([min, max]) => Some([end(min)?, end(max)?]),
        _ => None,
    };
    let ranges = json
        .get("value_ranges")
        .and_then(Json::as_array)
        .and_then(|ranges| ranges.iter().map(range).collect::<Option<Vec<_>>>());
    match (shares, ranges) {
        (Some(shares), Some(ranges)) if shares.len() == ranges.len() && !shares.is_empty() => {
            let written = json.get("quantiles").cloned().unwrap_or(Json::Null);
            column(it, ColumnTest::Quantiles { written, shares, ranges, interpolation })
        }
        _ => Err(it.fault(
            "quantile_ranges",
            "an object with `quantiles` from 0 to 1 and as many `value_ranges` of two numbers or null",
        )),
    }
}

fn pair(it: &mut Kwargs<'_>, test: RowTest) -> Result<Kind, SuiteError> {
    let columns = vec![it.text("column_A")?, it.text("column_B")?];
    let words = ["both_values_are_missing", "either_value_is_missing", "neither"];
    let expected = "both_values_are_missing, either_value_is_missing or neither";
    let ignore = match it.word("ignore_row_if", &words, expected)? {
        Some("either_value_is_missing") => Ignore::Any,
        Some("neither") => Ignore::Never,
        _ => Ignore::All,
    };
    Ok(Kind::Rows { columns, test, ignore, pair: true, mostly: it.mostly()? })
}

fn together(it: &mut Kwargs<'_>, test: RowTest) -> Result<Kind, SuiteError> {
    let columns = it.texts("column_list")?;
    let least = if matches!(test, RowTest::UniqueTogether) { 2 } else { 1 };
    if columns.len() < least {
        return Err(it.fault(
            "column_list",
            "a list of columns, of two at least where they are unique together",
        ));
    }
    let words = ["all_values_are_missing", "any_value_is_missing", "never"];
    let expected = "all_values_are_missing, any_value_is_missing or never";
    let ignore = match it.word("ignore_row_if", &words, expected)? {
        Some("any_value_is_missing") => Ignore::Any,
        Some("never") => Ignore::Never,
        _ => Ignore::All,
    };
    Ok(Kind::Rows { columns, test, ignore, pair: false, mostly: it.mostly()? })
}

/// The name at the least edit distance, where that is small.
fn nearest(name: &str) -> Option<&'static str> {
    let distance = |other: &str| {
        let mut row: Vec<usize> = (0..=other.len()).collect();
        for (index, byte) in name.bytes().enumerate() {
            let mut before = index;
            let mut left = index + 1;
            for (cell, found) in row.iter_mut().skip(1).zip(other.bytes()) {
                let replaced = before + usize::from(byte != found);
                before = *cell;
                left = replaced.min(left + 1).min(*cell + 1);
                *cell = left;
            }
            if let Some(first) = row.first_mut() {
                *first = index + 1;
            }
        }
        row.last().copied().unwrap_or(usize::MAX)
    };
    if name.len() > 200 {
        return None;
    }
    let found = NAMES.iter().map(|known| (distance(known), *known)).min()?;
    (found.0 <= 8).then_some(found.1)
}
