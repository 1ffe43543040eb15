use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Measurement, Work, read};

/// Writes the two files as criterion does, with the fields that are not read here beside those that are.
fn leave(folder: &Path, function: &str, parameter: &str, throughput: &str, median: f64) {
    fs::create_dir_all(folder).expect("a folder");
    let benchmark = format!(
        r#"{{"group_id":"append","function_id":{function},"value_str":{parameter},"throughput":{throughput},
            "full_id":"append/x","directory_name":"append/x","title":"append/x"}}"#
    );
    let estimate = |value: f64| {
        format!(
            r#"{{"confidence_interval":{{"confidence_level":0.95,"lower_bound":1.0,"upper_bound":9.0}},
                "point_estimate":{value},"standard_error":0.1}}"#
        )
    };
    let estimates = format!(
        r#"{{"mean":{},"median":{},"median_abs_dev":{},"slope":null,"std_dev":{}}}"#,
        estimate(99.0),
        estimate(median),
        estimate(1.0),
        estimate(1.0)
    );
    fs::write(folder.join("benchmark.json"), benchmark).expect("a file");
    fs::write(folder.join("estimates.json"), estimates).expect("a file");
}

fn measured(
    function: &str,
    parameter: Option<&str>,
    median: f64,
    work: Option<Work>,
) -> Measurement {
    Measurement {
        group: "append".to_owned(),
        function: function.to_owned(),
        parameter: parameter.map(str::to_owned),
        median,
        work,
    }
}

#[test]
fn new_results_are_read_at_every_depth_and_put_in_order() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |path: &str| folder.path().join(path);
    leave(
        &at("append/sqlite/64/new"),
        r#""sqlite""#,
        r#""64""#,
        r#"{"Elements":64}"#,
        1500.5,
    );
    leave(
        &at("append/sqlite/8/new"),
        r#""sqlite""#,
        r#""8""#,
        r#"{"ElementsAndBytes":{"elements":8,"bytes":80}}"#,
        700.0,
    );
    leave(
        &at("append/sqlite/8/base"),
        r#""sqlite""#,
        r#""8""#,
        "null",
        1.0,
    );
    leave(
        &at("append/baseline/new"),
        r#""baseline""#,
        "null",
        r#"{"Bytes":4096}"#,
        500.0,
    );
    leave(
        &at("append/alone/new"),
        "null",
        "null",
        r#"{"Furlongs":3}"#,
        2.0,
    );
    fs::create_dir_all(at("append/unfinished/new")).expect("a folder");
    fs::create_dir_all(at("report")).expect("a folder");
    fs::write(at("report/index.html"), "").expect("a file");

    let all = read(folder.path(), SystemTime::UNIX_EPOCH).expect("readable results");
    assert_eq!(
        all,
        [
            measured("baseline", None, 500.0, Some(Work::Bytes(4096))),
            measured("append", None, 2.0, None),
            measured("sqlite", Some("8"), 700.0, Some(Work::Elements(8))),
            measured("sqlite", Some("64"), 1500.5, Some(Work::Elements(64))),
        ]
    );
}

#[test]
fn results_of_an_earlier_run_are_left_out() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    leave(
        &folder.path().join("append/x/new"),
        r#""x""#,
        "null",
        "null",
        1.0,
    );
    let later = SystemTime::now() + Duration::from_secs(3600);
    assert_eq!(read(folder.path(), later).expect("readable results"), []);
}

#[test]
fn a_folder_that_is_not_there_holds_nothing() {
    let missing = Path::new("/no/such/folder");
    assert_eq!(
        read(missing, SystemTime::UNIX_EPOCH).expect("nothing to read"),
        []
    );
}

#[test]
fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let new = folder.path().join("append/x/new");
    leave(&new, r#""x""#, "null", "null", 1.0);
    fs::write(new.join("estimates.json"), r#"{"median":"#).expect("a file");
    let error = read(folder.path(), SystemTime::UNIX_EPOCH)
        .expect_err("half a file")
        .to_string();
    assert!(error.contains("append/x/new/estimates.json"), "{error}");
}
