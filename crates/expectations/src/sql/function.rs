//! Functions of expressions.

use std::borrow::Cow;

use super::Term;

/// A function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Function {
    Abs,
    Round,
    Floor,
    Ceiling,
    Sqrt,
    Mod,
    Length,
    Lower,
    Upper,
    Trim,
    Coalesce,
    NullIf,
    Least,
    Greatest,
}

impl Function {
    /// Names as they are written, lower case.
    pub(super) const NAMES: [(&'static str, Self); 16] = [
        ("abs", Self::Abs),
        ("round", Self::Round),
        ("floor", Self::Floor),
        ("ceil", Self::Ceiling),
        ("ceiling", Self::Ceiling),
        ("sqrt", Self::Sqrt),
        ("mod", Self::Mod),
        ("length", Self::Length),
        ("char_length", Self::Length),
        ("lower", Self::Lower),
        ("upper", Self::Upper),
        ("trim", Self::Trim),
        ("coalesce", Self::Coalesce),
        ("nullif", Self::NullIf),
        ("least", Self::Least),
        ("greatest", Self::Greatest),
    ];

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    /// How many arguments it takes.
    pub(super) fn arity(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::Round => 1..=2,
            Self::Mod | Self::NullIf => 2..=2,
            Self::Coalesce | Self::Least | Self::Greatest => 1..=64,
            _ => 1..=1,
        }
    }

    pub(super) fn call<'a>(
        self,
        arguments: Vec<Term<'a>>,
        tolerance: f64,
    ) -> Result<Term<'a>, String> {
        if self == Self::Coalesce {
            return Ok(arguments.into_iter().find(|it| *it != Term::Null).unwrap_or(Term::Null));
        }
        if self == Self::NullIf {
            let mut both = arguments.into_iter();
            let (one, other) = (both.next().unwrap_or(Term::Null), both.next());
            let is_equal = match &other {
                Some(Term::Null) | None => false,
                Some(_) if one == Term::Null => false,
                Some(other) => one.order(other, tolerance)?.is_eq(),
            };
            return Ok(if is_equal { Term::Null } else { one });
        }
        if matches!(self, Self::Least | Self::Greatest) {
            return self.extreme(arguments);
        }
        if arguments.contains(&Term::Null) {
            return Ok(Term::Null);
        }
        let text = |term: &Term<'a>| match term {
            Term::Text(text) => Ok(text.to_string()),
            other => Err(format!("{} is given where a text is expected", other.kind())),
        };
        let number = |place: usize| match arguments.get(place) {
            Some(Term::Number(number)) => Ok(*number),
            Some(other) => Err(format!("{} is given where a number is expected", other.kind())),
            None => Ok(0.0),
        };
        let first = arguments.first().unwrap_or(&Term::Null);
        Ok(match self {
            Self::Abs => match first {
                Term::Span(span) => Term::Span(span.abs()),
                _ => Term::Number(number(0)?.abs()),
            },
            Self::Round => {
                let scale = 10_f64.powi(number(1)?.clamp(-300.0, 300.0) as i32);
                Term::of_number((number(0)? * scale).round() / scale)
            }
            Self::Floor => Term::Number(number(0)?.floor()),
            Self::Ceiling => Term::Number(number(0)?.ceil()),
            Self::Sqrt => Term::of_number(number(0)?.sqrt()),
            Self::Mod => Term::of_number(number(0)? % number(1)?),
            Self::Length => Term::Number(text(first)?.chars().count() as f64),
            Self::Lower => Term::Text(Cow::Owned(text(first)?.to_lowercase())),
            Self::Upper => Term::Text(Cow::Owned(text(first)?.to_uppercase())),
            Self::Trim => Term::Text(Cow::Owned(text(first)?.trim().to_owned())),
            Self::Coalesce | Self::NullIf | Self::Least | Self::Greatest => Term::Null,
        })
    }

    /// The least or the greatest of the values that are there.
    fn extreme(self, arguments: Vec<Term<'_>>) -> Result<Term<'_>, String> {
        let mut best = Term::Null;
        for term in arguments.into_iter().filter(|term| *term != Term::Null) {
            let better = best == Term::Null || {
                let order = term.order(&best, 0.0)?;
                if self == Self::Least { order.is_lt() } else { order.is_gt() }
            };
            if better {
                best = term;
            }
        }
        Ok(best)
    }
}
