//! RFC 3339 timestamps whose text survives.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::CloudEventError;

/// An RFC 3339 timestamp: its text and the instant it names. Equal when the texts are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct EventTime {
    text: String,
    timestamp: Timestamp,
}

impl EventTime {
    pub(super) fn parse(text: String) -> Result<Self, CloudEventError> {
        match Scanner(text.as_bytes()).timestamp() {
            Some(timestamp) => Ok(Self { text, timestamp }),
            None => Err(CloudEventError::Invalid {
                attribute: "time".to_owned(),
                problem: "is not an RFC 3339 timestamp",
                expected: "date, time to the second and offset, as in 2018-04-05T17:31:00Z",
            }),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

/// What is left of the text. Jiff's own parser is not used because it accepts more than
/// RFC 3339: times without seconds, offsets without minutes, time zone names.
struct Scanner<'text>(&'text [u8]);

impl Scanner<'_> {
    fn timestamp(mut self) -> Option<Timestamp> {
        let year = self.number(4)?;
        self.one_of(b"-")?;
        let month = self.narrow_number()?;
        self.one_of(b"-")?;
        let day = self.narrow_number()?;
        self.one_of(b"Tt")?;
        let hour = self.narrow_number()?;
        self.one_of(b":")?;
        let minute = self.narrow_number()?;
        self.one_of(b":")?;
        let second = self.narrow_number()?;
        let nanosecond = self.fraction()?;
        let offset = self.offset()?;
        if !self.0.is_empty() {
            return None;
        }

        let is_leap_second = second == 60;
        let second = if is_leap_second { 59 } else { second };
        let local = DateTime::new(year, month, day, hour, minute, second, nanosecond).ok()?;
        // Only the last hours before the year 10000 are beyond what a Timestamp can hold.
        let timestamp = offset.to_timestamp(local).unwrap_or(Timestamp::MAX);
        let ends_a_utc_day = timestamp.as_second().rem_euclid(86_400) == 86_399;
        (!is_leap_second || ends_a_utc_day).then_some(timestamp)
    }

    fn number(&mut self, digits: usize) -> Option<i16> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number.iter().try_fold(0, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| 10 * value + i16::from(digit - b'0'))
        })
    }

    fn narrow_number(&mut self) -> Option<i8> {
        i8::try_from(self.number(2)?).ok()
    }

    fn one_of(&mut self, accepted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        accepted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// Nanoseconds; zero where there is no fraction, `None` where a point has no digits.
    fn fraction(&mut self) -> Option<i32> {
        if self.one_of(b".").is_none() {
            return Some(0);
        }
        let digits = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (fraction, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        let padded = fraction.iter().copied().chain(std::iter::repeat(b'0'));
        let nanosecond = padded
            .take(9)
            .fold(0, |value, digit| 10 * value + i32::from(digit - b'0'));
        (!fraction.is_empty()).then_some(nanosecond)
    }

    fn offset(&mut self) -> Option<Offset> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(Offset::UTC),
        };
        let hours = self.number(2)?;
        self.one_of(b":")?;
        let minutes = self.number(2)?;
        if hours > 23 || minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * 60 * (60 * i32::from(hours) + i32::from(minutes))).ok()
    }
}
