use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{TraceContextError, trim_optional_whitespace};

/// The contents of `tracestate`: at most 32 pairs of tracing system and its opaque value, the
/// one written last first.
///
/// Keys are unique: where a list repeats a key, the first member counts. Text and serde form are
/// the header's value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct TraceState {
    members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Member {
    key: String,
    value: String,
}

impl TraceState {
    /// The largest number of list members.
    pub const MAX_MEMBERS: usize = 32;

    /// Reads the value of one `tracestate` header; the empty value is the empty state.
    ///
    /// # Errors
    ///
    /// A [`TraceContextError`] naming the first list member which is malformed, or saying that
    /// there are too many.
    pub fn parse(tracestate: &str) -> Result<Self, TraceContextError> {
        Self::parse_all([tracestate])
    }

    /// Reads the values of several `tracestate` headers, in the order of their arrival, as one
    /// list.
    ///
    /// # Errors
    ///
    /// As [`TraceState::parse`]; list members are counted across all values.
    pub fn parse_all<'text>(
        tracestates: impl IntoIterator<Item = &'text str>,
    ) -> Result<Self, TraceContextError> {
        let listed = tracestates
            .into_iter()
            .flat_map(|tracestate| tracestate.split(','))
            .map(trim_optional_whitespace)
            .filter(|member| !member.is_empty());
        let mut members: Vec<Member> = Vec::new();
        for (index, text) in listed.enumerate() {
            // Repeated keys count too: the limit is about the list which was sent.
            if index == Self::MAX_MEMBERS {
                return Err(TraceContextError::TooManyMembers {
                    limit: Self::MAX_MEMBERS,
                });
            }
            let (key, value) = text
                .split_once('=')
                .ok_or(TraceContextError::MissingValue { member: index })?;
            check_member(index, key, value)?;
            if members.iter().all(|member| member.key != key) {
                members.push(Member {
                    key: key.to_owned(),
                    value: value.to_owned(),
                });
            }
        }
        Ok(Self { members })
    }

    /// The state after the tracing system `key` has written `value`: its member moves to the
    /// front, and the last one is dropped if there are now too many.
    ///
    /// # Errors
    ///
    /// [`TraceContextError::IllegalKey`] or [`TraceContextError::IllegalValue`].
    pub fn with_member(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, TraceContextError> {
        let (key, value) = (key.into(), value.into());
        check_member(0, &key, &value)?;
        self.members.retain(|member| member.key != key);
        self.members.insert(0, Member { key, value });
        self.members.truncate(Self::MAX_MEMBERS);
        Ok(self)
    }

    /// The state cut down to at most `limit` characters of text, for carriers which cannot take
    /// more; the recommendation asks to propagate at least 512.
    ///
    /// Members are dropped whole and from the end, those above 128 characters first.
    #[must_use]
    pub fn limited_to(mut self, limit: usize) -> Self {
        const LARGE_MEMBER: usize = 128;

        while self.text_length() > limit {
            let large = self
                .members
                .iter()
                .rposition(|member| member.text_length() > LARGE_MEMBER);
            match large {
                Some(index) => drop(self.members.remove(index)),
                None => drop(self.members.pop()),
            }
        }
        self
    }

    /// The value which the tracing system `key` wrote.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Keys and values in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members
            .iter()
            .map(|member| (member.key.as_str(), member.value.as_str()))
    }

    /// The number of list members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn text_length(&self) -> usize {
        let members: usize = self.members.iter().map(Member::text_length).sum();
        members + self.members.len().saturating_sub(1)
    }
}

impl Member {
    fn text_length(&self) -> usize {
        self.key.len() + 1 + self.value.len()
    }
}

fn check_member(member: usize, key: &str, value: &str) -> Result<(), TraceContextError> {
    const MAX_LENGTH: usize = 256;

    let starts_well = key.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let key_character =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    if !starts_well || key.len() > MAX_LENGTH || !key.bytes().all(key_character) {
        return Err(TraceContextError::IllegalKey { member });
    }

    let value_character = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b',' | b'=');
    if value.is_empty()
        || value.ends_with(' ')
        || value.len() > MAX_LENGTH
        || !value.bytes().all(value_character)
    {
        return Err(TraceContextError::IllegalValue { member });
    }
    Ok(())
}

/// Writes the value of the `tracestate` header.
impl fmt::Display for TraceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(formatter, "{separator}{key}={value}")?;
        }
        Ok(())
    }
}

impl FromStr for TraceState {
    type Err = TraceContextError;

    /// The same as [`TraceState::parse`].
    fn from_str(tracestate: &str) -> Result<Self, Self::Err> {
        Self::parse(tracestate)
    }
}

impl Serialize for TraceState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
