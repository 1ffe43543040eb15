//! Every way in which a file can be wrong, and that its message names the place.

use std::error::Error;
use std::path::Path;

use ordering::log::{Format, Log, LogError};

use crate::log_encoding::{gzip, xz};
use crate::real_data::data;
use crate::sample::{HEADER, ROW, csv, read, read_file};

/// Reads `row` as line 3 and returns the message.
fn message(row: &str) -> String {
    match read(csv(&[ROW, row, ROW])) {
        Ok(_) => format!("accepted: {row}"),
        Err(error) => {
            assert_eq!(error.exit_code(), 2);
            error.to_string()
        }
    }
}

/// Writes `bytes` under `name` into a folder of its own and reads them.
fn read_as(name: &str, bytes: &[u8]) -> Result<Result<Log, LogError>, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join(name);
    std::fs::write(&path, bytes)?;
    let result = read_file(&path);
    if let Err(error) = &result {
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()), "{text}");
        assert_eq!(error.exit_code(), 2);
    }
    Ok(result)
}

/// A log of many rows that do not compress to nothing.
fn long_log() -> String {
    let rows: Vec<String> = (0..20_000_u64)
        .map(|number| {
            let noise = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            format!("{number},{noise},,1,2010-12-01 08:26:00,2.55,17850.0,EIRE")
        })
        .collect();
    csv(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_malformed_field_is_named_with_what_belongs_there() {
    let before = "sample.csv, line 3: ";
    let cases = [
        (
            "1,2,,six,2010-12-01 08:26:00,2.55,,EIRE",
            "Quantity is \"six\", expected a whole number such as 6 or -1",
        ),
        (
            "1,2,,9223372036854775808,2010-12-01 08:26:00,2.55,,EIRE",
            "Quantity is \"9223372036854775808\", expected a whole number such as 6 or -1",
        ),
        (
            "1,2,,1,2010-02-30 08:26:00,2.55,,EIRE",
            "InvoiceDate is \"2010-02-30 08:26:00\", expected a date and time such as \
             2010-12-01 08:26:00",
        ),
        (
            "1,2,,1,2010-12-01 08:26:00,2.5555,,EIRE",
            "UnitPrice is \"2.5555\", expected pounds with at most three decimals such as 2.55 \
             or -11062.06",
        ),
        (
            "1,2,,1,2010-12-01 08:26:00,,,EIRE",
            "UnitPrice is \"\", expected pounds with at most three decimals such as 2.55 or \
             -11062.06",
        ),
        (
            "1,2,,1,2010-12-01 08:26:00,2.55,17850.5,EIRE",
            "CustomerID is \"17850.5\", expected nothing or a number of at most 20 digits such as 17850 or 17850.0",
        ),
        (
            "1\0,2,,1,2010-12-01 08:26:00,2.55,17850.0,EIRE",
            "InvoiceNo is \"1\\0\", expected 1 to 100 characters, none of them a control character",
        ),
        (
            "1,2,\0,1,2010-12-01 08:26:00,2.55,17850.0,EIRE",
            "Description is \"\\0\", expected text without NUL characters",
        ),
        ("1,2,3", "the row has 3 field(s), expected 8"),
        (
            "1,2,a, b,1,2010-12-01 08:26:00,2.55,17850.0,EIRE",
            "the row has 9 field(s), expected 8",
        ),
        // The rest of the file lies within the quotes.
        (
            "1,2,\"open,1,2010-12-01 08:26:00,2.55,17850.0,EIRE",
            "the row has 3 field(s), expected 8",
        ),
        (
            "1,2,,1,2010-12-01 08:26:00,2.55,17850.0,\"EIRE",
            &format!(
                "Country is \"EIRE\\n{ROW}\\n\", expected 1 to 100 characters, none of them a control character"
            ),
        ),
    ];
    for (row, expected) in cases {
        assert_eq!(message(row), format!("{before}{expected}"));
    }
    let long = format!("1,2,,{},2010-12-01 08:26:00,2.55,,EIRE", "x".repeat(5_000));
    assert!(message(&long).len() < 300, "long texts are shortened");
}

#[test]
fn totals_that_cannot_be_counted_are_refused() {
    let large = "1,2,,9223372036854775807,2010-12-01 08:26:00,0.001,,EIRE";
    let mut product = large.replace("0.001", "0.002");
    let expected = |line: u64| {
        format!(
            "sample.csv, line {line}: the total of units or of millipounds up to here exceeds \
             9223372036854775807"
        )
    };
    assert_eq!(message(&product), expected(3));
    product = large
        .replace("922", "-922")
        .replace("0.001", "1000000000000.0");
    assert_eq!(message(&product), expected(3));
    // Alone it can be counted, but not after the row before.
    assert!(read(csv(&[large])).is_ok());
    assert_eq!(message(large), expected(3));
}

#[test]
fn an_order_of_two_customers_is_refused_and_a_credit_is_not() {
    let row = |invoice, customer| format!("{invoice},2,,-1,2010-12-01 08:26:00,1,{customer},EIRE");
    let pair = |invoice| {
        let rows = [row(invoice, "1.0"), row(invoice, ""), row(invoice, "2.0")];
        read(csv(&rows.each_ref().map(String::as_str)))
    };
    match pair("7") {
        Err(error @ LogError::SeveralCustomers { line: 4, .. }) => assert_eq!(
            error.to_string(),
            "sample.csv, line 4: invoice 7 is of customer 2 here, but of 1 before"
        ),
        other => panic!("{other:?}"),
    }
    assert!(pair("C7").is_ok());
}

#[test]
fn a_wrong_header_is_shown_beside_the_right_one() {
    for (header, found) in [
        ("Invoice,Country", "Invoice,Country"),
        (&HEADER.to_lowercase(), &*HEADER.to_lowercase()),
        (ROW, ROW),
        ("{\"rows\": 1}", "{\\\"rows\\\": 1}"),
    ] {
        let text = match read(header.to_owned() + "\n" + ROW) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            text,
            format!("sample.csv, line 1: wrong header, expected {HEADER}, found \"{found}\"")
        );
    }
}

#[test]
fn paths_without_a_file_are_told_apart() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("missing.csv");
    match read_file(&missing) {
        Err(LogError::Missing { file }) => assert_eq!(file, missing),
        other => panic!("{other:?}"),
    }
    match read_file(folder.path()) {
        Err(LogError::Folder { file }) => assert_eq!(file, folder.path()),
        other => panic!("{other:?}"),
    }
    let below_a_file = folder.path().join("log.csv/below.csv");
    std::fs::write(folder.path().join("log.csv"), csv(&[ROW]))?;
    match read_file(&below_a_file) {
        Err(LogError::Unreadable { file, .. }) => assert_eq!(file, below_a_file),
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[test]
fn a_missing_last_file_is_noticed_before_the_first_is_read() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "no header")?;
    let missing = folder.path().join("missing.csv");
    let mut reports = 0;
    match Log::read(&[bad, missing.clone()], &mut |_| reports += 1) {
        Err(LogError::Missing { file }) => assert_eq!(file, missing),
        other => panic!("{other:?}"),
    }
    assert_eq!(reports, 0);
    Ok(())
}

