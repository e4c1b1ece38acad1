//! The syntax of pandas' `query`, as far as conditions on rows need it, and `col("name")` of Great Expectations.

use super::{Condition, MAX_DEPTH, Operand, Operator};
use crate::value::Value;

/// Characters before a fault, and what would be right.
type Fault = (usize, &'static str);

/// Longest condition, in characters.
const MAX_LENGTH: usize = 16_384;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    /// A name in backticks, which is never a keyword.
    Quoted(String),
    Number(f64, bool),
    Text(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 16] =
    ["==", "!=", "<=", ">=", "<", ">", "&", "|", "~", "(", ")", "[", "]", ",", ".", "-"];

/// Reads a condition.
pub(crate) fn parse(text: &str) -> Result<Condition, Fault> {
    if text.chars().count() > MAX_LENGTH {
        return Err((MAX_LENGTH, "it is too long"));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let node = parser.either()?;
    if parser.next < parser.tokens.len() {
        return Err((parser.position(), "expected `and`, `or` or the end"));
    }
    parser.condition(node)
}

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Fault> {
    let characters: Vec<char> = text.chars().collect();
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
            let length = run(position + 1, &|other| other != character);
            if at(position + 1 + length).is_none() {
                return Err((start, "the quotation has no end"));
            }
            position += length + 2;
            let inside = piece(start + 1, length);
            if character == '`' { Token::Quoted(inside) } else { Token::Text(inside) }
        } else if character.is_alphabetic() || character == '_' {
            let length = run(position, &|other| other.is_alphanumeric() || other == '_');
            position += length;
            Token::Name(piece(start, length))
        } else if character.is_ascii_digit() {
            let mut length = run(position, &|other| other.is_ascii_digit() || other == '.');
            if matches!(at(position + length), Some('e' | 'E')) {
                let sign = usize::from(matches!(at(position + length + 1), Some('+' | '-')));
                length += 1 + sign;
                length += run(position + length, &|other| other.is_ascii_digit());
            }
            position += length;
            let digits = piece(start, length);
            let number = digits.parse().map_err(|_| (start, "expected a number"))?;
            Token::Number(number, digits.bytes().all(|byte| byte.is_ascii_digit()))
        } else {
            let ahead = piece(position, 2);
            let symbol = SYMBOLS.into_iter().find(|symbol| ahead.starts_with(symbol));
            let symbol = symbol.ok_or((start, "the character has no meaning here"))?;
            position += symbol.len();
            Token::Symbol(symbol)
        };
        found.push((start, token));
    }
    Ok(found)
}

enum Node {
    Operand(Operand),
    List(Vec<Value>),
    Condition(Condition),
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn position(&self) -> usize {
        let token = self.tokens.get(self.next).or_else(|| self.tokens.last());
        token.map_or(0, |(position, _)| *position)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.next += 1;
        token
    }

