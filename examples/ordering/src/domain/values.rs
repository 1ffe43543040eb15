//! Ids and money: newtypes, so that none is taken for another.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use orchestrix::prelude::*;
use orchestrix::projection::{IndexKind, IndexValue};

/// A customer's number.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerId(String);

/// An order's number, which is its invoice's.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(String);

/// A row of a credit invoice: the invoice's number and the row's place in it, `C536379/1`.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReturnId(String);

/// What is sold; case-sensitive.
#[derive(Id, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StockCode(String);

/// Money in thousandths of a pound, exact.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millipounds(pub i64);

impl Millipounds {
    /// The price of so many units.
    #[must_use]
    pub fn times(self, units: i64) -> Self {
        // The log is refused where sums do not fit, long before this could saturate.
        Self(self.0.saturating_mul(units))
    }
}

impl IndexValue for Millipounds {
    const KIND: IndexKind = i64::KIND;

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.encode(bytes);
    }
}

impl Add for Millipounds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Millipounds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Millipounds {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Millipounds {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Millipounds {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Sum for Millipounds {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}

/// Units of something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Of what.
    pub stock_code: StockCode,
    /// How many, at least one.
    pub quantity: i64,
}

#[cfg(test)]
mod tests {
    use super::Millipounds;

    /// What binary fractions cannot: 0.1 + 0.2 is 0.3, and a million times a tenth of a penny is 1,000 pounds.
    #[test]
    fn sums_of_money_are_exact() {
        assert_eq!(Millipounds(100) + Millipounds(200), Millipounds(300));
        let many = std::iter::repeat_n(Millipounds(1), 1_000_000);
        assert_eq!(many.sum::<Millipounds>(), Millipounds(1_000_000));
        let mut left = Millipounds(300);
        left -= Millipounds(100);
        assert_eq!(left + -Millipounds(200), Millipounds(0));
        assert_eq!(Millipounds(2_950).times(48), Millipounds(141_600));
    }
}