#[test]
fn a_mistake_in_the_second_file_is_of_that_file() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let [good, bad] = ["good.csv", "bad.csv"].map(|name| folder.path().join(name));
    std::fs::write(&good, csv(&[ROW, ROW]))?;
    std::fs::write(&bad, csv(&[ROW, "1,2,3"]))?;
    match Log::read(&[good, bad.clone()], &mut |_| ()) {
        Err(LogError::WrongFieldCount {
            file,
            line: 3,
            found: 3,
        }) => assert_eq!(file, bad),
        other => panic!("{other:?}"),
    }
    Ok(())
}

#[test]
fn nothing_in_a_file_is_empty_in_every_form() -> Result<(), Box<dyn Error>> {
    let (gzipped, xzipped) = (gzip(b""), xz(b""));
    for (name, bytes) in [
        ("log.csv", b"".as_slice()),
        ("blank.csv", b"\n\r\n"),
        ("log.csv.gz", b""),
        ("log.csv.xz", b""),
        ("packed.csv.gz", &gzipped),
        ("packed.csv.xz", &xzipped),
    ] {
        let result = read_as(name, bytes)?;
        assert!(
            matches!(result, Err(LogError::Empty { .. })),
            "{name}: {result:?}"
        );
    }
    Ok(())
}

#[test]
fn contents_must_fit_the_name() -> Result<(), Box<dyn Error>> {
    let text = csv(&[ROW]);
    let (gzipped, xzipped) = (gzip(text.as_bytes()), xz(text.as_bytes()));
    use Format::{Gzip, Plain, Xz};
    for (name, bytes, named, is) in [
        ("log.csv", gzipped.as_slice(), Plain, Gzip),
        ("log.csv", &xzipped, Plain, Xz),
        ("log.csv.gz", text.as_bytes(), Gzip, Plain),
        ("log.csv.gz", &xzipped, Gzip, Xz),
        ("log.csv.xz", text.as_bytes(), Xz, Plain),
        ("log.csv.xz", &gzipped, Xz, Gzip),
    ] {
        match read_as(name, bytes)? {
            Err(LogError::WrongFormat {
                expected, found, ..
            }) => assert_eq!((expected, found), (named, is), "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    Ok(())
}

#[test]
fn a_truncated_archive_is_reported_with_the_line_reached() -> Result<(), Box<dyn Error>> {
    let text = long_log();
    for (name, bytes) in [
        ("log.csv.gz", gzip(text.as_bytes())),
        ("log.csv.xz", xz(text.as_bytes())),
    ] {
        let half = bytes.len() / 2;
        for end in [1, 3, 5, 10, 20, half, bytes.len() - 9, bytes.len() - 1] {
            match read_as(name, &bytes[..end])? {
                Err(LogError::Truncated { line, .. }) if end == half => {
                    assert!((1_000..20_000).contains(&line), "{name}: line {line}");
                }
                Err(LogError::Truncated { line, .. }) => {
                    assert!((1..=20_002).contains(&line), "{name}: line {line}");
                }
                other => panic!("{name} up to {end}: {other:?}"),
            }
        }
    }
    Ok(())
}

#[test]
fn the_real_archive_cut_in_half_is_truncated() -> Result<(), Box<dyn Error>> {
    let Some(path) = data("online-retail.csv.xz") else {
        return Ok(());
    };
    let bytes = std::fs::read(path)?;
    match read_as("half.csv.xz", &bytes[..bytes.len() / 2])? {
        Err(LogError::Truncated { line, .. }) => {
            assert!((100_000..500_000).contains(&line), "line {line}");
        }
        other => panic!("{:?}", other.map(|log| log.rows)),
    }
    Ok(())
}

#[test]
fn a_damaged_archive_is_reported() -> Result<(), Box<dyn Error>> {
    let text = long_log();
    for (name, mut bytes) in [
        ("log.csv.gz", gzip(text.as_bytes())),
        ("log.csv.xz", xz(text.as_bytes())),
    ] {
        // The checksum of the contents sits in the last bytes of a gzip file; in an xz file the
        // middle is compressed data under a checksum of its own.
        let place = match name {
            "log.csv.gz" => bytes.len() - 6,
            _ => bytes.len() / 2,
        };
        bytes[place] ^= 0x55;
        match read_as(name, &bytes)? {
            Err(error @ LogError::Damaged { .. }) => {
                assert!(error.source().is_some(), "{name}");
            }
            // Where the damage makes rows of nonsense, these are found before the checksum is.
            Err(LogError::Malformed { .. } | LogError::WrongFieldCount { .. })
                if name == "log.csv.xz" => {}
            other => panic!("{name}: {:?}", other.map(|log| log.rows)),
        }
    }
    Ok(())
}

#[test]
fn trailing_bytes_after_an_archive_are_damage() -> Result<(), Box<dyn Error>> {
    for (name, mut bytes) in [
        ("log.csv.gz", gzip(csv(&[ROW]).as_bytes())),
        ("log.csv.xz", xz(csv(&[ROW]).as_bytes())),
    ] {
        bytes.extend_from_slice(b"and something else entirely");
        let result = read_as(name, &bytes)?;
        assert!(
            matches!(result, Err(LogError::Damaged { line: 3, .. })),
            "{name}: {result:?}"
        );
    }
    Ok(())
}

#[test]
fn messages_name_the_file_as_it_was_given() {
    let missing = Path::new("no/such/log.csv");
    let text = read_file(missing)
        .map(|log| log.rows)
        .map_err(|e| e.to_string());
    assert_eq!(text, Err("no/such/log.csv: no such file".to_owned()));
}
