//! The expressions of the scenarios: as much of JavaScript as occurs in them, and nothing else.
//!
//! | form | as in |
//! |---|---|
//! | `true`, `false`, whole numbers | `true`, `5` |
//! | names and members | `username`, `state.courseExists`, `event.metadata?.daysAgo` |
//! | `!` | `!state.courseExists` |
//! | `+` | `state + 1` |
//! | `===`, `>=`, `<=`, `>` | `state.numberOfStudentSubscriptions >= 5` |
//! | two of them with `\|\|` | `event.data.newUsername === username \|\| event.metadata?.daysAgo <= 3` |
//! | objects in parentheses | `({...state, otpUsed: true})` |

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Bool(bool),
    Number(i64),
    Name(String),
    Member {
        of: Box<Expression>,
        name: String,
        /// `?.` instead of `.`.
        optional: bool,
    },
    Not(Box<Expression>),
    Binary(Box<Expression>, Operator, Box<Expression>),
    Object(Vec<Part>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    Same,
    AtLeast,
    AtMost,
    Above,
    Plus,
}

/// A part of an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Entry(String, Expression),
    /// `...object`
    All(Expression),
}

/// Reads a whole text as one expression.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser { rest: text };
    let expression = parser.or();
    let expression = expression.map_err(|error| format!("`{text}`: {error}"))?;
    match parser.rest.trim_start() {
        "" => Ok(expression),
        rest => Err(format!("`{text}`: unknown from `{rest}` on")),
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Expression, String> {
        let mut left = self.comparison()?;
        while self.take("||") {
            left = binary(left, Operator::Or, self.comparison()?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expression, String> {
        const OPERATORS: [(&str, Operator); 4] = [
            ("===", Operator::Same),
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            (">", Operator::Above),
        ];
        let left = self.sum()?;
        let found = OPERATORS.iter().find(|(sign, _)| self.take(sign));
        match found {
            Some((_, operator)) => Ok(binary(left, *operator, self.sum()?)),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.unary()?;
        while self.take("+") {
            left = binary(left, Operator::Plus, self.unary()?);
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        if self.take("!") {
            return Ok(Expression::Not(Box::new(self.unary()?)));
        }
        let mut of = self.primary()?;
        loop {
            let optional = self.take("?.");
            if !optional && !self.take(".") {
                return Ok(of);
            }
            of = Expression::Member {
                of: Box::new(of),
                name: self.name()?,
                optional,
            };
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inside = match self.take("{") {
                true => self.object()?,
                false => self.or()?,
            };
            self.expect(")")?;
            return Ok(inside);
        }
        self.rest = self.rest.trim_start();
        let digits = self.take_while(|letter| letter.is_ascii_digit());
        if !digits.is_empty() {
            return digits
                .parse()
                .map(Expression::Number)
                .map_err(|error| format!("{digits}: {error}"));
        }
        Ok(match self.name()?.as_str() {
            "true" => Expression::Bool(true),
            "false" => Expression::Bool(false),
            name => Expression::Name(name.to_owned()),
        })
    }

    fn object(&mut self) -> Result<Expression, String> {
        let mut parts = Vec::new();
        loop {
            parts.push(match self.take("...") {
                true => Part::All(self.or()?),
                false => {
                    let name = self.name()?;
                    self.expect(":")?;
                    Part::Entry(name, self.or()?)
                }
            });
            if !self.take(",") {
                self.expect("}")?;
                return Ok(Expression::Object(parts));
            }
        }
    }

    fn name(&mut self) -> Result<String, String> {
        self.rest = self.rest.trim_start();
        let name = self.take_while(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        match name.chars().next() {
            Some(first) if !first.is_ascii_digit() => Ok(name.to_owned()),
            _ => Err(format!("unknown from `{name}{}` on", self.rest)),
        }
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !belongs(letter));
        let (taken, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.rest.trim_start().strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(format!("`{sign}` is missing before `{}`", self.rest)),
        }
    }
}

fn binary(left: Expression, operator: Operator, right: Expression) -> Expression {
    Expression::Binary(Box::new(left), operator, Box::new(right))
}