    /// Passes a symbol or a keyword, where it comes next.
    fn passes(&mut self, word: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Symbol(symbol)) => *symbol == word,
            Some(Token::Name(name)) => name == word,
            _ => false,
        };
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str, reason: &'static str) -> Result<(), Fault> {
        if self.passes(symbol) { Ok(()) } else { Err((self.position(), reason)) }
    }

    fn condition(&self, node: Node) -> Result<Condition, Fault> {
        match node {
            Node::Condition(condition) => Ok(condition),
            Node::Operand(Operand::Column(name)) => Ok(Condition::Truth(name)),
            Node::Operand(Operand::Value(_)) | Node::List(_) => {
                Err((self.position(), "expected a comparison"))
            }
        }
    }

    fn either(&mut self) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err((self.position(), "it is nested too deeply"));
        }
        let first = self.both()?;
        let mut all = Vec::new();
        while self.passes("or") || self.passes("|") {
            let next = self.both()?;
            all.push(self.condition(next)?);
        }
        self.depth -= 1;
        if all.is_empty() {
            return Ok(first);
        }
        all.insert(0, self.condition(first)?);
        Ok(Node::Condition(Condition::Or(all)))
    }

    fn both(&mut self) -> Result<Node, Fault> {
        let first = self.negation()?;
        let mut all = Vec::new();
        while self.passes("and") || self.passes("&") {
            let next = self.negation()?;
            all.push(self.condition(next)?);
        }
        if all.is_empty() {
            return Ok(first);
        }
        all.insert(0, self.condition(first)?);
        Ok(Node::Condition(Condition::And(all)))
    }

    fn negation(&mut self) -> Result<Node, Fault> {
        let mut negated = false;
        let mut any = false;
        while self.passes("not") || self.passes("~") {
            negated = !negated;
            any = true;
        }
        let node = self.comparison()?;
        if !any {
            return Ok(node);
        }
        let condition = self.condition(node)?;
        let condition = if negated { Condition::Not(Box::new(condition)) } else { condition };
        Ok(Node::Condition(condition))
    }

    fn comparison(&mut self) -> Result<Node, Fault> {
        let first = self.operand()?;
        let start = self.next;
        let negated = self.passes("not");
        if self.passes("in") {
            let list = self.operand()?;
            return self.membership(first, list, negated);
        }
        self.next = start;
        let Some(operator) = self.operator() else { return Ok(first) };
        let second = self.operand()?;
        // pandas reads `==` with a list as `in`.
        if matches!(second, Node::List(_)) && operator == Operator::Equal {
            return self.membership(first, second, false);
        }
        if matches!(second, Node::List(_)) && operator == Operator::NotEqual {
            return self.membership(first, second, true);
        }
        let mut left = self.value(second)?;
        let comparison = Condition::Compare(self.value(first)?, operator, left.clone());
        let mut all = vec![comparison];
        // A chain goes on from its right side.
        while let Some(operator) = self.operator() {
            let right = self.operand()?;
            let right = self.value(right)?;
            all.push(Condition::Compare(left, operator, right.clone()));
            left = right;
        }
        Ok(Node::Condition(match (all.len(), all.pop()) {
            (1, Some(only)) => only,
            (_, last) => Condition::And(all.into_iter().chain(last).collect()),
        }))
    }

    fn operator(&mut self) -> Option<Operator> {
        let operator = match self.peek() {
            Some(Token::Symbol(symbol)) => Operator::of(symbol),
            _ => None,
        };
        self.next += usize::from(operator.is_some());
        operator
    }

    fn value(&self, node: Node) -> Result<Operand, Fault> {
        match node {
            Node::Operand(operand) => Ok(operand),
            _ => Err((self.position(), "only columns and values can be compared")),
        }
    }

    fn membership(&self, left: Node, right: Node, negated: bool) -> Result<Node, Fault> {
        match (left, right) {
            (Node::Operand(Operand::Column(name)), Node::List(values)) => {
                Ok(Node::Condition(Condition::In(name, values, negated)))
            }
            _ => Err((self.position(), "expected a column, `in` and a list of values")),
        }
    }

    fn operand(&mut self) -> Result<Node, Fault> {
        let position = self.position();
        if self.passes("(") {
            let node = self.either()?;
            self.expect(")", "expected `)`")?;
            return self.called(node);
        }
        if self.passes("[") {
            let mut values = Vec::new();
            while !self.passes("]") {
                match self.operand()? {
                    Node::Operand(Operand::Value(value)) => values.push(value),
                    _ => return Err((position, "a list holds values alone")),
                }
                if !self.passes(",") {
                    self.expect("]", "expected `,` or `]`")?;
                    break;
                }
            }
            return Ok(Node::List(values));
        }
        let minus = self.passes("-");
        let value = |value| Ok(Node::Operand(Operand::Value(value)));
        match self.take() {
            Some(Token::Number(number, whole)) => {
                let number = if minus { -number } else { number };
                // Whole numbers that a double holds are whole.
                value(if whole && number.abs() < 9e15 {
                    Value::Int(number as i64)
                } else {
                    Value::Float(number)
                })
            }
            _ if minus => Err((position, "expected a number after `-`")),
            Some(Token::Text(text)) => value(Value::Text(text)),
            Some(Token::Quoted(name)) => self.called(Node::Operand(Operand::Column(name))),
            Some(Token::Name(name)) => match name.as_str() {
                "True" | "true" => value(Value::Bool(true)),
                "False" | "false" => value(Value::Bool(false)),
                "and" | "or" | "not" | "in" => Err((position, "expected a column or a value")),
                "col" | "date" if self.passes("(") => {
                    let Some(Token::Text(text)) = self.take() else {
                        return Err((position, "expected a name in quotes"));
                    };
                    self.expect(")", "expected `)`")?;
                    if name == "date" {
                        return value(Value::Text(text));
                    }
                    self.called(Node::Operand(Operand::Column(text)))
                }
                _ => self.called(Node::Operand(Operand::Column(name))),
            },
            _ => Err((position, "expected a column or a value")),
        }
    }

    /// A column, or whether it is missing, where one of pandas' methods for that is called.
    fn called(&mut self, node: Node) -> Result<Node, Fault> {
        if !self.passes(".") {
            return Ok(node);
        }
        let position = self.position();
        let method = self.take();
        self.expect("(", "expected `()`")?;
        self.expect(")", "expected `()`")?;
        let (Node::Operand(Operand::Column(column)), Some(Token::Name(method))) = (node, method)
        else {
            return Err((position, "expected a column and a method"));
        };
        match method.to_ascii_lowercase().as_str() {
            "isnull" | "isna" => Ok(Node::Condition(Condition::Missing(column, true))),
            "notnull" | "notna" => Ok(Node::Condition(Condition::Missing(column, false))),
            _ => Err((position, "the methods are isnull, isna, notnull and notna")),
        }
    }
}
