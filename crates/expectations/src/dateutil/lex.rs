//! The words, numbers and signs of a text that may be a date.

use std::collections::VecDeque;

/// What a token that is being read consists of.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Word,
    /// A word with dots in it.
    WordWithDots,
    Number,
    /// A number with dots, or a comma, in it.
    NumberWithDots,
}

/// The tokens of a text: words, numbers, and single characters. Dots separate (`Sep.20.2009`) unless they are of a decimal number.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut characters: VecDeque<char> = text.chars().filter(|it| *it != '\0').collect();
    let mut tokens = Vec::new();
    while let Some(first) = characters.pop_front() {
        let mut token = String::from(first);
        let mut state = match first {
            _ if first.is_alphabetic() => State::Word,
            _ if first.is_numeric() => State::Number,
            _ => {
                tokens.push(if is_space(first) { " ".to_owned() } else { token });
                continue;
            }
        };
        let mut has_letters = false;
        while let Some(next) = characters.front().copied() {
            has_letters |= matches!(state, State::Word | State::WordWithDots);
            let after_dot = token.ends_with('.');
            let is_word = next.is_alphabetic();
            let is_number = next.is_numeric();
            state = match state {
                State::Word if is_word => State::Word,
                State::Word if next == '.' => State::WordWithDots,
                State::Number if is_number => State::Number,
                State::Number if next == '.' => State::NumberWithDots,
                State::Number if next == ',' && token.chars().count() >= 2 => State::NumberWithDots,
                State::WordWithDots if next == '.' || is_word => State::WordWithDots,
                State::WordWithDots if is_number && after_dot => State::NumberWithDots,
                State::NumberWithDots if next == '.' || is_number => State::NumberWithDots,
                State::NumberWithDots if is_word && after_dot => State::WordWithDots,
                _ => break,
            };
            token.push(next);
            characters.pop_front();
        }
        let dots = token.matches('.').count();
        let has_dots = matches!(state, State::WordWithDots | State::NumberWithDots);
        if has_dots && (has_letters || dots > 1 || token.ends_with(['.', ','])) {
            tokens.extend(parts(&token).into_iter().filter(|part| !part.is_empty()));
        } else if state == State::NumberWithDots && dots == 0 {
            tokens.push(token.replace(',', "."));
        } else {
            tokens.push(token);
        }
    }
    tokens
}

/// A text cut at its dots and commas, which are parts of their own.
fn parts(token: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for character in token.chars() {
        if matches!(character, '.' | ',') {
            parts.push(character.to_string());
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts
}

/// What Python calls white space.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}
