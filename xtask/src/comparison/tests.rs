use super::{baseline_of, scaled, table};
use crate::measurements::{Measurement, Work};

fn measured(group: &str, function: &str, parameter: Option<&str>, median: f64) -> Measurement {
    Measurement {
        group: group.to_owned(),
        function: function.to_owned(),
        parameter: parameter.map(str::to_owned),
        median,
        work: None,
    }
}

#[test]
fn the_table_shows_ratios_to_the_groups_baseline() {
    let with = |work, measurement| Measurement {
        work: Some(work),
        ..measurement
    };
    let all = [
        with(
            Work::Elements(64),
            measured("append", "baseline", Some("64"), 2_000_000.0),
        ),
        with(
            Work::Elements(64),
            measured("append", "sqlite", Some("64"), 3_100_000.0),
        ),
        with(
            Work::Bytes(1_048_576),
            measured("codec", "encode", None, 1_000_000.0),
        ),
        measured("rehydrate", "baseline_loop", None, 400.0),
        measured("rehydrate", "memory", None, 100.0),
    ];
    let expected = "\
group      benchmark       median  throughput  ratio  to
---------  -------------  -------  ----------  -----  -------------
append     baseline/64    2.00 ms    32.0 K/s      -  -
append     sqlite/64      3.10 ms    20.6 K/s   1.55  baseline/64
codec      encode         1.00 ms  1000 MiB/s      -  -
rehydrate  baseline_loop   400 ns           -      -  -
rehydrate  memory          100 ns           -   0.25  baseline_loop
";
    assert_eq!(table(&all), expected);
}

#[test]
fn the_best_fitting_baseline_is_taken() {
    let all = [
        measured("g", "baseline", None, 1.0),
        measured("g", "baseline", Some("1"), 1.0),
        measured("g", "baseline_sqlite", None, 1.0),
        measured("g", "baseline_sqlite", Some("64"), 1.0),
        measured("other", "baseline", Some("8"), 1.0),
        measured("odd", "baseline_loop", Some("8"), 1.0),
    ];
    let cases = [
        (("g", "memory", Some("1")), Some("baseline/1")),
        (("g", "memory", Some("8")), Some("baseline")),
        (("g", "memory", None), Some("baseline")),
        (("g", "sqlite", Some("64")), Some("baseline_sqlite/64")),
        (("g", "sqlite", Some("1")), Some("baseline_sqlite")),
        (("odd", "memory", Some("8")), Some("baseline_loop/8")),
        (("odd", "memory", Some("64")), None),
        (("odd", "baseline_loop", Some("8")), None),
        (("none", "memory", None), None),
    ];
    for ((group, function, parameter), expected) in cases {
        let one = measured(group, function, parameter, 1.0);
        let found = baseline_of(&one, &all).map(Measurement::name);
        assert_eq!(found.as_deref(), expected, "{group} {}", one.name());
    }
}

#[test]
fn numbers_are_shown_with_three_digits() {
    let cases = [
        (0.0, "0.00 ns"),
        (9.994, "9.99 ns"),
        (9.996, "10.0 ns"),
        (99.96, "100 ns"),
        (999.4, "999 ns"),
        (999.6, "1.00 µs"),
        (12_345.0, "12.3 µs"),
        (7_654_321_000.0, "7654 ms"),
    ];
    for (nanoseconds, expected) in cases {
        assert_eq!(
            scaled(nanoseconds, 1000.0, &["ns", "µs", "ms"]),
            expected,
            "{nanoseconds}"
        );
    }
}
