//! Tokens of expressions.

use super::{ExpressionError, MAX_LENGTH};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(String),
    /// A name in double quotes or backticks.
    Name(String),
    Number(f64),
    Text(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 18] = [
    "<>", "!=", "<=", ">=", "==", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", ".",
];

pub(super) fn fault(position: usize, reason: impl Into<String>) -> ExpressionError {
    ExpressionError { position, reason: reason.into() }
}

/// The tokens with their places, in characters.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() > MAX_LENGTH {
        return Err(fault(MAX_LENGTH, "it is too long"));
    }
    let at = |position: usize| characters.get(position).copied();
    let run = |from: usize, belongs: &dyn Fn(char) -> bool| {
        characters.iter().skip(from).take_while(|character| belongs(**character)).count()
    };
    let piece = |from: usize, length: usize| -> String {
        characters.iter().skip(from).take(length).collect()
    };
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(character) = at(position) {
        let start = position;
        if character.is_whitespace() {
            position += 1;
            continue;
        }
        let token = if matches!(character, '\'' | '"' | '`') {
            let mut inside = String::new();
            position += 1;
            loop {
                match at(position) {
                    None => return Err(fault(start, "the quotation has no end")),
                    // Twice is once, and no end.
                    Some(quote) if quote == character && at(position + 1) == Some(quote) => {
                        inside.push(quote);
                        position += 2;
                    }
                    Some(quote) if quote == character => {
                        position += 1;
                        break;
                    }
                    Some(other) => {
                        inside.push(other);
                        position += 1;
                    }
                }
            }
            if character == '\'' { Token::Text(inside) } else { Token::Name(inside) }
        } else if character.is_alphabetic() || character == '_' {
            let length = run(position, &|other| other.is_alphanumeric() || other == '_');
            position += length;
            Token::Word(piece(start, length))
        } else if character.is_ascii_digit()
            || (character == '.' && at(position + 1).is_some_and(|next| next.is_ascii_digit()))
        {
            let mut length = run(position, &|other| other.is_ascii_digit() || other == '.');
            if matches!(at(position + length), Some('e' | 'E')) {
                let sign = usize::from(matches!(at(position + length + 1), Some('+' | '-')));
                length += 1 + sign;
                length += run(position + length, &|other| other.is_ascii_digit());
            }
            position += length;
            let number = piece(start, length).parse::<f64>().ok().filter(|it| it.is_finite());
            Token::Number(number.ok_or_else(|| fault(start, "expected a number"))?)
        } else {
            let ahead = piece(position, 2);
            let symbol = SYMBOLS.into_iter().find(|symbol| ahead.starts_with(symbol));
            let symbol = symbol.ok_or_else(|| fault(start, "the character has no meaning here"))?;
            position += symbol.len();
            Token::Symbol(symbol)
        };
        found.push((start, token));
    }
    Ok(found)
}
