//! The report for people: figures right-aligned in one column, money in pounds.

use crate::log::rules::RefusalReason;

use super::Report;

/// The narrowest that the column of names gets.
const NAME_WIDTH: usize = 24;

pub(super) fn render(report: &Report) -> String {
    let mut sections = vec![
        Section::new("Log").line("rows", count(report.rows)),
        Section::new("Orders")
            .line("placed", count(report.orders.placed))
            .line("lines", count(report.orders.lines))
            .line("units", signed_count(report.orders.units))
            .line("revenue", pounds(report.orders.revenue_millipounds))
            .line("customers", count(report.customers))
            .line("stock codes", count(report.skus)),
        Section::new("Returns")
            .line("rows", count(report.returns.rows))
            .line("units", signed_count(report.returns.units))
            .line("value", pounds(report.returns.value_millipounds)),
    ];
    let mut rejected = Section::new("Rejected rows");
    for reason in RefusalReason::ALL {
        rejected = rejected.line(reason.name(), count(report.rejected_rows.count(reason)));
    }
    sections.push(rejected.line("total", count(report.rejected_rows.total())));
    for (title, revenue) in [
        ("Revenue by month", &report.revenue_by_month),
        ("Revenue by country", &report.revenue_by_country),
    ] {
        let mut section = Section::new(title);
        for (name, millipounds) in revenue {
            section = section.line(name, pounds(*millipounds));
        }
        sections.push(section);
    }
    let mut top = Section::new("Top customers");
    for customer in &report.top_customers {
        let orders = match customer.orders {
            1 => "1 order".to_owned(),
            many => format!("{} orders", count(many)),
        };
        top = top.noted_line(
            &customer.customer,
            pounds(customer.revenue_millipounds),
            orders,
        );
    }
    sections.push(top);
    lay_out(&sections)
}

/// Lines under one title.
pub(crate) struct Section {
    title: &'static str,
    lines: Vec<Line>,
}

struct Line {
    name: String,
    figure: String,
    note: String,
}

impl Section {
    pub(crate) fn new(title: &'static str) -> Self {
        Self {
            title,
            lines: Vec::new(),
        }
    }

    pub(crate) fn line(self, name: &str, figure: String) -> Self {
        self.noted_line(name, figure, String::new())
    }

    fn noted_line(mut self, name: &str, figure: String, note: String) -> Self {
        self.lines.push(Line {
            name: name.to_owned(),
            figure,
            note,
        });
        self
    }
}

pub(crate) fn lay_out(sections: &[Section]) -> String {
    let widest = |text: fn(&Line) -> &str| {
        let lines = sections.iter().flat_map(|section| &section.lines);
        lines.map(|line| text(line).chars().count()).max()
    };
    let name_width = widest(|line| &line.name).unwrap_or(0).max(NAME_WIDTH);
    let figure_width = widest(|line| &line.figure).unwrap_or(0);
    let note_width = widest(|line| &line.note).unwrap_or(0);

    let mut text = String::new();
    for section in sections {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(section.title);
        text.push('\n');
        if section.lines.is_empty() {
            text.push_str("  none\n");
        }
        for Line { name, figure, note } in &section.lines {
            let line =
                format!("  {name:<name_width$}  {figure:>figure_width$}  {note:>note_width$}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub(crate) fn signed_count(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", count(number.unsigned_abs()))
}

/// `£572,713.890`: all three decimals, so that the column of figures stays aligned and exact.
pub(crate) fn pounds(millipounds: i64) -> String {
    let sign = if millipounds < 0 { "-" } else { "" };
    let magnitude = millipounds.unsigned_abs();
    format!("{sign}£{}.{:03}", count(magnitude / 1000), magnitude % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_separators_and_three_decimals() {
        let cases = [
            (0, "£0.000"),
            (1, "£0.001"),
            (-1, "-£0.001"),
            (999_999, "£999.999"),
            (1_000_000, "£1,000.000"),
            (572_713_890, "£572,713.890"),
            (-11_062_060, "-£11,062.060"),
            (i64::MIN, "-£9,223,372,036,854,775.808"),
        ];
        for (millipounds, expected) in cases {
            assert_eq!(pounds(millipounds), expected);
        }
    }
}
