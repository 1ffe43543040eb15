//! Benchmarks against the baseline of their group: times depend on the machine, ratios hardly do.

use crate::measurements::{Measurement, Work};
use crate::table::{Align, render};

#[cfg(test)]
mod tests;

/// The prefix that makes a benchmark a baseline.
const BASELINE: &str = "baseline";

/// A table of all benchmarks: median time, throughput, and how many times as long as its baseline each one takes.
pub(crate) fn table(measured: &[Measurement]) -> String {
    let rows: Vec<_> = measured
        .iter()
        .map(|one| {
            let baseline = baseline_of(one, measured);
            [
                one.group.clone(),
                one.name(),
                time(one.median),
                one.work
                    .map_or("-".to_owned(), |work| throughput(work, one.median)),
                baseline.map_or("-".to_owned(), |baseline| {
                    ratio(one.median, baseline.median)
                }),
                baseline.map_or("-".to_owned(), Measurement::name),
            ]
        })
        .collect();
    let headings = [
        ("group", Align::Left),
        ("benchmark", Align::Left),
        ("median", Align::Right),
        ("throughput", Align::Right),
        ("ratio", Align::Right),
        ("to", Align::Left),
    ];
    render(headings, &rows)
}

/// The baseline that fits `one` best: made for it (`baseline_sqlite` for `sqlite`) before the group's general one before any
/// other, and of the same kind, measured with the same parameter before without one. Never one with another parameter, and
/// baselines have none.
fn baseline_of<'a>(one: &Measurement, measured: &'a [Measurement]) -> Option<&'a Measurement> {
    if one.function.starts_with(BASELINE) {
        return None;
    }
    measured
        .iter()
        .filter(|other| other.group == one.group)
        .filter_map(|other| {
            let made_for = other.function.strip_prefix(BASELINE)?;
            let kind = match made_for.trim_start_matches(['_', '-', '/', ' ']) {
                name if name == one.function => 0,
                "" => 1,
                _ => 2,
            };
            let parameter = match &other.parameter {
                same if *same == one.parameter => 0,
                None => 1,
                Some(_) => return None,
            };
            Some(((kind, parameter), other))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, baseline)| baseline)
}

fn ratio(median: f64, baseline: f64) -> String {
    if baseline > 0.0 {
        format!("{:.2}", median / baseline)
    } else {
        "-".to_owned()
    }
}

fn time(nanoseconds: f64) -> String {
    scaled(nanoseconds, 1000.0, &["ns", "µs", "ms", "s"])
}

fn throughput(work: Work, nanoseconds: f64) -> String {
    // A `u64` that does not fit an `f64` exactly is still right in the three digits shown.
    let per_second = |amount: u64| amount as f64 * 1e9 / nanoseconds;
    match work {
        _ if nanoseconds <= 0.0 => "-".to_owned(),
        Work::Elements(elements) => {
            scaled(per_second(elements), 1000.0, &["/s", "K/s", "M/s", "G/s"])
        }
        Work::Bytes(bytes) => scaled(
            per_second(bytes),
            1024.0,
            &["B/s", "KiB/s", "MiB/s", "GiB/s"],
        ),
    }
}

/// The number in the largest unit that leaves it at 1 or more, with three digits.
fn scaled(mut number: f64, step: f64, units: &[&str]) -> String {
    let mut unit = 0;
    // 999.5 would be shown with four digits.
    while number >= step - 0.5 && unit + 1 < units.len() {
        number /= step;
        unit += 1;
    }
    let digits = match number {
        n if n < 9.995 => 2,
        n if n < 99.95 => 1,
        _ => 0,
    };
    format!("{number:.digits$} {}", units[unit])
}
