//! The grammar of expressions, by descent.

use super::lex::{Token, fault, tokens};
use super::term::{DAY, time_of};
use super::{Arithmetic, Comparison, ExpressionError, Function, Literal, MAX_DEPTH, Node};
use crate::error::Place;
use crate::pattern::Pattern;

/// Reads an expression: what it is, and the columns that it names.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<String>), ExpressionError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, columns: Vec::new() };
    let node = parser.either()?;
    if parser.next < parser.tokens.len() {
        return Err(parser.fault("expected an operator or the end"));
    }
    Ok((node, parser.columns))
}

/// Words that are no columns unless they are quoted.
const RESERVED: [&str; 22] = [
    "and", "or", "not", "in", "is", "null", "like", "between", "true", "false", "case", "when",
    "then", "else", "end", "escape", "select", "from", "where", "join", "group", "order",
];

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    columns: Vec<String>,
}

impl Parser {
    fn fault(&self, reason: impl Into<String>) -> ExpressionError {
        let token = self.tokens.get(self.next).or_else(|| self.tokens.last());
        fault(token.map_or(0, |(position, _)| *position), reason)
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
            Some(Token::Word(found)) => found.eq_ignore_ascii_case(word),
            _ => false,
        };
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), ExpressionError> {
        if self.passes(word) { Ok(()) } else { Err(self.fault(format!("expected `{word}`"))) }
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault("it is nested too deeply"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn either(&mut self) -> Result<Node, ExpressionError> {
        self.deeper(|parser| {
            let mut nodes = vec![parser.both()?];
            while parser.passes("or") {
                nodes.push(parser.both()?);
            }
            Ok(one_or(nodes, Node::Or))
        })
    }

    fn both(&mut self) -> Result<Node, ExpressionError> {
        let mut nodes = vec![self.negation()?];
        while self.passes("and") {
            nodes.push(self.negation()?);
        }
        Ok(one_or(nodes, Node::And))
    }

    fn negation(&mut self) -> Result<Node, ExpressionError> {
        if self.passes("not") {
            return self.deeper(|parser| Ok(Node::Not(Box::new(parser.negation()?))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node, ExpressionError> {
        let left = self.sum()?;
        let comparison = match self.peek() {
            Some(Token::Symbol("=" | "==")) => Some(Comparison::Equal),
            Some(Token::Symbol("<>" | "!=")) => Some(Comparison::NotEqual),
            Some(Token::Symbol("<")) => Some(Comparison::Less),
            Some(Token::Symbol("<=")) => Some(Comparison::LessOrEqual),
            Some(Token::Symbol(">")) => Some(Comparison::Greater),
            Some(Token::Symbol(">=")) => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(comparison) = comparison {
            self.next += 1;
            let right = self.sum()?;
            return Ok(Node::Compare(Box::new(left), comparison, Box::new(right)));
        }
        if self.passes("is") {
            let negated = self.passes("not");
            let node = if self.passes("null") {
                Node::IsNull(Box::new(left))
            } else if self.passes("true") {
                Node::Is(Box::new(left), true)
            } else if self.passes("false") {
                Node::Is(Box::new(left), false)
            } else {
                return Err(self.fault("expected `null`, `true` or `false`"));
            };
            return Ok(negated_if(node, negated));
        }
        let negated = self.passes("not");
        let node = if self.passes("in") {
            self.expect("(")?;
            Node::In(Box::new(left), self.list()?)
        } else if self.passes("between") {
            let low = self.sum()?;
            self.expect("and")?;
            let high = self.sum()?;
            let compare = |comparison, end: Node| {
                Node::Compare(Box::new(left.clone()), comparison, Box::new(end))
            };
            Node::And(vec![
                compare(Comparison::GreaterOrEqual, low),
                compare(Comparison::LessOrEqual, high),
            ])
        } else if self.passes("like") {
            self.like(left)?
        } else if negated {
            return Err(self.fault("expected `in`, `between` or `like`"));
        } else {
            return Ok(left);
        };
        Ok(negated_if(node, negated))
    }

    fn like(&mut self, left: Node) -> Result<Node, ExpressionError> {
        let Some(Token::Text(text)) = self.take() else {
            self.next = self.next.saturating_sub(1);
            return Err(self.fault("expected a pattern in single quotes"));
        };
        let mut escape = None;
        if self.passes("escape") {
            escape = match self.take() {
                Some(Token::Text(text)) if text.chars().count() == 1 => text.chars().next(),
                _ => return Err(self.fault("expected one character in single quotes")),
            };
        }
        let pattern = Pattern::like(&Place::default(), &text, escape);
        let pattern = pattern.map_err(|_| self.fault("the pattern cannot be read"))?;
        Ok(Node::Like(Box::new(left), Box::new(pattern)))
    }

    /// Expressions up to the closing bracket.
    fn list(&mut self) -> Result<Vec<Node>, ExpressionError> {
        let mut nodes = vec![self.either()?];
        while self.passes(",") {
            nodes.push(self.either()?);
        }
        self.expect(")")?;
        Ok(nodes)
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.product()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("+")) => Arithmetic::Add,
                Some(Token::Symbol("-")) => Arithmetic::Subtract,
                Some(Token::Symbol("||")) => Arithmetic::Concatenate,
                _ => return Ok(node),
            };
            self.next += 1;
            let right = self.product()?;
            node = Node::Arithmetic(Box::new(node), operator, Box::new(right));
        }
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut node = self.signed()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("*")) => Arithmetic::Multiply,
                Some(Token::Symbol("/")) => Arithmetic::Divide,
                Some(Token::Symbol("%")) => Arithmetic::Remainder,
                _ => return Ok(node),
            };
            self.next += 1;
            let right = self.signed()?;
            node = Node::Arithmetic(Box::new(node), operator, Box::new(right));
        }
    }

    fn signed(&mut self) -> Result<Node, ExpressionError> {
        if self.passes("-") {
            return self.deeper(|parser| Ok(Node::Negative(Box::new(parser.signed()?))));
        }
        if self.passes("+") {
            return self.deeper(Self::signed);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<Node, ExpressionError> {
        if self.passes("(") {
            let node = self.either()?;
            self.expect(")")?;
            return Ok(node);
        }
        let literal = |literal| Ok(Node::Literal(literal));
        match self.take() {
            Some(Token::Number(number)) => literal(Literal::Number(number)),
            Some(Token::Text(text)) => literal(Literal::Text(text)),
            Some(Token::Name(name)) => Ok(self.column(name)),
            Some(Token::Word(word)) => self.word(word),
            _ => {
                self.next = self.next.saturating_sub(1);
                Err(self.fault("expected a column, a value or `(`"))
            }
        }
    }

    fn word(&mut self, word: String) -> Result<Node, ExpressionError> {
        let literal = |literal| Ok(Node::Literal(literal));
        let lower = word.to_ascii_lowercase();
        match (lower.as_str(), self.peek().cloned()) {
            ("null", _) => literal(Literal::Null),
            ("true", _) => literal(Literal::Bool(true)),
            ("false", _) => literal(Literal::Bool(false)),
            ("case", _) => self.case(),
            ("date" | "timestamp", Some(Token::Text(text))) => {
                let time = time_of(&text);
                let time =
                    time.ok_or_else(|| self.fault("expected a date such as '2024-05-01'"))?;
                self.next += 1;
                literal(Literal::Time(time))
            }
            ("interval", Some(Token::Text(text))) => {
                self.next += 1;
                self.interval(&text)
            }
            (name, Some(Token::Symbol("("))) => {
                let Some(function) = Function::by_name(name) else {
                    let known = Function::NAMES.map(|(name, _)| name).join(", ");
                    self.next = self.next.saturating_sub(1);
                    return Err(self.fault(format!("there is no such function; there are {known}")));
                };
                self.next += 1;
                let arguments = if self.passes(")") { Vec::new() } else { self.list()? };
                if !function.arity().contains(&arguments.len()) {
                    return Err(self.fault(format!("`{name}` takes another number of arguments")));
                }
                Ok(Node::Call(function, arguments))
            }
            (name, _) if RESERVED.contains(&name) => {
                self.next = self.next.saturating_sub(1);
                Err(self.fault(format!(
                    "expected a column or a value; a column named `{name}` is written \"{name}\""
                )))
            }
            (_, Some(Token::Symbol("."))) => {
                // `table.column`: there is one table.
                self.next += 1;
                match self.take() {
                    Some(Token::Word(name) | Token::Name(name)) => Ok(self.column(name)),
                    _ => Err(self.fault("expected a column")),
                }
            }
            _ => Ok(self.column(word)),
        }
    }

    fn column(&mut self, name: String) -> Node {
        let known = self.columns.iter().position(|known| *known == name);
        Node::Column(known.unwrap_or_else(|| {
            self.columns.push(name);
            self.columns.len() - 1
        }))
    }

    /// `interval '30' day`, `interval '12 hours'`.
    fn interval(&mut self, text: &str) -> Result<Node, ExpressionError> {
        let mut words = text.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<f64>().ok());
        let number = number.filter(|number| number.is_finite());
        let unit = match words.next() {
            Some(unit) => Some(unit.to_owned()),
            None => match self.take() {
                Some(Token::Word(unit)) => Some(unit),
                _ => None,
            },
        };
        let unit = unit.unwrap_or_default().to_ascii_lowercase();
        let length = match unit.trim_end_matches('s') {
            "week" => Some(7.0 * DAY),
            "day" => Some(DAY),
            "hour" => Some(DAY / 24.0),
            "minute" => Some(60.0 * 1e6),
            "second" => Some(1e6),
            _ => None,
        };
        match (number, length) {
            (Some(number), Some(length)) => Ok(Node::Literal(Literal::Span(number * length))),
            _ => Err(self.fault(
                "expected an interval such as `interval '30' day`: weeks, days, hours, minutes or seconds",
            )),
        }
    }

    fn case(&mut self) -> Result<Node, ExpressionError> {
        let mut cases = Vec::new();
        while self.passes("when") {
            let condition = self.either()?;
            self.expect("then")?;
            cases.push((condition, self.either()?));
        }
        if cases.is_empty() {
            return Err(self.fault("expected `when`"));
        }
        let otherwise =
            if self.passes("else") { self.either()? } else { Node::Literal(Literal::Null) };
        self.expect("end")?;
        Ok(Node::Case(cases, Box::new(otherwise)))
    }
}

fn negated_if(node: Node, negated: bool) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}

/// The node itself, where it is one alone.
fn one_or(mut nodes: Vec<Node>, of: impl FnOnce(Vec<Node>) -> Node) -> Node {
    match (nodes.len(), nodes.pop()) {
        (1, Some(only)) => only,
        (_, last) => of(nodes.into_iter().chain(last).collect()),
    }
}
