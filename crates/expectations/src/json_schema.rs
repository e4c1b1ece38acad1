//! JSON Schema as Python's `jsonschema` has it: drafts 4, 6, 7, 2019-09 and 2020-12, which is meant where `$schema` names none.
//!
//! ```text
//! schema ─ compile ─▶ nodes, each with its rules ─ holds(value) ─▶ whether the value is valid
//! ```
//!
//! Patterns are Python's, `format` says nothing, references are JSON pointers within the schema. What is not evaluated is refused by
//! name where the schema is read.

mod compile;

use std::cmp::Ordering;

use crate::error::{Place, SuiteError};
use crate::json::{Json, Number};
use crate::pattern::Pattern;

/// Rules that are gone through for one value; beyond, the value is not judged.
const MAX_STEPS: usize = 1_000_000;
/// Schemas in one another, references followed.
const MAX_DEPTH: usize = 900;

/// A schema, ready to judge values.
#[derive(Clone, Debug)]
pub(crate) struct Schema(Vec<Node>);

/// A schema, or one within it, by its place in the list.
type Slot = usize;

#[derive(Clone, Debug)]
enum Node {
    /// `true` or `false`.
    Always(bool),
    Rules(Vec<Rule>),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Type {
    Null,
    Boolean,
    /// Whether 1.0 is one.
    Integer {
        whole_floats: bool,
    },
    Number,
    String,
    Array,
    Object,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Counted {
    Characters,
    Items,
    Properties,
}

#[derive(Clone, Debug)]
enum Rule {
    Reference(Slot),
    Types(Vec<Type>),
    Values(Vec<Json>),
    /// Numbers lie on this side of the limit: below it where `order` is less.
    Limit {
        limit: Number,
        order: Ordering,
        strict: bool,
    },
    MultipleOf(Number),
    /// There are as many, or on this side of it.
    Size {
        of: Counted,
        limit: Number,
        order: Ordering,
    },
    Pattern(Pattern),
    Required(Vec<String>),
    DependentRequired(Vec<(String, Vec<String>)>),
    DependentSchemas(Vec<(String, Slot)>),
    Properties(Vec<(String, Slot)>),
    PatternProperties(Vec<(Pattern, Slot)>),
    /// Of the properties that have none of these names and match none of these patterns.
    AdditionalProperties {
        names: Vec<String>,
        patterns: Vec<Pattern>,
        schema: Slot,
    },
    PropertyNames(Slot),
    /// Of the first items one each, and of the others.
    Items {
        first: Vec<Slot>,
        rest: Option<Slot>,
    },
    Contains {
        schema: Slot,
        least: Number,
        most: Option<Number>,
    },
    Unique,
    All(Vec<Slot>),
    Any(Vec<Slot>),
    One(Vec<Slot>),
    Not(Slot),
    If {
        condition: Slot,
        then: Option<Slot>,
        otherwise: Option<Slot>,
    },
}

/// Why a schema is not there.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is no schema.
    Wrong(SuiteError),
    /// It uses what is not evaluated.
    Unsupported(&'static str),
}

impl Schema {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is no schema by the rules of its draft, and what is not evaluated.
    pub(crate) fn new(place: &Place, json: &serde_json::Value) -> Result<Self, Refused> {
        compile::compile(place, json).map(Self)
    }

    /// Whether a value is valid.
    ///
    /// # Errors
    /// Where the schema or the value goes too deep or takes too many steps, and where a number cannot be divided.
    pub(crate) fn holds(&self, value: &Json) -> Result<bool, String> {
        Walk { nodes: &self.0, steps: 0, depth: 0 }.holds(0, value)
    }
}

/// A value on its way through a schema.
struct Walk<'s> {
    nodes: &'s [Node],
    steps: usize,
    depth: usize,
}

impl Walk<'_> {
    fn holds(&mut self, place: Slot, value: &Json) -> Result<bool, String> {
        let rules = match self.nodes.get(place) {
            None => return Ok(true),
            Some(Node::Always(valid)) => return Ok(*valid),
            Some(Node::Rules(rules)) => rules,
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("the JSON Schema goes more than {MAX_DEPTH} deep on a value"));
        }
        let mut valid = true;
        for rule in rules {
            self.count(1)?;
            if !self.obeys(rule, value)? {
                valid = false;
                break;
            }
        }
        self.depth -= 1;
        Ok(valid)
    }

    fn count(&mut self, steps: usize) -> Result<(), String> {
        self.steps += steps;
        if self.steps > MAX_STEPS {
            return Err(format!("the JSON Schema took more than {MAX_STEPS} steps on a value"));
        }
        Ok(())
    }

    fn obeys(&mut self, rule: &Rule, value: &Json) -> Result<bool, String> {
        match (rule, value) {
            (Rule::Reference(place), _) => self.holds(*place, value),
            (Rule::Types(types), _) => Ok(types.iter().any(|it| it.is_of(value))),
            (Rule::Values(values), _) => {
                self.count(values.len())?;
                Ok(values.iter().any(|it| it.equals(value)))
            }
            (Rule::Limit { limit, order, strict }, Json::Number(number)) => {
                Ok(match number.order(*limit) {
                    Some(Ordering::Equal) => !strict,
                    // Python calls what is no number neither below a limit nor above it.
                    found => found.is_none_or(|found| found == *order),
                })
            }
            (Rule::MultipleOf(of), Json::Number(number)) => is_multiple(*number, *of),
            (Rule::Size { of, limit, order }, _) => Ok(of.of(value).is_none_or(|size| {
                let found = Number::Whole(size as i128).order(*limit);
                found.is_some_and(|found| found == Ordering::Equal || found == *order)
            })),
            (Rule::Pattern(pattern), Json::Text(text)) => pattern.is_in(text),
            (Rule::Unique, Json::List(values)) => self.are_unique(values),
            (Rule::Items { first, rest }, Json::List(values)) => self.items(first, *rest, values),
            (Rule::Contains { schema, least, most }, Json::List(values)) => {
                self.contains(*schema, *least, *most, values)
            }
            (rule, Json::Object(entries)) => self.object(rule, value, entries),
            (rule, _) => self.combined(rule, value),
        }
    }

    /// Rules of objects, and those of all values.
    fn object(
        &mut self,
        rule: &Rule,
        value: &Json,
        entries: &[(String, Json)],
    ) -> Result<bool, String> {
        match rule {
            Rule::Required(names) => Ok(names.iter().all(|name| get(entries, name).is_some())),
            Rule::DependentRequired(all) => Ok(all.iter().all(|(name, others)| {
                get(entries, name).is_none()
                    || others.iter().all(|other| get(entries, other).is_some())
            })),
            Rule::DependentSchemas(all) => {
                let present = all.iter().filter(|(name, _)| get(entries, name).is_some());
                self.each(present.map(|(_, schema)| (*schema, value)))
            }
            Rule::Properties(all) => {
                let found =
                    all.iter().filter_map(|(name, place)| Some((*place, get(entries, name)?)));
                self.each(found)
            }
            Rule::PatternProperties(all) => {
                for (pattern, schema) in all {
                    for (name, value) in entries {
                        self.count(1)?;
                        if pattern.is_in(name)? && !self.holds(*schema, value)? {
                            return Ok(false);
                        }
                    }
                }
                Ok(true)
            }
            Rule::AdditionalProperties { names, patterns, schema } => {
                for (name, value) in entries {
                    self.count(1 + patterns.len())?;
                    let mut is_known = names.binary_search(name).is_ok();
                    for pattern in patterns {
                        is_known = is_known || pattern.is_in(name)?;
                    }
                    if !is_known && !self.holds(*schema, value)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Rule::PropertyNames(schema) => {
                for (name, _) in entries {
                    if !self.holds(*schema, &Json::Text(name.clone()))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            rule => self.combined(rule, value),
        }
    }

    /// Rules that join others; what says nothing about such a value holds.
    fn combined(&mut self, rule: &Rule, value: &Json) -> Result<bool, String> {
        match rule {
            Rule::All(schemas) => self.each(schemas.iter().map(|schema| (*schema, value))),
            Rule::Any(schemas) => Ok(self.valid(schemas, value, 1)? >= 1),
            Rule::One(schemas) => Ok(self.valid(schemas, value, 2)? == 1),
            Rule::Not(schema) => Ok(!self.holds(*schema, value)?),
            Rule::If { condition, then, otherwise } => {
                let chosen = if self.holds(*condition, value)? { then } else { otherwise };
                chosen.map_or(Ok(true), |schema| self.holds(schema, value))
            }
            _ => Ok(true),
        }
    }

    fn each<'v>(&mut self, all: impl Iterator<Item = (Slot, &'v Json)>) -> Result<bool, String> {
        for (schema, value) in all {
            if !self.holds(schema, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// In how many schemas a value is valid; those beyond `enough` are not counted.
    fn valid(&mut self, schemas: &[Slot], value: &Json, enough: usize) -> Result<usize, String> {
        let mut valid = 0;
        for schema in schemas {
            valid += usize::from(self.holds(*schema, value)?);
            if valid == enough {
                break;
            }
        }
        Ok(valid)
    }

    fn items(
        &mut self,
        first: &[Slot],
        rest: Option<Slot>,
        values: &[Json],
    ) -> Result<bool, String> {
        let of = |place: usize| first.get(place).copied().or(rest);
        let judged =
            values.iter().enumerate().filter_map(|(place, value)| Some((of(place)?, value)));
        self.each(judged)
    }

    fn contains(
        &mut self,
        schema: Slot,
        least: Number,
        most: Option<Number>,
        values: &[Json],
    ) -> Result<bool, String> {
        let mut found = 0;
        for value in values {
            found += i128::from(self.holds(schema, value)?);
        }
        let found = Number::Whole(found);
        let is_below = |limit: Number| found.order(limit) == Some(Ordering::Less);
        let is_above = |limit: Number| found.order(limit) == Some(Ordering::Greater);
        Ok(!is_below(least) && !most.is_some_and(is_above))
    }

    fn are_unique(&mut self, values: &[Json]) -> Result<bool, String> {
        for (place, value) in values.iter().enumerate() {
            self.count(place)?;
            if values.iter().take(place).any(|other| other.equals(value)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Type {
    fn is_of(self, value: &Json) -> bool {
        match (self, value) {
            (Self::Null, Json::Null)
            | (Self::Boolean, Json::Bool(_))
            | (Self::Number, Json::Number(_))
            | (Self::Integer { .. }, Json::Number(Number::Whole(_)))
            | (Self::String, Json::Text(_))
            | (Self::Array, Json::List(_))
            | (Self::Object, Json::Object(_)) => true,
            (Self::Integer { whole_floats }, Json::Number(Number::Float(number))) => {
                whole_floats && number.fract() == 0.0
            }
            _ => false,
        }
    }
}

impl Counted {
    /// The size of a value; none of a value that has no such size.
    fn of(self, value: &Json) -> Option<usize> {
        match (self, value) {
            (Self::Characters, Json::Text(text)) => Some(text.chars().count()),
            (Self::Items, Json::List(values)) => Some(values.len()),
            (Self::Properties, Json::Object(entries)) => Some(entries.len()),
            _ => None,
        }
    }
}

/// The value of a key of an object, whose keys are in order.
fn get<'v>(entries: &'v [(String, Json)], name: &str) -> Option<&'v Json> {
    let place = entries.binary_search_by(|(key, _)| key.as_str().cmp(name)).ok()?;
    entries.get(place).map(|(_, value)| value)
}

/// Whether a number is a multiple of another, as Python's division says it.
fn is_multiple(number: Number, of: Number) -> Result<bool, String> {
    match (number, of) {
        (Number::Whole(number), Number::Whole(of)) => Ok(number.checked_rem(of) == Some(0)),
        (Number::Float(number), Number::Whole(of)) => Ok(number % of as f64 == 0.0),
        (number, Number::Float(of)) => {
            let quotient = number.float() / of;
            if quotient.is_finite() {
                return Ok(quotient.fract() == 0.0);
            }
            if !number.float().is_finite() {
                return Err("cannot convert float NaN or infinity to integer".to_owned());
            }
            // Too great for a double: the divisor's odd part has to divide the number's.
            Ok(odd_part(number.float()).checked_rem(odd_part(of)) == Some(0))
        }
    }
}

/// The odd whole number that a number is, times a power of two.
fn odd_part(number: f64) -> u64 {
    let bits = number.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let is_small = (bits >> 52) & 0x7ff == 0;
    let whole = if is_small { fraction } else { fraction | (1 << 52) };
    whole >> whole.trailing_zeros().min(63)
}

#[cfg(test)]
mod tests;
