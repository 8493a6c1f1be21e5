//! Formulas over metrics: numbers, names of metrics, `+ - * /`, parentheses. A formula is read once
//! into a tree and worked out row by row; it can neither loop nor reach anything but metrics.

use almanac_model::Metric;

use crate::limits;
use crate::refusal::{Pointer, Refusal, quoted};

/// A metric of the caller's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// What it is called in the answer.
    pub name: String,
    /// The formula as it was written.
    pub text: String,
    /// What it means.
    pub expression: Expression,
    /// How many decimals are shown.
    pub decimals: i32,
}

/// The meaning of a formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number.
    Number(f64),
    /// A metric of the row.
    Metric(Metric),
    /// The part with the other sign.
    Minus(Box<Expression>),
    /// Two parts joined.
    Pair(Box<Expression>, Operator, Box<Expression>),
}

/// How two parts are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
}

impl Expression {
    /// Reads a formula.
    ///
    /// # Errors
    /// At the first character that does not fit, with its position.
    pub(crate) fn read(text: &str, at: &Pointer) -> Result<Self, Refusal> {
        if text.len() > limits::FORMULA_BYTES_MAX {
            let most = limits::FORMULA_BYTES_MAX;
            return Err(Refusal::new(
                at,
                format!("is longer than {most} bytes; split it"),
            ));
        }
        let mut reader = Reader {
            text,
            position: 0,
            at,
        };
        let expression = reader.sum(limits::FORMULA_DEPTH_MAX)?;
        match reader.peek() {
            None => Ok(expression),
            Some(found) => Err(reader.unexpected(found, "+, -, *, / or the end")),
        }
    }

    /// The number for a row, given its metrics; none where a metric has no meaning or something is
    /// divided by zero.
    pub(crate) fn value(&self, metric: &impl Fn(Metric) -> Option<f64>) -> Option<f64> {
        let value = match self {
            Self::Number(number) => *number,
            Self::Metric(wanted) => metric(*wanted)?,
            Self::Minus(part) => -part.value(metric)?,
            Self::Pair(left, operator, right) => {
                let (left, right) = (left.value(metric)?, right.value(metric)?);
                match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over => left / right,
                }
            }
        };
        value.is_finite().then_some(value)
    }

    /// The metrics that it is made of, possibly several times.
    pub(crate) fn metrics(&self) -> Vec<Metric> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Metric(metric) => vec![*metric],
            Self::Minus(part) => part.metrics(),
            Self::Pair(left, _, right) => [left.metrics(), right.metrics()].concat(),
        }
    }
}

/// Reads a formula from left to right.
struct Reader<'a> {
    text: &'a str,
    /// Byte from which on nothing was read yet; always between two characters.
    position: usize,
    at: &'a Pointer,
}

