//! The texts of single fields as values.
//!
//! Each function returns `None` for anything but the one form that the log uses; [`expected`] says
//! in words which form that is.

use jiff::civil::DateTime;

/// What a well-formed field looks like, for error messages.
pub(super) mod expected {
    pub(in crate::log) const NAME: &str = "1 to 100 characters, none of them a control character";
    pub(in crate::log) const DESCRIPTION: &str = "text without NUL characters";
    pub(in crate::log) const QUANTITY: &str = "a whole number such as 6 or -1";
    pub(in crate::log) const DATE: &str = "a date and time such as 2010-12-01 08:26:00";
    pub(in crate::log) const PRICE: &str =
        "pounds with at most three decimals such as 2.55 or -11062.06";
    pub(in crate::log) const CUSTOMER: &str =
        "nothing or a number of at most 20 digits such as 17850 or 17850.0";
}

/// What streams and read models can be named after.
pub(super) fn name(text: &str) -> Option<&str> {
    const LONGEST: usize = 100;
    let fits = !text.is_empty() && text.chars().nth(LONGEST).is_none();
    (fits && !text.contains(char::is_control)).then_some(text)
}

/// Digits with an optional minus sign.
pub(super) fn quantity(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    is_number(digits).then(|| text.parse().ok()).flatten()
}

/// `YYYY-MM-DD HH:MM:SS`, a moment that exists on the calendar.
pub(super) fn date(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once(' ')?;
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let small = |number: i16| i8::try_from(number).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()
}

/// Pounds with up to three decimals as thousandths, exactly.
pub(super) fn millipounds(text: &str) -> Option<i64> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, text),
    };
    let (pounds, decimals) = match magnitude.split_once('.') {
        Some((pounds, decimals)) if is_number(decimals) => (pounds, decimals),
        Some(_) => return None,
        None => (magnitude, ""),
    };
    if !is_number(pounds) {
        return None;
    }
    let scale = match decimals.len() {
        0 => return signed(negative, pounds.parse::<i64>().ok()?.checked_mul(1000)?),
        1 => 100,
        2 => 10,
        3 => 1,
        _ => return None,
    };
    let thousandths = decimals.parse::<i64>().ok()? * scale;
    let whole = pounds.parse::<i64>().ok()?.checked_mul(1000)?;
    signed(negative, whole.checked_add(thousandths)?)
}

/// A customer's number without the `.0` that a spreadsheet left behind.
pub(super) fn customer(text: &str) -> Option<&str> {
    const LONGEST: usize = 20;
    let number = text.strip_suffix(".0").unwrap_or(text);
    (is_number(number) && number.len() <= LONGEST).then_some(number)
}

fn signed(negative: bool, magnitude: i64) -> Option<i64> {
    if negative {
        magnitude.checked_neg()
    } else {
        Some(magnitude)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Exactly three numbers of fixed widths; none is wider than an `i16` can hold.
fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i16; 3]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; 3];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        *number = is_number(part).then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests;