impl<'a> Reader<'a> {
    fn sum(&mut self, depth_left: usize) -> Result<Expression, Refusal> {
        let mut left = self.product(depth_left)?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.skip();
            let right = self.product(depth_left)?;
            left = Expression::Pair(Box::new(left), operator, Box::new(right));
        }
    }

    fn product(&mut self, depth_left: usize) -> Result<Expression, Refusal> {
        let mut left = self.part(depth_left)?;
        loop {
            let operator = match self.peek() {
                Some('*') => Operator::Times,
                Some('/') => Operator::Over,
                _ => return Ok(left),
            };
            self.skip();
            let right = self.part(depth_left)?;
            left = Expression::Pair(Box::new(left), operator, Box::new(right));
        }
    }

    fn part(&mut self, depth_left: usize) -> Result<Expression, Refusal> {
        let Some(depth_left) = depth_left.checked_sub(1) else {
            let most = limits::FORMULA_DEPTH_MAX;
            return Err(Refusal::new(
                self.at,
                format!("is nested deeper than {most} levels"),
            ));
        };
        let expected = "a number, a metric, - or (";
        match self.peek() {
            Some('(') => {
                self.skip();
                let inner = self.sum(depth_left)?;
                match self.peek() {
                    Some(')') => self.skip(),
                    Some(found) => return Err(self.unexpected(found, ")")),
                    None => return Err(self.ended(")")),
                }
                Ok(inner)
            }
            Some('-') => {
                self.skip();
                Ok(Expression::Minus(Box::new(self.part(depth_left)?)))
            }
            Some(first) if first.is_ascii_digit() || first == '.' => self.number(),
            Some(first) if first.is_ascii_alphabetic() => self.metric(),
            Some(found) => Err(self.unexpected(found, expected)),
            None => Err(self.ended(expected)),
        }
    }

    fn number(&mut self) -> Result<Expression, Refusal> {
        let word = self.word(|one| one.is_ascii_digit() || one == '.');
        let number = word.parse().ok().filter(|number: &f64| number.is_finite());
        number
            .map(Expression::Number)
            .ok_or_else(|| Refusal::new(self.at, format!("{} is not a number", quoted(word))))
    }

    fn metric(&mut self) -> Result<Expression, Refusal> {
        let word = self.word(|one| one.is_ascii_alphanumeric() || one == '_');
        Metric::from_name(word)
            .map(Expression::Metric)
            .ok_or_else(|| {
                let reason = format!("{} is not a metric; use the names of metrics", quoted(word));
                Refusal::new(self.at, reason)
            })
    }

    /// The text from here on of which every character fits.
    fn word(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.text.get(self.position..).unwrap_or_default();
        let length = rest.find(|one| !fits(one)).unwrap_or(rest.len());
        self.position += length;
        rest.get(..length).unwrap_or_default()
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        let rest = self.text.get(self.position..)?;
        self.position += rest.len() - rest.trim_start().len();
        rest.trim_start().chars().next()
    }

    /// Goes past the character that was looked at.
    fn skip(&mut self) {
        let rest = self.text.get(self.position..).unwrap_or_default();
        self.position += rest.chars().next().map_or(0, char::len_utf8);
    }

    fn unexpected(&self, found: char, expected: &str) -> Refusal {
        let position = self.position + 1;
        let reason = format!("expected {expected} at byte {position}, found {found:?}");
        Refusal::new(self.at, reason)
    }

    fn ended(&self, expected: &str) -> Refusal {
        Refusal::new(self.at, format!("expected {expected}, but it ends"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a formula where calls are 4, errors 1 and nothing else has a meaning; or what it
    /// is refused with.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let metric = |metric| match metric {
            Metric::Calls => Some(4.0),
            Metric::Errors => Some(1.0),
            _ => None,
        };
        let found = match Expression::read(text, &Pointer::root()) {
            Ok(expression) => format!("{:?}", expression.value(&metric)),
            Err(refusal) => refusal.to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn products_go_before_sums_and_from_left_to_right() {
        check("1 + 2 * 3", "Some(7.0)");
        check("8 / 4 / 2", "Some(1.0)");
        check("8 - 4 - 2", "Some(2.0)");
        check("(1+2)*3", "Some(9.0)");
        check("-calls + .5", "Some(-3.5)");
        check("errors*100/calls", "Some(25.0)");
    }

    #[test]
    fn what_has_no_meaning_is_nothing() {
        check("errors / (calls - 4)", "None");
        check("quality_score + 1", "None");
        check("0 / 0", "None");
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        check("1 +", "#: expected a number, a metric, - or (, but it ends");
        check(
            "calls calls",
            "#: expected +, -, *, / or the end at byte 7, found 'c'",
        );
        check("(1", "#: expected ), but it ends");
        check(
            "cost",
            "#: \"cost\" is not a metric; use the names of metrics",
        );
        check("1.2.3", "#: \"1.2.3\" is not a number");
        check(
            "1 % 2",
            "#: expected +, -, *, / or the end at byte 3, found '%'",
        );
        check(
            "ü",
            "#: expected a number, a metric, - or ( at byte 1, found 'ü'",
        );
        check(
            &"(".repeat(limits::FORMULA_DEPTH_MAX + 1),
            "#: is nested deeper than 32 levels",
        );
        let long = "1".repeat(limits::FORMULA_BYTES_MAX + 1);
        check(&long, "#: is longer than 500 bytes; split it");
    }
}
